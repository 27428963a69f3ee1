//! A visit and its bill as the city makes it, before it is written to the tables.

use crate::catalogue::{Catalogue, Item};
use crate::cells::Second;
use crate::people::Disease;
use crate::world::Institution;

/// One: quantities are scaled by 10⁴.
pub(crate) const ONE: i64 = 10_000;

/// What a marked line adds to the amount at risk of its act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Risk {
    /// Evidence without offending money.
    None,
    /// The whole part in scope of the fund.
    Whole,
    /// A share of the part in scope: so many units of those billed (both scaled by 10⁴).
    Units(i64, i64),
    /// So many fen of the gross amount, scaled to the part in scope.
    Fen(i64),
}

/// A line is evidence of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub act: u16,
    pub risk: Risk,
}

#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub item: Item,
    /// Stands for the item's code when the line is malformed.
    pub code: Option<&'static str>,
    pub time: Second,
    /// Scaled by 10⁴; negative takes back.
    pub count: i64,
    /// Unit price in fen.
    pub price: i64,
    pub amount: i64,
    pub own: i64,
    pub over: i64,
    pub pre: i64,
    pub in_scope: i64,
    /// 限价 in fen, 0 where the line states none.
    pub cap: i64,
    pub dept: u8,
    pub doctor: u32,
    /// Prescription number within the visit.
    pub rx: u16,
    pub days: u16,
    /// Doses a herb prescription makes.
    pub doses: u16,
    pub discharge_drug: bool,
    /// 医院审批标志: the hospital approved an unusual use.
    pub approved: bool,
    pub maternity: bool,
    /// The line this one takes back, by its place in the claim.
    pub origin: Option<u16>,
    /// Bought and sold outside the books: no purchase is laid down for it.
    pub unbooked: bool,
    pub mark: Option<Mark>,
}

#[derive(Debug, Clone)]
pub(crate) struct OperationRecord {
    pub tag: &'static str,
    pub begin: Second,
    pub end: Second,
    pub surgeon: u32,
    pub anaesthetist: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refund {
    Kept,
    /// Taken back as a whole later that day.
    Back,
    /// Taken back and settled again.
    Again,
}

#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub institution: usize,
    pub med_type: &'static str,
    pub begin: Second,
    pub end: Second,
    pub dept: u8,
    pub doctor: u32,
    /// Main diagnosis first.
    pub diagnoses: Vec<u16>,
    pub operations: Vec<OperationRecord>,
    pub lines: Vec<Line>,
    pub disease: Option<&'static Disease>,
    /// 离院方式; empty for outpatients.
    pub discharge: &'static str,
    /// The visit this one was referred from, by its number.
    pub referred_from: Option<u16>,
    pub refund: Refund,
    /// Number of the visit among the person's.
    pub visit: u16,
    /// Trace codes given by an act: line and code.
    pub traces: Vec<(u16, u64)>,
    /// The drug whose packs were really handed out (an act).
    pub swapped_for: Option<u16>,
    /// The packs came from elsewhere: what the books took in carries other trace codes.
    pub foreign_packs: bool,
    /// Acts this visit as a whole is evidence of.
    pub acts: Vec<u16>,
    /// External cause or other remark of the visit.
    pub memo: &'static str,
    pub third_party: bool,
}

impl Claim {
    pub fn is_stay(&self) -> bool {
        self.med_type.starts_with('2') || self.med_type == "52"
    }

    pub fn is_pharmacy(&self) -> bool {
        self.med_type == "41"
    }

    /// Adds a line at the institution's price and gives its place.
    pub fn add(&mut self, catalogue: &Catalogue, institution: &Institution, item: Item, count: i64, time: Second) -> usize {
        let price = price(catalogue, institution, item);
        // Some institutions' systems leave 限价 out; there the price list decides.
        let cap = match item {
            Item::Service(_) if !institution.code.ends_with('7') => price,
            _ => 0,
        };
        let mut line = Line {
            item,
            code: None,
            time,
            count,
            price,
            amount: 0,
            own: 0,
            over: 0,
            pre: 0,
            in_scope: 0,
            cap,
            dept: self.dept,
            doctor: self.doctor,
            rx: 0,
            days: 0,
            doses: 0,
            discharge_drug: false,
            approved: false,
            maternity: self.med_type.starts_with('5'),
            origin: None,
            unbooked: false,
            mark: None,
        };
        line.reprice(catalogue);
        self.lines.push(line);
        self.lines.len() - 1
    }

    /// Takes `line` back whole, as a reversed line of the same visit.
    pub fn reverse(&mut self, line: usize, time: Second) {
        let mut back = self.lines[line].clone();
        back.count = -back.count;
        back.amount = -back.amount;
        (back.own, back.over, back.pre, back.in_scope) = (-back.own, -back.over, -back.pre, -back.in_scope);
        back.origin = Some(line as u16);
        back.time = time;
        back.mark = None;
        self.lines.push(back);
    }
}

/// What the institution charges for a unit, in fen: the list price of its level; pharmacies set theirs.
pub(crate) fn price(catalogue: &Catalogue, institution: &Institution, item: Item) -> i64 {
    match item {
        Item::Service(i) => catalogue.services[i as usize].fen[institution.price],
        Item::Material(i) => catalogue.materials[i as usize].fen,
        Item::Herb(i) => catalogue.herbs[i as usize].fen_per_gram,
        Item::Drug(i) => {
            let list = catalogue.drugs[i as usize].fen;
            if institution.code.starts_with('P') {
                let tilt = (i as usize * 7 + institution.code.as_bytes()[11] as usize * 3 + institution.district) % 11;
                list * (97 + tilt as i64) / 100
            } else {
                list
            }
        }
    }
}

impl Line {
    /// Works the amount and its four parts out anew from count and price.
    pub fn reprice(&mut self, catalogue: &Catalogue) {
        self.amount = div_round(self.count * self.price, ONE);
        let (level, pct) = match self.item {
            Item::Drug(i) => (catalogue.drugs[i as usize].level, catalogue.drugs[i as usize].selfpay_pct),
            Item::Service(i) => (catalogue.services[i as usize].level, catalogue.services[i as usize].selfpay_pct),
            Item::Material(_) => ("02", 20),
            Item::Herb(i) if catalogue.herbs[i as usize].all_excluded => ("03", 100),
            Item::Herb(_) => ("01", 0),
        };
        if level == "03" {
            self.pay_oneself();
        } else {
            self.own = 0;
            self.over = 0;
            self.pre = div_round(self.amount * pct, 100);
            self.in_scope = self.amount - self.pre;
        }
    }

    /// Makes the line wholly self-paid.
    pub fn pay_oneself(&mut self) {
        (self.own, self.over, self.pre, self.in_scope) = (self.amount, 0, 0, 0);
    }

    /// The line's part of an act's amount, in fen.
    pub fn at_risk(&self) -> i64 {
        match self.mark.map_or(Risk::None, |mark| mark.risk) {
            Risk::None => 0,
            Risk::Whole => self.in_scope,
            Risk::Units(part, whole) => div_round(self.in_scope * part, whole),
            Risk::Fen(fen) if self.amount != 0 => div_round(self.in_scope * fen, self.amount),
            Risk::Fen(_) => 0,
        }
    }
}

/// Divides rounding half up, away from zero.
pub(crate) fn div_round(value: i64, by: i64) -> i64 {
    let half = by / 2;
    if value >= 0 { (value + half) / by } else { -((-value + half) / by) }
}
