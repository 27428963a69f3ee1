//! A request in neutral form: what 3101 and 3102 say, whatever the vendor's dialect. Made by the boundary, which knows JSON.

use mingjian_engine::program::stage;
use mingjian_model::day::{Day, Moment};

/// 触发场景 (trig_scen).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scene {
    /// 1 门诊挂号
    Registration,
    /// 2 门诊收费登记
    OutpatientCharge,
    /// 3 住院登记
    Admission,
    /// 4 住院收费登记
    InpatientCharge,
    /// 5 住院执行医嘱
    InpatientOrder,
    /// 6 门诊结算
    OutpatientSettlement,
    /// 7 门诊预结算
    OutpatientTrial,
    /// 8 住院结算
    InpatientSettlement,
    /// 9 住院预结算
    InpatientTrial,
}

impl Scene {
    pub const ALL: [(Scene, char, &'static str); 9] = [
        (Scene::Registration, '1', "门诊挂号"),
        (Scene::OutpatientCharge, '2', "门诊收费登记"),
        (Scene::Admission, '3', "住院登记"),
        (Scene::InpatientCharge, '4', "住院收费登记"),
        (Scene::InpatientOrder, '5', "住院执行医嘱"),
        (Scene::OutpatientSettlement, '6', "门诊结算"),
        (Scene::OutpatientTrial, '7', "门诊预结算"),
        (Scene::InpatientSettlement, '8', "住院结算"),
        (Scene::InpatientTrial, '9', "住院预结算"),
    ];

    /// From trig_scen. A city that writes several digits (`23`) means the last of them.
    pub fn parse(text: &str) -> Option<Scene> {
        let last = text.trim().chars().next_back()?;
        Scene::ALL.iter().find(|(_, digit, _)| *digit == last).map(|(scene, _, _)| *scene)
    }

    /// 1–5 are before the event, 6–9 during it: a bit of [`stage`].
    pub fn stage(self) -> u8 {
        use Scene::*;
        match self {
            Registration | OutpatientCharge | Admission | InpatientCharge | InpatientOrder => stage::BEFORE,
            OutpatientSettlement | OutpatientTrial | InpatientSettlement | InpatientTrial => stage::DURING,
        }
    }

    pub fn title(self) -> &'static str {
        Scene::ALL.iter().find(|(scene, _, _)| *scene == self).map_or("", |(_, _, title)| title)
    }
}

/// One call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// Which rules are asked: a bit of [`stage`].
    pub stage: u8,
    /// Rules asked by id or national code; empty: all of the stage.
    pub rule_ids: Vec<String>,
    /// The institution that calls.
    pub institution: String,
    pub patients: Vec<Patient>,
}

/// 患者
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Patient {
    /// patn_id: the person's psn_no.
    pub id: String,
    pub sex: u8,
    pub birth: Option<Day>,
    /// Empty: the only encounter, else the one that has lines in hand.
    pub current_visit: String,
    pub encounters: Vec<Encounter>,
}

/// 就诊, the current one or an earlier one the hospital adds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Encounter {
    pub id: String,
    pub institution: String,
    pub institution_name: String,
    pub level: String,
    pub med_type: String,
    pub insutype: String,
    pub begin: Option<Moment>,
    /// `None`, or not before now: still open.
    pub end: Option<Moment>,
    pub main_dx: String,
    pub doctor: String,
    pub department: String,
    pub diagnoses: Vec<Diagnosis>,
    pub operations: Vec<Operation>,
    pub orders: Vec<Order>,
}

/// 诊断
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diagnosis {
    pub id: String,
    pub code: String,
    pub main: bool,
}

/// 手术操作
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Operation {
    pub code: String,
    pub begin: Option<Moment>,
}

/// 医嘱或费用行. Count in 1/10,000, price in 1/1,000,000 yuan, money in fen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Order {
    /// rx_id
    pub id: String,
    pub prescription: String,
    pub item: String,
    pub item_name: String,
    pub time: Option<Moment>,
    pub count: i64,
    pub price: Option<i64>,
    pub amount: Option<i64>,
    /// ownpay_amt 全自费
    pub own: i64,
    /// selfpay_amt 自付 (over the limit, or borne first): in no case at the fund's risk.
    pub self_paid: i64,
    pub doctor: String,
    pub department: String,
    pub discharge_drug: bool,
    /// curr_drord_flag: ordered now. `None`: not said.
    pub current: Option<bool>,
}
