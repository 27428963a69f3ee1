//! The list of scenarios, who can host them, and when they happen.

use crate::City;
use crate::rng::Rng;
use crate::truth::Scenario;
use mingjian_model::day::{self, Day};

const fn act(name: &'static str, rule: &'static str, rate: u32, note: &'static str) -> Scenario {
    Scenario { name, legal: false, rule, in_library: true, rate, persons: 1, days: 28, note }
}

/// A model or rule of a later library.
const fn later(name: &'static str, rule: &'static str, rate: u32, note: &'static str) -> Scenario {
    Scenario { in_library: false, ..act(name, rule, rate, note) }
}

/// A lawful look-alike.
const fn legal(name: &'static str, rule: &'static str, rate: u32, note: &'static str) -> Scenario {
    Scenario { legal: true, ..act(name, rule, rate, note) }
}

const fn group(scenario: Scenario, persons: usize) -> Scenario {
    Scenario { persons, ..scenario }
}

const fn needing(scenario: Scenario, days: i32) -> Scenario {
    Scenario { days, ..scenario }
}

/// Every scenario. `rate` is acts a year and 100,000 persons.
pub const SCENARIOS: &[Scenario] = &[
    // Attributes of a line.
    act("work_injury_drug", "N001", 220, "职工医保使用限工伤保险药品"),
    act("maternity_drug", "N002", 160, "非生育就医使用限生育保险药品"),
    act("single_herbs", "N004", 220, "处方全部为单方不予支付饮片"),
    act("child_limited_drug_for_adult", "N007", 220, "成人使用限儿童药品"),
    act("oversupply", "N009", 300, "普通门诊开药超过7天"),
    act("drug_above_level", "N012", 260, "一级机构使用限二级药品"),
    act("inpatient_drug_outpatient", "N013", 220, "门诊使用限住院药品"),
    act("price_above_cap", "N014", 520, "收费高于限价"),
    act("newborn_item_for_child", "N018", 160, "新生儿项目用于大龄儿童"),
    act("item_in_wrong_department", "N021", 160, "项目在非限定科室开展"),
    act("age_limited_item", "N029", 160, "职业功能训练用于法定就业年龄以外"),
    act("broken_line", "N036", 300, "明细信息异常"),
    act("seven_drugs", "N046", 260, "一张处方超过5种药"),
    act("diagnosis_of_other_sex", "N054", 260, "诊断与性别不符"),
    act("child_drug_for_adult", "N065", 360, "成人使用儿童专用药"),
    act("adult_drug_for_child", "N066", 220, "儿童使用禁用药品"),
    act("drug_of_other_sex", "N067", 420, "药品与性别不符"),
    act("same_drug_twice", "N069", 300, "供药重叠超过7天"),
    act("incompatible_herbs", "N075", 220, "饮片配伍禁忌"),
    act("child_item_for_adult", "N080", 220, "儿童专用项目用于成人"),
    act("item_of_other_sex", "N081", 320, "项目与性别不符"),
    act("hba1c_again", "N031", 320, "糖化血红蛋白15天内重复"),
    act("duplicate_day", "N025", 380, "单日：粪便常规与粪寄生虫镜检"),
    // Stays.
    act("course_too_long", "N010", 220, "疗程药品超过限定天数"),
    act("two_operations_full_price", "N015", 260, "同组第二手术未折价"),
    act("rehab_course_too_long", "N023", 120, "减重支持系统训练超过30天"),
    act("duplicate_hour", "N025", 320, "同一小时：有创血压监测与心电监测"),
    act("duplicate_six_hours", "N025", 160, "6小时：接生与胎心监测"),
    act("duplicate_rescue_day", "N025", 320, "单日：大抢救与中抢救"),
    act("duplicate_visit", "N025", 160, "单次就诊：甲状腺癌扩大根治术与甲状腺次全切除术"),
    act("split_bundle", "N026", 320, "组套拆分收费"),
    act("monitor_27_hours", "N027", 1_300, "心电监测一日27小时"),
    act("nursing_twice_a_day", "N027", 1_300, "同级护理一日两次"),
    act("bed_twice_a_day", "N027", 900, "床位费、诊查费一日两次"),
    act("item_above_cap", "N028", 160, "项目超限定报销总额"),
    act("fees_after_discharge", "N042", 420, "出院后仍计费"),
    act("split_stay", "N049", 420, "分解住院"),
    act("frequent_admission", "N052", 120, "90天4次住院"),
    act("needless_admission", "N053", 320, "低标准入院"),
    act("stent_without_procedure", "N084", 220, "耗材无对应手术"),
    act("bought_while_in_hospital", "M17", 420, "住院期间院外购药"),
    // Visits.
    act("five_visits_a_day", "N050", 260, "一日多次门诊"),
    act("three_purchases_a_day", "N051", 260, "一日多次购药"),
    act("used_after_death", "M18", 60, "死亡后就医"),
    // Groups, institutions, trace codes.
    group(act("sold_more_than_bought", "N043", 60, "销售大于进货"), 6),
    group(act("never_bought", "N043", 40, "从未采购"), 3),
    group(act("trace_code_sold_again", "T1", 40, "同一追溯码在一店销售9次"), 9),
    group(act("trace_code_sold_twice", "T1", 40, "同一追溯码两次销售（观察）"), 2),
    group(act("trace_code_sold_elsewhere", "T2", 60, "同一追溯码两地销售"), 2),
    group(act("trace_code_unknown", "T4", 60, "追溯码无入库记录"), 2),
    needing(group(act("december_surge", "M16", 2, "年底突击刷卡"), 70), 360),
    group(act("beds_over_capacity", "M19", 4, "占床超核定床位"), 14),
    group(act("doctor_overload", "M20", 1, "医师单日超150人次"), 160),
    group(act("doctor_in_two_places", "M20", 60, "医师同一分钟两地执业"), 2),
    // Kinds a later library will see.
    later("excluded_herb", "N003", 160, "单复方均不予支付饮片纳入支付"),
    group(later("joint_admissions", "M3", 6, "结伴住院：6人3次同日入院"), 6),
    group(later("gathered_cards", "M4", 10, "集中刷卡：多人多日同店数分钟内结算"), 8),
    group(later("small_equal_amounts", "M9", 8, "同单位同日等额小额结算"), 10),
    later("checkup_stay", "M6", 120, "体检式住院"),
    later("hanging_bed", "M2", 160, "挂床住院：只有床位护理无治疗"),
    group(later("package_of_goods", "M12", 8, "药店套餐：多人反复购买同一组合"), 8),
    later("drug_resale", "M10", 60, "多店大量购同一药品"),
    later("third_party_liability", "M26", 120, "第三方责任未扣除"),
    needing(later("old_age_home_in_hospital", "M30", 30, "以医代养：长期低强度住院"), 300),
    later("suspended_doctor", "A2", 60, "暂停执业医师开单"),
    later("restricted_person", "A3", 60, "暂停待遇人员结算"),
    later("chronic_without_registration", "N011", 160, "虚假门特：无登记使用门慢特"),
    later("drug_above_standard", "药价", 160, "药价高于支付标准"),
    later("needless_tests", "N078", 160, "无指征检验：感冒查全套肿瘤标志物"),
    later("operation_without_record", "N038", 120, "虚构手术：有手术费无手术记录"),
    later("two_places_at_once", "M17b", 120, "异地同时就医：十分钟内两地结算（冒名）"),
    later("swapped_goods", "T5", 120, "串换：追溯码标识与结算药品不符"),
    group(later("trace_code_two_cities", "T3", 40, "同一追溯码3天内两地销售"), 2),
    group(later("free_bed_campaign", "M3", 4, "诱导住院：同单位多人同日轻症入院"), 8),
    later("upcoded_diagnosis", "M21", 160, "高套编码：重症诊断无对应治疗"),
    // Lawful look-alikes.
    legal("planned_chemotherapy", "N049", 160, "计划化疗周期"),
    legal("transfer_and_back", "N049", 120, "转院后转回"),
    legal("readmitted_for_another_disease", "N049", 160, "因不同疾病再次入院"),
    legal("discharge_drugs", "N042", 220, "出院带药"),
    group(legal("family_together", "M4", 60, "一家人同时购药"), 3),
    legal("approved_cross_sex_use", "N067", 160, "专家认可的跨性别用药"),
    legal("hospital_approved_cross_sex_use", "N067", 120, "医院审批通过的跨性别用药"),
    legal("refund_cancels_duplicate", "N031", 220, "退费冲销重复项目"),
    legal("self_paid_line", "N065", 220, "自费使用儿童药"),
    legal("child_under_eighteen", "N065", 120, "未满18岁使用儿童药"),
    legal("hba1c_after_sixteen_days", "N031", 160, "间隔16天的糖化血红蛋白"),
    legal("full_day_monitoring", "N027", 160, "整日24小时监测"),
    legal("nursing_half_days", "N027", 120, "转科当日两级护理各半日"),
    legal("one_large_pack", "N009", 160, "一个最小包装超过7天"),
    legal("refunded_violation", "N067", 160, "全额退费的不符用药"),
    legal("second_operation_discounted", "N015", 120, "第二手术按规定折价"),
    legal("rebilled_after_refund", "T1", 40, "退费后重新结算同一追溯码"),
    group(legal("first_month_without_count", "N043", 3, "新接入机构首月无盘存"), 4),
    legal("compound_with_listed_herbs", "N004", 160, "复方含单方不付饮片"),
    legal("woman_with_womens_drug", "N067", 160, "女性使用女性药品"),
    legal("dialysis_regular", "N050", 20, "透析患者规律就诊"),
    legal("acupuncture_course", "N050", 60, "针灸疗程一月22次"),
    legal("emergency_three_days", "N009", 120, "急诊三日量"),
];

/// Sex (0 both) and ages of the hosts.
pub(super) fn host(name: &str) -> (u8, i32, i32) {
    match name {
        "maternity_drug" => (2, 25, 60),
        "newborn_item_for_child" => (0, 2, 6),
        "age_limited_item" => (0, 66, 90),
        "adult_drug_for_child" => (0, 5, 12),
        "drug_of_other_sex" | "item_of_other_sex" | "diagnosis_of_other_sex" => (0, 25, 70),
        "approved_cross_sex_use" | "hospital_approved_cross_sex_use" | "refunded_violation" => (1, 30, 70),
        "woman_with_womens_drug" => (2, 22, 60),
        "child_under_eighteen" => (0, 16, 17),
        "duplicate_six_hours" => (2, 22, 38),
        "two_operations_full_price" | "second_operation_discounted" => (0, 25, 70),
        "needless_admission" | "checkup_stay" | "hanging_bed" => (0, 25, 75),
        "old_age_home_in_hospital" => (0, 55, 95),
        "planned_chemotherapy" => (0, 30, 85),
        "free_bed_campaign" => (0, 30, 75),
        "december_surge" | "doctor_overload" => (0, 19, 100),
        "stent_without_procedure" | "upcoded_diagnosis" => (0, 46, 90),
        "used_after_death" => (0, 0, 120),
        "dialysis_regular" => (0, 30, 80),
        "beds_over_capacity" | "joint_admissions" => (0, 46, 95),
        "third_party_liability" => (0, 60, 90),
        _ => (0, 46, 80),
    }
}

/// Days at the beginning of the period an act keeps free: the first month's sales come from the opening count, and trace
/// codes are judged thirty days after the first inbound report, which a pharmacy with little trade makes late.
pub(super) fn lead(name: &str, days: Day) -> Day {
    match name {
        "trace_code_unknown" => (days * 2 / 3).max(33),
        "sold_more_than_bought" | "never_bought" | "used_after_death" | "first_month_without_count" => 33,
        name if name.starts_with("trace_code") => 33,
        _ => 3,
    }
}

/// The day the act begins.
pub(super) fn day(scenario: &Scenario, city: &City, span: Day, rng: &mut Rng) -> Day {
    let calendar = &city.calendar;
    let lead = lead(scenario.name, calendar.days());
    match scenario.name {
        "december_surge" => {
            // The first of December of the period.
            (0..calendar.months.len() - 1).map(|i| calendar.months[i]).find(|first| day::to_ymd(*first).1 == 12).unwrap_or(calendar.from)
        }
        "first_month_without_count" => {
            // The middle of a later month.
            calendar.months[(1 + rng.below(calendar.months.len() - 2)).min(calendar.months.len() - 2)] + 12
        }
        "age_limited_item" | "child_under_eighteen" => calendar.from + 10 + rng.below((calendar.days() / 2) as usize) as Day,
        _ => {
            let room = calendar.days() - lead - span - 8;
            calendar.open_day(calendar.from + lead + rng.below(room.max(1) as usize) as Day)
        }
    }
}
