//! [`PersonRows`] → what the kernel reads, by the rules the loader of the lake follows.

use std::collections::BTreeMap;

use mingjian_engine::timeline::{Operation, Registration, Settlement, flag};
use mingjian_engine::{Evidence, NONE};
use mingjian_model::day::{Day, Moment};

use super::{PersonRows, PersonScreener, RulesInForce, VisitRow};
use crate::load::bucket::Bucket;
use crate::load::lines::{ItemFacts, LineColumns, mismatched};
use crate::load::pool::Interner;
use crate::load::supply;
use crate::load::visits::{Gathered, Level, People, Place, RawDiagnosis, RawOperation, RawSettlement, RawVisit, insurance_of, two_digits};

/// The way back from the kernel's order to the rows that came in.
pub(super) struct Order {
    /// Position in [`PersonRows::lines`] of each line.
    pub lines: Vec<u32>,
    /// Position in [`PersonRows::visits`] of each visit.
    visits: Vec<u32>,
}

impl Order {
    /// The visit, among the rows that came in, which an evidence row belongs to.
    pub fn visit_of(&self, bucket: &Bucket, evidence: Evidence, row: u32, rows: &PersonRows<'_>) -> usize {
        let visits = &bucket.people.visits;
        let place = match evidence {
            Evidence::Lines => return rows.lines[self.lines[row as usize] as usize].visit,
            Evidence::Visits => Some(row as usize),
            Evidence::Settlements => visits.iter().position(|visit| visit.settlements.contains(&row)),
            Evidence::Diagnoses => visits.iter().position(|visit| visit.diagnoses.contains(&row)),
        };
        place.and_then(|place| self.visits.get(place)).map_or(0, |&visit| visit as usize)
    }
}

pub(super) fn arrange(screener: &mut PersonScreener, rules: &RulesInForce<'_>, rows: &PersonRows<'_>) -> (Bucket, Order) {
    let mut gathered = gather(screener, rules, rows);
    let mut first_line: BTreeMap<u32, Moment> = BTreeMap::new();
    if gathered.visits.iter().any(|visit| visit.begin.is_none()) {
        for line in &rows.lines {
            first_line.entry(line.visit as u32).and_modify(|held| *held = line.time.min(*held)).or_insert(line.time);
        }
    }
    let person = gathered.person(rows.psn_no);
    gathered.facts[person as usize].sex = rows.sex;
    gathered.facts[person as usize].birth = rows.birth;
    gathered.facts[person as usize].died = rows.died;
    let mut people = gathered.arrange(rules.reference, &first_line);
    let mut visit_order = vec![0; people.place.len()];
    people.place.iter().enumerate().for_each(|(from, &place)| visit_order[place as usize] = from as u32);

    let mut line_order: Vec<u32> = (0..rows.lines.len() as u32).collect();
    let place = |at: u32| people.place[rows.lines[at as usize].visit];
    line_order.sort_by(|&a, &b| {
        let (left, right) = (&rows.lines[a as usize], &rows.lines[b as usize]);
        (place(a), left.time, left.id).cmp(&(place(b), right.time, right.id))
    });
    let mut at = 0;
    while at < line_order.len() {
        let visit = place(line_order[at]);
        let end = at + line_order[at..].iter().take_while(|&&line| place(line) == visit).count();
        people.visits[visit as usize].lines = at as u32..end as u32;
        at = end;
    }
    let mut lines = columns(screener, rules, rows, &people, &line_order);
    link_reversals(rows, &people, &line_order, &mut lines);
    (Bucket::of_person(people, lines), Order { lines: line_order, visits: visit_order })
}

fn gather(screener: &mut PersonScreener, rules: &RulesInForce<'_>, rows: &PersonRows<'_>) -> Gathered {
    let mut gathered = Gathered::default();
    let person = gathered.person(rows.psn_no);
    for visit in &rows.visits {
        let mut raw = raw_visit(screener, rules, person, visit);
        if !visit.referred_from.is_empty() {
            raw.referred_from = Some(gathered.ids.push(visit.referred_from));
        }
        gathered.add_visit(raw, visit.id);
    }
    let takes_back = |row: &super::SettlementRow<'_>| !row.takes_back.is_empty() && row.takes_back != row.id;
    for row in &rows.settlements {
        let settlement = Settlement {
            time: row.time,
            void: row.refunded || takes_back(row) || rows.settlements.iter().any(|other| takes_back(other) && other.takes_back == row.id),
            medfee: row.medfee,
            scope: row.scope,
            fund: row.fund,
            account: row.account,
        };
        let id = gathered.ids.push(row.id);
        gathered.settlements.push(RawSettlement { visit: row.visit as u32, id, settlement });
    }
    for row in rows.diagnoses.iter().filter(|row| !row.code.is_empty()) {
        let code = dx_of(screener, rules, row.code);
        let id = gathered.ids.push(row.id);
        gathered.diagnoses.push(RawDiagnosis { visit: row.visit as u32, main: row.main, id, code });
    }
    for row in &rows.operations {
        let code = if row.code.is_empty() { NONE } else { dx_of(screener, rules, row.code) };
        gathered.operations.push(RawOperation { visit: row.visit as u32, operation: Operation { code, begin: row.begin }, end: row.end });
    }
    for row in &rows.registrations {
        let registration = Registration { begin: row.begin.unwrap_or(Day::MIN), end: row.end.unwrap_or(Day::MAX) };
        gathered.registrations.push((person, registration));
    }
    gathered
}

fn dx_of(screener: &mut PersonScreener, rules: &RulesInForce<'_>, code: &str) -> u32 {
    screener.others.intern(code);
    screener.worker.code(&rules.compiled.rule_set, code)
}

fn raw_visit(screener: &mut PersonScreener, rules: &RulesInForce<'_>, person: u32, visit: &VisitRow<'_>) -> RawVisit {
    screener.others.intern(visit.institution);
    RawVisit {
        person,
        id: 0,
        institution: Place::of(visit.institution, &mut screener.worker, rules.reference),
        med_type: two_digits(visit.med_type),
        insurance: insurance_of(visit.insutype),
        level: (!visit.hosp_lv.is_empty()).then(|| Level::of(visit.hosp_lv)),
        discharge_way: visit.dscg_way.trim().parse().unwrap_or(0),
        begin: visit.begin,
        end: visit.end,
        main_dx: (!visit.main_dx.is_empty()).then(|| dx_of(screener, rules, visit.main_dx)),
        referred_from: None,
    }
}

fn columns(screener: &mut PersonScreener, rules: &RulesInForce<'_>, rows: &PersonRows<'_>, people: &People, order: &[u32]) -> LineColumns {
    let mut prescriptions = Interner::default();
    let mut columns = LineColumns::default();
    let mut numbers: [Vec<i64>; 8] = Default::default();
    for &at in order {
        let line = &rows.lines[at as usize];
        let visit = people.place[line.visit];
        let facts = screener.items.of(line.item, &rules.compiled.rule_set, &mut screener.worker, rules.reference);
        for (column, value) in
            numbers.iter_mut().zip([line.time, line.count, line.price, line.amount, line.scope, line.own, line.over_limit, line.price_cap])
        {
            column.push(value);
        }
        columns.item.push(facts.id);
        columns.settlement.push(match line.settlement {
            "" => people.default_settlement(visit),
            id => people.find_settlement(visit, id).unwrap_or(NONE),
        });
        columns.prescription.push(if line.prescription.is_empty() { -1 } else { prescriptions.intern(line.prescription).0 as i32 });
        columns.origin.push(0);
        columns.flags.push(flags(line, &facts, people.visits[visit as usize].pharmacy));
        columns.supply_days.push(supply_days(line, facts.pack));
        columns.route.push(text_of(screener, line.route.trim()));
        columns.dept_class.push(department(screener, rules, rows.visits[line.visit].institution, line.department));
    }
    let [time, count, price, amount, scope, own, over_limit, price_cap] = numbers;
    LineColumns {
        time: time.into(),
        count: count.into(),
        price: price.into(),
        amount: amount.into(),
        scope: scope.into(),
        own: own.into(),
        over_limit: over_limit.into(),
        price_cap: price_cap.into(),
        ..columns
    }
}

fn text_of(screener: &mut PersonScreener, text: &str) -> u16 {
    if text.is_empty() {
        return 0;
    }
    screener.others.intern(text);
    screener.worker.text(text)
}

/// Department codes are an institution's own, so the visit's institution says which 科别 one means.
fn department(screener: &mut PersonScreener, rules: &RulesInForce<'_>, institution: &str, code: &str) -> u16 {
    if code.is_empty() || rules.reference.departments.is_empty() {
        return 0;
    }
    match rules.reference.departments.get(&(institution.to_owned(), code.to_owned())) {
        Some(class) => text_of(screener, class),
        None => 0,
    }
}

fn flags(line: &super::LineRow<'_>, facts: &ItemFacts, pharmacy: bool) -> u16 {
    let orphan = line.count < 0 && line.origin.is_empty();
    let no_doctor = !pharmacy && line.doctor.is_some_and(str::is_empty);
    let marks = [
        (facts.ill_formed, flag::ILL_FORMED_ITEM),
        (line.discharge_drug, flag::DISCHARGE_DRUG),
        (line.maternity_fee, flag::MATERNITY_FEE),
        (line.approved, flag::APPROVED),
        (mismatched(line.price, line.count, line.amount), flag::AMOUNT_MISMATCH),
        (no_doctor, flag::NO_DOCTOR),
        (orphan, flag::ORPHAN_REVERSAL),
    ];
    marks.into_iter().filter(|mark| mark.0).fold(0, |flags, mark| flags | mark.1)
}

fn supply_days(line: &super::LineRow<'_>, pack: i64) -> i32 {
    let stated = line.stated_days.clamp(0, supply::MOST) as i32;
    if pack > 0
        && let (Some(dose), Some(frequency)) = (supply::dose(line.dose), supply::frequency(line.frequency))
    {
        let computed = supply::days(line.count, pack, dose, frequency);
        return if computed > 0 { computed } else { stated };
    }
    stated
}

/// 冲销: the row each reversal takes back, by its id inside the visit; those that find none are orphans. Lines of void settlements leave
/// the screening with them and are none.
fn link_reversals(rows: &PersonRows<'_>, people: &People, order: &[u32], columns: &mut LineColumns) {
    let row = |at: usize| &rows.lines[order[at] as usize];
    for at in 0..order.len() {
        let line = row(at);
        if line.count >= 0 {
            continue;
        }
        let settlement = columns.settlement[at];
        let void = settlement != NONE && people.settlements[settlement as usize].void;
        if void {
            columns.flags[at] &= !flag::ORPHAN_REVERSAL;
        }
        if line.origin.is_empty() {
            continue;
        }
        let mut same_visit = people.visits[people.place[line.visit] as usize].lines.clone();
        match same_visit.find(|&other| other as usize != at && row(other as usize).id == line.origin) {
            Some(found) => columns.origin[at] = found as i32 - at as i32,
            None if !void => columns.flags[at] |= flag::ORPHAN_REVERSAL,
            None => {}
        }
    }
}
