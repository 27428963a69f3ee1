//! 字段表: every name a rule may use for data, what it means, its type, where it may stand, and the national columns it comes from.

use mingjian_engine::expr::Field;
use mingjian_engine::timeline::flag;

use crate::ast::Look;
use crate::types::Type;

/// A national table and column.
pub type Input = (&'static str, &'static str);

/// What a field compiles to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    Field(Field),
    Flag(u16),
    /// All charges of the visit.
    Charges,
    /// The age on the row's day.
    Age,
}

/// Where a field may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// With every source.
    Any,
    Lines,
    Settlements,
    Diagnoses,
    /// About the whole group.
    Group,
}

impl Place {
    pub fn fits(self, look: Look) -> bool {
        match self {
            Place::Any | Place::Group => true,
            Place::Lines => look.is_of_lines(),
            Place::Settlements => look == Look::Settlements,
            Place::Diagnoses => look == Look::Diagnoses,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Place::Any | Place::Group => "任何行",
            Place::Lines => "费用明细（lines、pairs）",
            Place::Settlements => "结算（settlements）",
            Place::Diagnoses => "诊断（diagnoses）",
        }
    }
}

#[derive(Debug)]
pub struct Spec {
    pub name: &'static str,
    pub title: &'static str,
    pub meaning: Meaning,
    pub ty: Type,
    /// Places after the point of the kernel's integer.
    pub scale: u8,
    pub place: Place,
    pub inputs: &'static [Input],
}

const fn f(name: &'static str, title: &'static str, field: Field, ty: Type, scale: u8, place: Place, inputs: &'static [Input]) -> Spec {
    Spec { name, title, meaning: Meaning::Field(field), ty, scale, place, inputs }
}

const fn flag(name: &'static str, title: &'static str, bit: u16, inputs: &'static [Input]) -> Spec {
    Spec { name, title, meaning: Meaning::Flag(bit), ty: Type::Bool, scale: 0, place: Place::Lines, inputs }
}

use Place::{Any, Diagnoses, Group, Lines, Settlements};

/// All fields.
pub static FIELDS: &[Spec] = &[
    // the line
    f("count", "数量", Field::Count, Type::Quantity, 4, Lines, &[("fee_list_d", "cnt")]),
    f("price", "单价", Field::Price, Type::Price, 6, Lines, &[("fee_list_d", "pric")]),
    f("amount", "金额", Field::Amount, Type::Money, 2, Lines, &[("fee_list_d", "det_item_fee_sumamt")]),
    f("scope", "符合范围金额", Field::Scope, Type::Money, 2, Lines, &[("fee_list_d", "inscp_amt")]),
    f("self_paid", "全自费", Field::SelfPaid, Type::Bool, 0, Lines, &[("fee_list_d", "fulamt_ownpay_amt")]),
    f("over_limit", "超限价自费", Field::OverLimit, Type::Money, 2, Lines, &[("fee_list_d", "overlmt_selfpay")]),
    f("price_cap", "明细上的定价上限", Field::PriceCap, Type::Price, 6, Lines, &[("fee_list_d", "pric_uplmt_amt")]),
    f("list_price", "目录限价", Field::ListPrice, Type::Price, 6, Lines, &[("hilist_price_b", "hilist_pric_uplmt_amt")]),
    f("time", "时间", Field::Time, Type::Moment, 0, Any, &[]),
    f("day", "日", Field::Day, Type::Day, 0, Any, &[]),
    f("has_clock", "有时刻", Field::HasClock, Type::Bool, 0, Any, &[]),
    f("supply_days", "供药天数", Field::SupplyDays, Type::Days, 0, Lines, &[("fee_list_d", "prd_days")]),
    f("route", "给药途径", Field::Route, Type::Text, 0, Lines, &[("fee_list_d", "medc_way_dscr")]),
    f("dept_class", "开单科室科别", Field::DeptClass, Type::Text, 0, Lines, &[("fee_list_d", "bilg_dept_codg"), ("medins_dept_b", "caty")]),
    f("prescription", "处方", Field::Prescription, Type::Prescription, 0, Lines, &[("fee_list_d", "rx_drord_no")]),
    f("hours_present", "当日在院小时数", Field::HoursPresent, Type::Hours, 0, Lines, &[("mdtrt_d", "begntime"), ("mdtrt_d", "endtime")]),
    f("session", "手术场次", Field::Session, Type::Session, 0, Lines, &[]),
    f("sessions_that_day", "当日手术场次数", Field::SessionsThatDay, Type::Number, 0, Lines, &[("setl_list_oprn_d", "oprn_oprt_begntime")]),
    f("nth_day", "组内第几个用药日", Field::NthDay, Type::Days, 0, Lines, &[]),
    f("since_last", "距上一个用药日的天数", Field::SinceLast, Type::Days, 0, Lines, &[]),
    flag("approved", "医院审批通过", flag::APPROVED, &[("fee_list_d", "hosp_appr_flag")]),
    flag("discharge_drug", "出院带药", flag::DISCHARGE_DRUG, &[("fee_list_d", "dscg_tkdrug_flag")]),
    flag("maternity_fee", "生育费用", flag::MATERNITY_FEE, &[("fee_list_d", "matn_fee_flag")]),
    flag("ill_formed_item", "项目编码为空或不成形", flag::ILL_FORMED_ITEM, &[]),
    flag("amount_mismatch", "单价乘数量与金额不符", flag::AMOUNT_MISMATCH, &[("fee_list_d", "pric")]),
    flag("orphan_reversal", "负数而没有原行", flag::ORPHAN_REVERSAL, &[("fee_list_d", "init_feedetl_sn")]),
    flag("after_upload", "晚于数据最新上传时间", flag::AFTER_UPLOAD, &[]),
    flag("no_time", "没有费用时间", flag::NO_TIME, &[]),
    flag("no_doctor", "没有开单医师", flag::NO_DOCTOR, &[("fee_list_d", "bilg_dr_code")]),
    // the item
    f("item", "项目", Field::Item, Type::Item, 0, Lines, &[]),
    f("generic", "通用名", Field::Generic, Type::Generic, 0, Lines, &[]),
    f("item_unit", "计价单位", Field::ItemUnit, Type::Text, 0, Lines, &[("hilist_b", "unit")]),
    f("drug", "西药或中成药", Field::Drug, Type::Bool, 0, Lines, &[]),
    f("herb", "中药饮片", Field::Herb, Type::Bool, 0, Lines, &[]),
    f("material", "医用耗材", Field::Material, Type::Bool, 0, Lines, &[]),
    f("service", "医疗服务项目", Field::Service, Type::Bool, 0, Lines, &[]),
    f("charge_type", "收费类别", Field::ChargeType, Type::ChargeCode, 0, Lines, &[("hilist_b", "med_chrgitm_type")]),
    // the visit
    f("visit", "就诊", Field::Visit, Type::Visit, 0, Any, &[]),
    f("care", "就医方式", Field::Care, Type::Care, 0, Any, &[("mdtrt_d", "med_type")]),
    f("med_type", "医疗类别", Field::MedType, Type::MedCode, 0, Any, &[("mdtrt_d", "med_type")]),
    f("insurance", "险种", Field::Insurance, Type::Insurance, 0, Any, &[("mdtrt_d", "insutype")]),
    f("level", "机构等级", Field::Level, Type::Level, 0, Any, &[("mdtrt_d", "hosp_lv")]),
    f("unlevelled", "未定级", Field::Unlevelled, Type::Bool, 0, Any, &[("mdtrt_d", "hosp_lv")]),
    f("pharmacy", "零售药店", Field::Pharmacy, Type::Bool, 0, Any, &[("fixmedins_b", "fixmedins_type")]),
    f("institution", "机构", Field::Institution, Type::Institution, 0, Any, &[]),
    f("begin", "开始时间", Field::Begin, Type::Moment, 0, Any, &[("mdtrt_d", "begntime")]),
    f("end", "结束时间", Field::End, Type::Moment, 0, Any, &[("mdtrt_d", "endtime")]),
    f("begin_day", "开始日", Field::BeginDay, Type::Day, 0, Any, &[("mdtrt_d", "begntime")]),
    f("end_day", "结束日", Field::EndDay, Type::Day, 0, Any, &[("mdtrt_d", "endtime")]),
    f("stay_days", "住院天数", Field::StayDays, Type::Days, 0, Any, &[("mdtrt_d", "begntime"), ("mdtrt_d", "endtime")]),
    f(
        "main_dx3",
        "主诊断前三位",
        Field::MainDx3,
        Type::Category,
        0,
        Any,
        &[("setl_list_diag_d", "diag_code"), ("setl_list_diag_d", "maindiag_flag")],
    ),
    f("discharge_way", "离院方式", Field::DischargeWay, Type::DischargeWay, 0, Any, &[("mdtrt_d", "dscg_way")]),
    f("operations", "手术数", Field::Operations, Type::Number, 0, Any, &[("setl_list_oprn_d", "oprn_oprt_code")]),
    f("registered", "有有效的门慢特登记", Field::Registered, Type::Bool, 0, Any, &[("opsp_reg_d", "begndate")]),
    Spec {
        name: "charges",
        title: "总费用",
        meaning: Meaning::Charges,
        ty: Type::Money,
        scale: 2,
        place: Any,
        inputs: &[("fee_list_d", "det_item_fee_sumamt")],
    },
    // the settlement
    f("settlement", "结算", Field::Settlement, Type::Settlement, 0, Any, &[]),
    f(
        "inside_other_stay",
        "结算日落在另一机构的住院之间",
        Field::InsideOtherStay,
        Type::Bool,
        0,
        Settlements,
        &[("mdtrt_d", "begntime"), ("mdtrt_d", "endtime")],
    ),
    // the diagnosis
    f("code", "诊断编码", Field::Code, Type::Diagnosis, 0, Diagnoses, &[("setl_list_diag_d", "diag_code")]),
    // the person
    f("sex", "性别", Field::Sex, Type::Sex, 0, Any, &[("psn_info_b", "gend")]),
    Spec { name: "age", title: "年龄", meaning: Meaning::Age, ty: Type::Age, scale: 0, place: Any, inputs: &[("psn_info_b", "brdy")] },
    f("birth", "出生日期", Field::Birth, Type::Day, 0, Any, &[("psn_info_b", "brdy")]),
    f("death_day", "死亡日期", Field::DeathDay, Type::Day, 0, Any, &[("death_list", "die_date")]),
    // the group
    f("first_day", "组内第一日", Field::FirstDay, Type::Day, 0, Group, &[]),
    f("last_day", "组内最后一日", Field::LastDay, Type::Day, 0, Group, &[]),
    f("chain_days", "接续供药天数合计", Field::ChainDays, Type::Days, 0, Group, &[("fee_list_d", "prd_days")]),
];

/// A field by its name.
pub fn field(name: &str) -> Option<&'static Spec> {
    FIELDS.iter().find(|spec| spec.name == name)
}

/// Other places that hold the same fact: a rule is judged when any of them was supplied.
///
/// ```
/// assert_eq!(mingjian_rules::alternatives("psn_info_b", "gend"), [("mdtrt_d", "gend"), ("setl_d", "gend")]);
/// ```
pub fn alternatives(table: &str, column: &str) -> &'static [Input] {
    match (table, column) {
        ("psn_info_b", "gend") => &[("mdtrt_d", "gend"), ("setl_d", "gend")],
        ("psn_info_b", "brdy") => &[("mdtrt_d", "brdy"), ("setl_d", "brdy")],
        ("mdtrt_d", "hosp_lv") => &[("fixmedins_b", "hosp_lv"), ("setl_d", "hosp_lv")],
        ("mdtrt_d", "insutype") => &[("setl_d", "insutype")],
        ("mdtrt_d", "med_type") => &[("setl_d", "med_type")],
        ("fee_list_d", "prd_days") => &[("fee_list_d", "sin_dos_dscr")],
        ("hilist_price_b", "hilist_pric_uplmt_amt") => &[("fee_list_d", "pric_uplmt_amt")],
        ("fee_list_d", "pric_uplmt_amt") => &[("hilist_price_b", "hilist_pric_uplmt_amt")],
        ("setl_list_diag_d", "diag_code" | "maindiag_flag") => &[("mdtrt_d", "dscg_maindiag_code")],
        ("hilist_b", "med_chrgitm_type") => &[("fee_list_d", "med_chrgitm_type")],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_stands_in_the_language_page() {
        let page = include_str!("../../../docs/rule-language.md");
        let words: Vec<&str> = page.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
        let missing: Vec<&str> = FIELDS.iter().map(|spec| spec.name).filter(|name| !words.contains(name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn inputs_are_national_columns_and_names_unique() {
        for (i, spec) in FIELDS.iter().enumerate() {
            assert!(FIELDS[..i].iter().all(|other| other.name != spec.name), "{}", spec.name);
            for (table, column) in spec.inputs.iter().copied().chain(spec.inputs.iter().flat_map(|(t, c)| alternatives(t, c)).copied()) {
                let found = mingjian_model::schema::table(table).and_then(|table| table.column(column));
                assert!(found.is_some(), "{}: {table}.{column}", spec.name);
            }
        }
    }
}
