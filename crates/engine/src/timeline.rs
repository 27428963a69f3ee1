//! 时间线: what the kernel reads. Whole persons, each a contiguous run of visits, each visit a contiguous run of lines.
//!
//! Order: persons in any order; a person's visits by begin; a visit's lines by time. Ids (`item`, `institution`, `code`)
//! are those a [`crate::Worker`] gave out; only their equality means anything.

use std::ops::Range;

use mingjian_model::day::{Day, MICROS_PER_DAY, Moment};

/// 性别.
pub const SEX_UNKNOWN: u8 = 0;
pub const SEX_MALE: u8 = 1;
pub const SEX_FEMALE: u8 = 2;

/// 就医方式 as rules speak of it, from the first two digits of med_type (house reading: inpatient is 2x and 52).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Care {
    /// 门诊
    Outpatient = 1,
    /// 急诊
    Emergency = 2,
    /// 门慢
    Chronic = 3,
    /// 购药
    Pharmacy = 4,
    /// 住院
    Inpatient = 5,
}

impl Care {
    pub const ALL: [(Care, &'static str); 5] = [
        (Care::Outpatient, "门诊"),
        (Care::Emergency, "急诊"),
        (Care::Chronic, "门慢"),
        (Care::Pharmacy, "购药"),
        (Care::Inpatient, "住院"),
    ];

    /// From the first two digits of med_type.
    pub fn of_med_type(two_digits: i16) -> Care {
        match two_digits {
            13 => Care::Emergency,
            14 => Care::Chronic,
            41 => Care::Pharmacy,
            52 => Care::Inpatient,
            20..=29 => Care::Inpatient,
            _ => Care::Outpatient,
        }
    }
}

/// 机构等级: 1 一级及以下, 2 二级, 3 三级; 0 not known.
pub fn level_of_hosp_lv(code: &str) -> u8 {
    match code.trim().parse::<u8>() {
        Ok(1..=4 | 12) => 3,
        Ok(5..=7 | 13) => 2,
        _ => 1,
    }
}

/// hosp_lv 11 (无等级) or empty: counts as level 1, and rules on levels say 可疑 only.
pub fn is_unlevelled(hosp_lv: &str) -> bool {
    let code = hosp_lv.trim();
    !matches!(code.parse::<u8>(), Ok(1..=10 | 12..=14))
}

/// One insured person (参保人) and where their visits lie.
#[derive(Debug, Clone)]
pub struct Person {
    pub sex: u8,
    /// Day of birth; `None` makes age rules 'not judged'.
    pub birth: Option<Day>,
    /// Day of death from the civil list.
    pub death: Option<Day>,
    pub visits: Range<u32>,
    pub registrations: Range<u32>,
}

/// One visit (就诊).
#[derive(Debug, Clone)]
pub struct Visit {
    pub institution: u32,
    /// The first two digits of med_type; 0 where it is empty.
    pub med_type: i16,
    pub care: Care,
    /// insutype as a number; 0 where it is empty.
    pub insurance: i16,
    /// 1–3, see [`level_of_hosp_lv`].
    pub level: u8,
    pub unlevelled: bool,
    /// The institution is a retail pharmacy (药店).
    pub pharmacy: bool,
    /// dscg_way as a number; 0 where it is empty.
    pub discharge_way: u8,
    pub begin: Moment,
    /// `None` while the stay is open.
    pub end: Option<Moment>,
    /// This visit or the one it names was referred (转诊): the visit it names, as a row, or [`crate::NONE`].
    pub referred_from: u32,
    pub lines: Range<u32>,
    pub settlements: Range<u32>,
    pub diagnoses: Range<u32>,
    pub operations: Range<u32>,
}

/// One settlement (结算) with the money that shares are taken of, in fen.
#[derive(Debug, Clone, Default)]
pub struct Settlement {
    pub time: Moment,
    /// Refunded, or the mirror of a refund: it and its lines leave the screening.
    pub void: bool,
    pub medfee: i64,
    pub scope: i64,
    pub fund: i64,
    /// acct_pay + acct_mulaid_pay.
    pub account: i64,
}

#[derive(Debug, Clone)]
pub struct Diagnosis {
    pub code: u32,
    pub main: bool,
}

/// One operation record (手术操作记录).
#[derive(Debug, Clone)]
pub struct Operation {
    pub code: u32,
    /// When its session began: that of the first record it overlaps or follows on (see [`join_sessions`]).
    pub begin: Moment,
}

/// Makes records whose times overlap or touch one session: each takes the begin of the session's first. The records are of
/// one visit, ascending by begin; each comes with its end, where that is known. An end before the begin, or more than a day
/// after it, is a slip of the pen and counts for nothing.
pub fn join_sessions<'o>(records: impl IntoIterator<Item = (&'o mut Operation, Option<Moment>)>) {
    let mut session: Option<(Moment, Moment)> = None;
    for (operation, end) in records {
        let begin = operation.begin;
        let end = end.filter(|end| (begin..=begin + MICROS_PER_DAY).contains(end)).unwrap_or(begin);
        let joined = session.filter(|(_, open_until)| begin <= *open_until);
        let (first, until) = joined.map_or((begin, end), |(first, until)| (first, until.max(end)));
        operation.begin = first;
        session = Some((first, until));
    }
}

/// One registration for a chronic disease (门慢特登记).
#[derive(Debug, Clone)]
pub struct Registration {
    pub begin: Day,
    pub end: Day,
}

/// Bits of [`Lines::flags`].
pub mod flag {
    /// 出院带药
    pub const DISCHARGE_DRUG: u16 = 1;
    /// 生育费用
    pub const MATERNITY_FEE: u16 = 2;
    /// The item code is empty or of no known shape.
    pub const ILL_FORMED_ITEM: u16 = 4;
    /// |pric × cnt − amount| > 0.01 yuan.
    pub const AMOUNT_MISMATCH: u16 = 8;
    /// Negative without an origin.
    pub const ORPHAN_REVERSAL: u16 = 16;
    /// The fee lies after the newest upload time of the data.
    pub const AFTER_UPLOAD: u16 = 32;
    /// No practitioner is given.
    pub const NO_DOCTOR: u16 = 64;
    /// 医院审批通过 (hosp_appr_flag 1).
    pub const APPROVED: u16 = 128;
    /// No time of the fee is given; the line stands at its visit's begin and only `raw lines` see it.
    pub const NO_TIME: u16 = 256;
}

/// The fee lines (费用明细) of all persons, as columns of equal length.
///
/// Units: `count` in 1/10,000, `price` and `price_cap` in 1/1,000,000 yuan, money in fen, `time` in microseconds. Gross: the
/// kernel folds reversals itself, through `origin`.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    pub item: &'a [u32],
    pub time: &'a [Moment],
    pub count: &'a [i64],
    pub price: &'a [i64],
    pub amount: &'a [i64],
    /// inscp_amt
    pub scope: &'a [i64],
    /// fulamt_ownpay_amt
    pub own: &'a [i64],
    /// overlmt_selfpay
    pub over_limit: &'a [i64],
    /// pric_uplmt_amt; 0 where none is given.
    pub price_cap: &'a [i64],
    /// Row of the settlement in [`Timelines::settlements`]; [`crate::NONE`] where unknown.
    pub settlement: &'a [u32],
    /// Ordinal of the prescription (处方), unique within the batch; negative where none is given.
    pub prescription: &'a [i32],
    /// Signed distance to the row this reversal takes back; 0 for none.
    pub origin: &'a [i32],
    pub flags: &'a [u16],
    /// Days this supply lasts (供药天数); 0 where it cannot be known.
    pub supply_days: &'a [i32],
    /// 给药途径 as an id; 0 where none is given.
    pub route: &'a [u16],
    /// 科别 of the ordering department, an id of [`crate::RuleSet::texts`]; 0 where unknown.
    pub dept_class: &'a [u16],
}

impl Lines<'_> {
    pub fn len(&self) -> usize {
        self.item.len()
    }

    pub fn is_empty(&self) -> bool {
        self.item.is_empty()
    }

    /// Rows that every column has: what the kernel reads, should columns differ in length.
    pub(crate) fn shortest(&self) -> usize {
        let of_money = [self.count, self.price, self.amount, self.scope, self.own, self.over_limit, self.price_cap];
        let small = [self.flags.len(), self.route.len(), self.dept_class.len(), self.supply_days.len()];
        let rest = [self.item.len(), self.time.len(), self.settlement.len(), self.prescription.len(), self.origin.len()];
        of_money.iter().map(|column| column.len()).chain(small).chain(rest).min().unwrap_or(0)
    }
}

/// A run of whole persons.
#[derive(Debug, Clone, Copy)]
pub struct Timelines<'a> {
    pub persons: &'a [Person],
    pub visits: &'a [Visit],
    pub settlements: &'a [Settlement],
    pub diagnoses: &'a [Diagnosis],
    pub operations: &'a [Operation],
    pub registrations: &'a [Registration],
    pub lines: Lines<'a>,
}
