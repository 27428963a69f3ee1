//! Visits, settlements and register of some persons, each bucket opened once.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow::array::RecordBatch;
use mingjian_lake::{Snapshot, bucket_of};
use mingjian_model::day;
use mingjian_people::mask;
use mingjian_relations::{Kind, Person, Visit};

use super::super::Opened;
use super::super::profile::years;
use super::kind_of;
use crate::codes;
use crate::columns::Rows;
use crate::errors::Outcome;

/// What the lake has of some persons.
#[derive(Default)]
pub struct Found {
    pub visits: Vec<Visit>,
    /// By number.
    pub persons: HashMap<String, Person>,
    /// Names of institutions as their visits tell them.
    pub places: BTreeMap<String, String>,
}

const VISITS: &[&str] = &[
    "psn_no",
    "psn_name",
    "mdtrt_id",
    "fixmedins_code",
    "fixmedins_name",
    "begntime",
    "endtime",
    "med_type",
    "chfpdr_code",
    "chfpdr_name",
    "dscg_dept_name",
    "adm_dept_name",
    "dscg_maindiag_code",
    "dscg_maindiag_name",
    "vali_flag",
];
const SETTLEMENTS: &[&str] =
    &["psn_no", "mdtrt_id", "fixmedins_code", "fixmedins_name", "med_type", "setl_time", "medfee_sumamt", "fund_pay_sumamt"];
const REGISTER: &[&str] = &["psn_no", "psn_name", "gend", "brdy", "emp_no", "emp_name", "tel", "addr"];

/// Cost: of each bucket that holds one of them the column of numbers, then the rows that are theirs.
pub fn of_persons(opened: &Opened, numbers: &[String]) -> Outcome<Found> {
    let snapshot = &opened.snapshot;
    let mut buckets: BTreeMap<u32, HashSet<&str>> = BTreeMap::new();
    for no in numbers {
        buckets.entry(bucket_of(no.as_bytes(), snapshot.buckets())).or_default().insert(no);
    }
    let mut found = Found::default();
    for (bucket, wanted) in buckets {
        let mut money: HashMap<String, (i64, i64)> = HashMap::new();
        let mut alone: HashMap<String, Visit> = HashMap::new();
        for batch in pick(snapshot, "setl_d", bucket, SETTLEMENTS, &wanted)? {
            settlements(&Rows::new(&batch), &mut found, &mut money, &mut alone);
        }
        let begin = found.visits.len();
        for batch in pick(snapshot, "mdtrt_d", bucket, VISITS, &wanted)? {
            visits(&Rows::new(&batch), &mut found);
        }
        for visit in &mut found.visits[begin..] {
            (visit.total_fen, visit.fund_fen) = money.get(&visit.id).copied().unwrap_or_default();
            alone.remove(&visit.id);
        }
        // What was settled without a visit on record: purchases in regions that send none.
        for (_, mut visit) in alone {
            (visit.total_fen, visit.fund_fen) = money.get(&visit.id).copied().unwrap_or_default();
            found.visits.push(visit);
        }
        for batch in pick(snapshot, "psn_info_b", bucket, REGISTER, &wanted)? {
            register(&Rows::new(&batch), opened.peers.last_day(), &mut found);
        }
    }
    found.visits.sort_by(|a, b| (&a.person, a.begin, &a.id).cmp(&(&b.person, b.begin, &b.id)));
    Ok(found)
}

fn pick(snapshot: &Snapshot, table: &str, bucket: u32, columns: &[&str], wanted: &HashSet<&str>) -> Outcome<Vec<RecordBatch>> {
    let mut picked = Vec::new();
    if !snapshot.has_table(table) {
        return Ok(picked);
    }
    for (run, batches) in snapshot.read_bucket(table, bucket, &["psn_no"])?.iter().enumerate() {
        let (mut own, mut base) = (Vec::new(), 0u64);
        for batch in batches {
            let rows = Rows::new(batch);
            let numbers = rows.column("psn_no");
            own.extend((0..rows.len()).filter(|row| wanted.contains(numbers.text(*row))).map(|row| base + row as u64));
            base += rows.len() as u64;
        }
        if !own.is_empty() {
            picked.extend(snapshot.read_columns_for_rows(table, bucket, run, columns, &own)?);
        }
    }
    Ok(picked)
}

/// Money by visit, refunds taken off; and a visit made up of each settlement, for those without one.
fn settlements(rows: &Rows<'_>, found: &mut Found, money: &mut HashMap<String, (i64, i64)>, alone: &mut HashMap<String, Visit>) {
    let column = |name: &str| rows.column(name);
    for row in 0..rows.len() {
        let text = |name: &str| column(name).text(row);
        let sums = money.entry(text("mdtrt_id").to_owned()).or_default();
        sums.0 += column("medfee_sumamt").int(row).unwrap_or(0);
        sums.1 += column("fund_pay_sumamt").int(row).unwrap_or(0);
        let Some(settled) = column("setl_time").int(row) else { continue };
        named(found, text("fixmedins_code"), text("fixmedins_name"));
        alone.entry(text("mdtrt_id").to_owned()).or_insert_with(|| Visit {
            id: text("mdtrt_id").to_owned(),
            person: text("psn_no").to_owned(),
            place: text("fixmedins_code").to_owned(),
            kind: match kind_of(text("med_type")) {
                // When somebody came to stay is not known from the bill.
                Kind::Stay => Kind::Visit,
                kind => kind,
            },
            begin: day::day_of(settled),
            end: day::day_of(settled),
            doctor: String::new(),
            doctor_name: String::new(),
            department: String::new(),
            diagnosis: String::new(),
            diagnosis_name: String::new(),
            total_fen: 0,
            fund_fen: 0,
        });
    }
}

fn visits(rows: &Rows<'_>, found: &mut Found) {
    let column = |name: &str| rows.column(name);
    for row in 0..rows.len() {
        let text = |name: &str| column(name).text(row);
        let Some(begin) = column("begntime").int(row).filter(|_| text("vali_flag") != "0").map(day::day_of) else { continue };
        let end = column("endtime").int(row).map_or(begin, day::day_of).max(begin);
        let department = [text("dscg_dept_name"), text("adm_dept_name")].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        named(found, text("fixmedins_code"), text("fixmedins_name"));
        // Where the register does not have the person, the visit does.
        if !text("psn_name").is_empty() && !found.persons.contains_key(text("psn_no")) {
            let person = Person { no: text("psn_no").to_owned(), label: mask::name(text("psn_name")), ..Person::default() };
            found.persons.insert(person.no.clone(), person);
        }
        found.visits.push(Visit {
            id: text("mdtrt_id").to_owned(),
            person: text("psn_no").to_owned(),
            place: text("fixmedins_code").to_owned(),
            kind: kind_of(text("med_type")),
            begin,
            end,
            doctor: text("chfpdr_code").to_owned(),
            doctor_name: mask::name(text("chfpdr_name")),
            department: department.to_owned(),
            diagnosis: text("dscg_maindiag_code").to_owned(),
            diagnosis_name: text("dscg_maindiag_name").to_owned(),
            total_fen: 0,
            fund_fen: 0,
        });
    }
}

fn named(found: &mut Found, code: &str, name: &str) {
    if !name.is_empty() && !found.places.contains_key(code) {
        found.places.insert(code.to_owned(), name.to_owned());
    }
}

fn register(rows: &Rows<'_>, last: Option<day::Day>, found: &mut Found) {
    for row in 0..rows.len() {
        let text = |name: &str| rows.column(name).text(row).to_owned();
        let birth = rows.column("brdy").int(row).and_then(|day| i32::try_from(day).ok());
        let person = Person {
            no: text("psn_no"),
            label: mask::name(&text("psn_name")),
            sex: codes::sex(&text("gend")).to_owned(),
            age: years(birth, last),
            address: text("addr"),
            telephone: text("tel"),
            unit: text("emp_no"),
            unit_name: text("emp_name"),
        };
        found.persons.insert(person.no.clone(), person);
    }
}
