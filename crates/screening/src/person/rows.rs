//! One person's facts as national rows. Empty texts and `None` mean 'not stated', as empty cells do in the lake.

use mingjian_model::day::{Day, Moment};

use crate::load::visits;

/// A person and everything known of them. Order does not matter; `visit` fields point into `visits`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PersonRows<'a> {
    pub psn_no: &'a str,
    /// [`sex_of`] gend.
    pub sex: u8,
    pub birth: Option<Day>,
    /// The day of death, as far as it is known beside the civil list.
    pub died: Option<Day>,
    pub registrations: Vec<RegistrationRow>,
    pub visits: Vec<VisitRow<'a>>,
    pub settlements: Vec<SettlementRow<'a>>,
    pub diagnoses: Vec<DiagnosisRow<'a>>,
    pub operations: Vec<OperationRow<'a>>,
    pub lines: Vec<LineRow<'a>>,
}

/// 门慢特登记
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistrationRow {
    pub begin: Option<Day>,
    pub end: Option<Day>,
}

/// 就诊; texts as in mdtrt_d.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VisitRow<'a> {
    pub id: &'a str,
    pub institution: &'a str,
    /// For texts, where the institution list does not know it.
    pub institution_name: &'a str,
    pub med_type: &'a str,
    pub insutype: &'a str,
    pub hosp_lv: &'a str,
    pub dscg_way: &'a str,
    pub main_dx: &'a str,
    pub referred_from: &'a str,
    pub begin: Option<Moment>,
    /// `None` while the stay is open.
    pub end: Option<Moment>,
    pub told_by: ToldBy,
}

/// Which rows tell of a visit. Only who lays rows over others asks ([`crate::person::read_brought`]).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ToldBy {
    /// A row of its own.
    #[default]
    Itself,
    /// Settlements or lines: the visit's own row, wherever it is, knows better.
    Money,
    /// Diagnoses or operations: without another row it is no visit.
    Clinical,
}

/// 结算; money in fen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SettlementRow<'a> {
    pub visit: usize,
    pub id: &'a str,
    pub time: Moment,
    /// refd_setl_flag 1
    pub refunded: bool,
    /// init_setl_id: the settlement this one takes back; both leave the screening.
    pub takes_back: &'a str,
    pub medfee: i64,
    pub scope: i64,
    pub fund: i64,
    /// acct_pay + acct_mulaid_pay
    pub account: i64,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct DiagnosisRow<'a> {
    pub visit: usize,
    pub id: &'a str,
    pub code: &'a str,
    pub main: bool,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct OperationRow<'a> {
    pub visit: usize,
    pub code: &'a str,
    pub begin: Moment,
    pub end: Option<Moment>,
}

/// 费用明细. Count in 1/10,000, prices in 1/1,000,000 yuan, money in fen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LineRow<'a> {
    pub visit: usize,
    /// bkkp_sn, unique in the visit.
    pub id: &'a str,
    pub item: &'a str,
    /// For texts, where the catalogue does not know it.
    pub item_name: &'a str,
    pub time: Moment,
    pub count: i64,
    pub price: i64,
    pub amount: i64,
    /// inscp_amt
    pub scope: i64,
    /// fulamt_ownpay_amt
    pub own: i64,
    pub over_limit: i64,
    pub price_cap: i64,
    /// Empty: the visit's newest that stands.
    pub settlement: &'a str,
    pub prescription: &'a str,
    /// init_feedetl_sn
    pub origin: &'a str,
    pub discharge_drug: bool,
    pub maternity_fee: bool,
    pub approved: bool,
    /// `None`: the source does not say who ordered; empty: it should and does not.
    pub doctor: Option<&'a str>,
    pub department: &'a str,
    pub dose: &'a str,
    pub frequency: &'a str,
    pub stated_days: i64,
    pub route: &'a str,
}

/// gend: 1 男, 2 女, else unknown (0).
pub fn sex_of(gend: &str) -> u8 {
    visits::sex_of(gend)
}
