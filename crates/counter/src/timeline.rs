//! 时间线: what is stored of a person, what the hospital sends as history and the lines in hand become one person's rows.

use std::collections::{BTreeMap, BTreeSet};

use mingjian_model::day::Moment;
use mingjian_screening::person::{DiagnosisRow, LineRow, OperationRow, PersonRows, ToldBy, VisitRow};

use crate::request::{Encounter, Order, Patient};

/// A person's rows with what of them is in hand.
#[derive(Debug, Default)]
pub struct Hand<'a> {
    pub rows: PersonRows<'a>,
    /// Per line: it is being ordered now.
    pub current: Vec<bool>,
    /// The current visit, among [`PersonRows::visits`].
    pub visit: Option<usize>,
}

/// Lays the request over what is stored. Where both tell of a visit or a line, the request is newer and wins; stored lines of such a
/// visit that the request does not repeat stay. `now` dates lines without a time and closes no stay that ends later.
pub fn compose<'a>(patient: &'a Patient, stored: PersonRows<'a>, now: Moment) -> Hand<'a> {
    let mut rows = stored;
    rows.psn_no = &patient.id;
    if patient.sex != 0 {
        rows.sex = patient.sex;
    }
    rows.birth = patient.birth.or(rows.birth);
    let said = patient.encounters.iter().flat_map(|encounter| &encounter.orders).any(|order| order.current.is_some());
    let current_visit = current_visit(patient);
    let mut known: BTreeMap<&str, usize> = rows.visits.iter().enumerate().map(|(at, visit)| (visit.id, at)).collect();
    let mut hand = Hand { current: vec![false; rows.lines.len()], rows, visit: None };
    for encounter in &patient.encounters {
        let is_current = current_visit == Some(encounter.id.as_str());
        let row = visit_row(encounter, now);
        let visit = match known.get(encounter.id.as_str()) {
            Some(&at) => {
                forget(&mut hand, at, encounter);
                let held = &mut hand.rows.visits[at];
                *held = merged(held.clone(), row);
                at
            }
            None => {
                hand.rows.visits.push(row);
                known.insert(&encounter.id, hand.rows.visits.len() - 1);
                hand.rows.visits.len() - 1
            }
        };
        if is_current {
            hand.visit = Some(visit);
        }
        add_clinical(&mut hand.rows, visit, encounter);
        for order in &encounter.orders {
            hand.current.push(order.current.unwrap_or(!said && is_current));
            hand.rows.lines.push(line_row(order, encounter, visit, now));
        }
    }
    hand
}

fn current_visit(patient: &Patient) -> Option<&str> {
    if patient.encounters.iter().any(|encounter| encounter.id == patient.current_visit) {
        return Some(&patient.current_visit);
    }
    let ordering = |encounter: &&Encounter| encounter.orders.iter().any(|order| order.current == Some(true));
    let found = patient.encounters.iter().find(ordering).or(patient.encounters.last());
    found.map(|encounter| encounter.id.as_str())
}

fn visit_row(encounter: &Encounter, now: Moment) -> VisitRow<'_> {
    let times = encounter.orders.iter().filter_map(|order| order.time);
    VisitRow {
        id: &encounter.id,
        institution: &encounter.institution,
        institution_name: &encounter.institution_name,
        med_type: &encounter.med_type,
        insutype: &encounter.insutype,
        hosp_lv: &encounter.level,
        dscg_way: "",
        main_dx: &encounter.main_dx,
        referred_from: "",
        begin: encounter.begin.or_else(|| times.min()).or(Some(now)),
        // A hospital sends today, or a day far off, while the patient is still in.
        end: encounter.end.filter(|&end| end < now),
        told_by: ToldBy::Itself,
    }
}

/// What the request leaves out stays as stored.
fn merged<'a>(held: VisitRow<'a>, sent: VisitRow<'a>) -> VisitRow<'a> {
    let or = |sent: &'a str, held: &'a str| if sent.is_empty() { held } else { sent };
    VisitRow {
        id: held.id,
        institution: or(sent.institution, held.institution),
        institution_name: or(sent.institution_name, held.institution_name),
        med_type: or(sent.med_type, held.med_type),
        insutype: or(sent.insutype, held.insutype),
        hosp_lv: or(sent.hosp_lv, held.hosp_lv),
        dscg_way: held.dscg_way,
        main_dx: or(sent.main_dx, held.main_dx),
        referred_from: held.referred_from,
        begin: sent.begin.or(held.begin),
        end: sent.end,
        told_by: ToldBy::Itself,
    }
}

/// Drops what is stored of a visit as far as the request repeats it.
fn forget(hand: &mut Hand<'_>, visit: usize, encounter: &Encounter) {
    let sent: BTreeSet<&str> = encounter.orders.iter().map(|order| order.id.as_str()).collect();
    let Hand { rows, current, .. } = hand;
    let stays: Vec<bool> = rows.lines.iter().map(|line| line.visit != visit || !sent.contains(line.id)).collect();
    let mut keep = stays.iter();
    rows.lines.retain(|_| keep.next().copied().unwrap_or(true));
    let mut keep = stays.iter();
    current.retain(|_| keep.next().copied().unwrap_or(true));
    if !encounter.diagnoses.is_empty() {
        rows.diagnoses.retain(|row| row.visit != visit);
    }
    if !encounter.operations.is_empty() {
        rows.operations.retain(|row| row.visit != visit);
    }
}

fn add_clinical<'a>(rows: &mut PersonRows<'a>, visit: usize, encounter: &'a Encounter) {
    let diagnoses = encounter.diagnoses.iter().filter(|diagnosis| !diagnosis.code.is_empty());
    rows.diagnoses.extend(diagnoses.map(|diagnosis| DiagnosisRow {
        visit,
        id: &diagnosis.id,
        code: &diagnosis.code,
        main: diagnosis.main,
    }));
    for operation in &encounter.operations {
        rows.operations.extend(operation.begin.map(|begin| OperationRow { visit, code: &operation.code, begin, end: None }));
    }
}

fn line_row<'a>(order: &'a Order, encounter: &'a Encounter, visit: usize, now: Moment) -> LineRow<'a> {
    let or = |own: &'a str, of_visit: &'a str| if own.is_empty() { of_visit } else { own };
    let product = |price: i64| product_fen(price, order.count);
    let amount = order.amount.or_else(|| order.price.map(product)).unwrap_or(0);
    LineRow {
        visit,
        id: &order.id,
        item: &order.item,
        item_name: &order.item_name,
        time: order.time.unwrap_or(now),
        count: order.count,
        price: order.price.unwrap_or_else(|| price_of(amount, order.count)),
        amount,
        scope: amount - order.own - order.self_paid,
        own: order.own,
        prescription: &order.prescription,
        discharge_drug: order.discharge_drug,
        doctor: Some(or(&order.doctor, &encounter.doctor)).filter(|doctor| !doctor.is_empty()),
        department: or(&order.department, &encounter.department),
        ..LineRow::default()
    }
}

/// 1/1,000,000 yuan × 1/10,000 in fen.
fn product_fen(price: i64, count: i64) -> i64 {
    mingjian_model::div_round_half_up(i128::from(price) * i128::from(count), 100_000_000)
}

/// The price a sum and a count imply, in 1/1,000,000 yuan.
fn price_of(amount: i64, count: i64) -> i64 {
    if count == 0 { 0 } else { mingjian_model::div_round_half_up(i128::from(amount) * 100_000_000, i128::from(count)) }
}
