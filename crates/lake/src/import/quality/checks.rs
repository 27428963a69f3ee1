//! 检查项: what is looked at, in which table, and what a failure means.

/// A check of the quality report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    FeeSplit,
    FundSplit,
    PaymentSplit,
    LinesSum,
    LineAmount,
    LineVisit,
    LineSettlement,
    SettlementVisit,
    SettlementLines,
    Refund,
    EmptyItem,
    ItemShape,
    ItemUnknown,
    InstitutionShape,
    DoctorShape,
    DiagnosisShape,
    OperationShape,
    CertificateShape,
    Late,
    Future,
}

/// All checks; a check's place here is its number.
pub const CHECKS: &[Check] = &[
    Check::FeeSplit,
    Check::FundSplit,
    Check::PaymentSplit,
    Check::LinesSum,
    Check::LineAmount,
    Check::LineVisit,
    Check::LineSettlement,
    Check::SettlementVisit,
    Check::SettlementLines,
    Check::Refund,
    Check::EmptyItem,
    Check::ItemShape,
    Check::ItemUnknown,
    Check::InstitutionShape,
    Check::DoctorShape,
    Check::DiagnosisShape,
    Check::OperationShape,
    Check::CertificateShape,
    Check::Late,
    Check::Future,
];

/// Days after which an upload counts as late.
pub(crate) const LATE_DAYS: i64 = 30;
/// The most by which the parts of a sum may differ from it, in fen.
pub(crate) const TOLERANCE_FEN: i64 = 2;

impl Check {
    /// What a user reads.
    pub fn title(self) -> &'static str {
        match self {
            Check::FeeSplit => "费用分解不平",
            Check::FundSplit => "基金分解不平",
            Check::PaymentSplit => "支付分解不平",
            Check::LinesSum => "明细合计与结算不符",
            Check::LineAmount => "单价×数量与金额不符",
            Check::LineVisit => "明细找不到就诊",
            Check::LineSettlement => "明细找不到结算",
            Check::SettlementVisit => "结算找不到就诊",
            Check::SettlementLines => "结算没有明细",
            Check::Refund => "冲销找不到原费用",
            Check::EmptyItem => "医保目录编码为空",
            Check::ItemShape => "医保目录编码不合规则",
            Check::ItemUnknown => "医保目录编码不在目录中",
            Check::InstitutionShape => "机构编码不合规则",
            Check::DoctorShape => "医师编码不合规则",
            Check::DiagnosisShape => "诊断编码不合规则",
            Check::OperationShape => "手术编码不合规则",
            Check::CertificateShape => "身份证号校验不通过",
            Check::Late => "上传滞后",
            Check::Future => "费用时间晚于上传时间",
        }
    }

    /// The national table whose rows are counted.
    pub fn table(self) -> &'static str {
        match self {
            Check::FeeSplit | Check::FundSplit | Check::PaymentSplit | Check::LinesSum => "setl_d",
            Check::SettlementVisit | Check::SettlementLines | Check::CertificateShape | Check::InstitutionShape => "setl_d",
            Check::DiagnosisShape => "setl_list_diag_d",
            Check::OperationShape => "setl_list_oprn_d",
            _ => "fee_list_d",
        }
    }

    /// What holds where nothing is wrong.
    pub fn detail(self) -> &'static str {
        match self {
            Check::FeeSplit => "医疗费用总额 = 全自费 + 超限价自费 + 先行自付 + 符合范围，相差不超过 0.02 元",
            Check::FundSplit => "基金支付总额 = 统筹 + 公务员 + 企业补充 + 居民大病 + 职工大额 + 伤残 + 救助 + 其他，相差不超过 0.02 元",
            Check::PaymentSplit => "医疗费用总额 = 基金支付总额 + 个人账户 + 账户共济 + 现金 + 医院负担，相差不超过 0.02 元",
            Check::LinesSum => "一次结算的全部明细（含冲销）金额之和 = 医疗费用总额，相差不超过 0.02 元",
            Check::LineAmount => "单价 × 数量 = 金额，相差不超过 0.01 元",
            Check::LineVisit => "明细的就诊ID在就诊表中",
            Check::LineSettlement => "明细的结算ID不空且在结算表中",
            Check::SettlementVisit => "结算的就诊ID在就诊表中",
            Check::SettlementLines => "每次结算都有费用明细",
            Check::Refund => "数量为负的明细，其原费用流水号是同次就诊的一条明细",
            Check::EmptyItem => "每条明细都有医疗目录编码",
            Check::ItemShape => "西药 X 开头 23 位、中成药 Z 开头 20 位、饮片 T 加 9 位、耗材 C 开头 15、20 或 27 位、服务项目 15 位数字",
            Check::ItemUnknown => "编码在已导入的医保目录（hilist_b）中",
            Check::InstitutionShape => "医疗机构 H、零售药店 P 加 11 位数字",
            Check::DoctorShape => "医师 D、护士 N 加 12 位数字，药师和技师 HY、HJ 加 12 位数字",
            Check::DiagnosisShape => "医保版 ICD-10（或中医病证）编码",
            Check::OperationShape => "医保版 ICD-9-CM-3 编码",
            Check::CertificateShape => "居民身份证 18 位且校验码相符",
            Check::Late => "费用发生后 30 天内上传（创建时间）",
            Check::Future => "费用发生时间不晚于创建时间",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_stands_at_its_number() {
        for (number, check) in CHECKS.iter().enumerate() {
            assert_eq!(*check as usize, number);
            assert!(mingjian_model::schema::table(check.table()).is_some());
        }
    }
}
