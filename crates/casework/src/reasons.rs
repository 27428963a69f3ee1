//! Reason codes (理由代码): short lists both sides choose from; free text comes beside them.

use serde::Serialize;

/// A reason one can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reason {
    pub code: &'static str,
    pub title: &'static str,
}

const fn reason(code: &'static str, title: &'static str) -> Reason {
    Reason { code, title }
}

/// 初审排除.
pub const DROP: &[Reason] = &[
    reason("data", "数据或编码错误"),
    reason("exception", "属规则写明的例外"),
    reason("clinical", "病情需要，临床合理"),
    reason("policy", "政策允许"),
    reason("duplicate", "已在其他线索中办理"),
    reason("small", "金额轻微，不予处理"),
    reason("other", "其他"),
];

/// 撤回 of a lead that was told, 退回, 召回.
pub const WITHDRAW: &[Reason] = &[
    reason("rule", "规则有误"),
    reason("data", "数据或编码错误"),
    reason("gone", "重新筛查后疑点消失"),
    reason("duplicate", "已在其他线索中办理"),
    reason("jurisdiction", "不归本区管辖"),
    reason("case", "转入案件办理"),
    reason("other", "其他"),
];

/// An institution's grounds against a finding.
pub const APPEAL: &[Reason] = &[
    reason("clinical", "病情需要，有病历支持"),
    reason("emergency", "急诊、抢救"),
    reason("distinct", "不同部位、不同时段、不同项目"),
    reason("policy", "政策或批复允许"),
    reason("price", "按备案价格或协议价格收取"),
    reason("data", "上传数据或对码错误，实际无误"),
    reason("refunded", "已退费或未进入基金结算"),
    reason("other", "其他"),
];

/// 暂停计时.
pub const PAUSE: &[Reason] = &[
    reason("expert", "专家评审、鉴定"),
    reason("records", "等待调阅病历或外部协查"),
    reason("force", "不可抗力"),
    reason("other", "其他"),
];

/// 暂缓.
pub const PUT_OFF: &[Reason] = &[
    reason("records", "等待调阅病历或外部协查"),
    reason("expert", "等待专家意见"),
    reason("policy", "等待政策答复"),
    reason("later", "与后续月份的数据一并核查"),
    reason("other", "其他"),
];

/// 延期.
pub const EXTEND: &[Reason] = &[
    reason("many", "疑点多，机构需要更多时间"),
    reason("records", "病历调阅需要时间"),
    reason("staff", "人员不足"),
    reason("other", "其他"),
];

/// 更正决定.
pub const CORRECT: &[Reason] = &[
    reason("remedy", "复议、诉讼或仲裁改变"),
    reason("objection", "机构提出，经核实"),
    reason("superior", "上级或内部检查要求"),
    reason("data", "数据或编码错误"),
    reason("rule", "规则有误"),
    reason("twice", "同一笔钱已在别处收回或已退费"),
    reason("other", "其他"),
];

/// 回避.
pub const RECUSE: &[Reason] = &[
    reason("work", "与该机构有聘用或协作关系"),
    reason("kin", "与当事人有亲属或利害关系"),
    reason("took_part", "参与过本件的诊疗或办理"),
    reason("other", "其他"),
];

/// Whether a dropped or withdrawn finding speaks against its rule.
pub(crate) fn tells_of_the_rule(code: &str) -> bool {
    !matches!(code, "duplicate" | "small" | "jurisdiction" | "case" | "gone" | "twice")
}

/// The title of a code in a list.
pub fn title(list: &[Reason], code: &str) -> Option<&'static str> {
    list.iter().find(|reason| reason.code == code).map(|reason| reason.title)
}
