//! One kernel: what the counter says of a visit in hand is what the monthly audit says of the same data.
//!
//! A city is cut short at a random visit of every person. The batch screens it whole; the counter has the earlier visits as its history and
//! gets the last one as a request. Facts the interface cannot carry are taken out of the last visit for both.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use mingjian_city::{Block, Options, Sink};
use mingjian_counter::request::{Diagnosis, Operation};
use mingjian_counter::{Desk, Effort, Encounter, History, Meeting, Order, Patient, Reminder, Request, Rules};
use mingjian_engine::program::stage;
use mingjian_lake::import::{ImportOptions, ImportProgress, ImportState, Source, import};
use mingjian_lake::{Lake, Snapshot};
use mingjian_model::schema;
use mingjian_rules::{Library, ParamOverrides, Selection};
use mingjian_screening::person::{PersonRows, read_persons};
use mingjian_screening::{Finding, Quiet, Reference, ScreenError, ScreenOptions, findings, screen};

pub type Row = Vec<String>;

#[derive(Default)]
pub struct Tables(pub Mutex<BTreeMap<&'static str, Vec<Row>>>);

impl Sink for Tables {
    fn write(&self, block: Block<'_>) -> io::Result<()> {
        let rows = block.records().map(|row| row.map(|cell| String::from_utf8_lossy(cell).into_owned()).collect());
        self.0.lock().unwrap().entry(block.table.name).or_default().extend(rows);
        Ok(())
    }

    fn truth(&self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

pub struct Silent;

impl ImportProgress for Silent {
    fn advanced(&self, _: &ImportState) {}
}

pub fn at(table: &str, column: &str) -> usize {
    schema::table(table).unwrap().columns.iter().position(|known| known.name == column).unwrap()
}

/// Visits in hand: person → visit.
type InHand = BTreeMap<String, String>;

/// Cuts the city short at one visit of each person and takes out of it what the interface cannot carry.
fn cut(tables: &mut BTreeMap<&'static str, Vec<Row>>, seed: u64) -> InHand {
    let (person, visit, begin) = (at("mdtrt_d", "psn_no"), at("mdtrt_d", "mdtrt_id"), at("mdtrt_d", "begntime"));
    let mut visits: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in &tables["mdtrt_d"] {
        visits.entry(row[person].clone()).or_default().push((row[begin].clone(), row[visit].clone()));
    }
    let (mut in_hand, mut gone) = (InHand::new(), BTreeSet::new());
    for (number, (person, visits)) in visits.iter_mut().enumerate() {
        visits.sort();
        let chosen = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(seed) as usize / 7 % visits.len();
        in_hand.insert(person.clone(), visits[chosen].1.clone());
        gone.extend(visits[chosen + 1..].iter().map(|visit| visit.1.clone()));
    }
    let is_in_hand = |row: &Row, person: usize, visit: usize| in_hand.get(&row[person]) == Some(&row[visit]);
    for (name, rows) in tables.iter_mut() {
        let (Some(table), true) =
            (schema::table(name), ["mdtrt_d", "setl_d", "fee_list_d", "setl_list_diag_d", "setl_list_oprn_d"].contains(name))
        else {
            continue;
        };
        let position = |column: &str| table.columns.iter().position(|known| known.name == column).unwrap();
        let (person, visit) = (position("psn_no"), position("mdtrt_id"));
        rows.retain(|row| !gone.contains(&row[visit]));
        match *name {
            "setl_d" => rows.retain(|row| !is_in_hand(row, person, visit)),
            "mdtrt_d" => blank(rows, |row| is_in_hand(row, person, visit), &["dscg_way", "refl_old_mdtrt_id", "die_date"].map(position)),
            // An operation's end is a fact the interface does not carry.
            "setl_list_oprn_d" => blank(rows, |row| is_in_hand(row, person, visit), &[position("oprn_oprt_endtime")]),
            "fee_list_d" => {
                let count = position("cnt");
                rows.retain(|row| !(is_in_hand(row, person, visit) && row[count].starts_with('-')));
                let unsaid = [
                    "setl_id",
                    "overlmt_selfpay",
                    "pric_uplmt_amt",
                    "init_feedetl_sn",
                    "matn_fee_flag",
                    "hosp_appr_flag",
                    "sin_dos_dscr",
                    "used_frqu_dscr",
                    "prd_days",
                    "medc_way_dscr",
                ];
                blank(rows, |row| is_in_hand(row, person, visit), &unsaid.map(position));
                let doctor = position("bilg_dr_code");
                for row in rows.iter_mut().filter(|row| is_in_hand(row, person, visit) && row[doctor].is_empty()) {
                    row[doctor] = "D000000000000".to_owned();
                }
            }
            _ => {}
        }
    }
    in_hand
}

fn blank(rows: &mut [Row], wanted: impl Fn(&Row) -> bool, columns: &[usize]) {
    for row in rows.iter_mut().filter(|row| wanted(row)) {
        columns.iter().for_each(|&column| row[column].clear());
    }
}

pub fn write(folder: &Path, tables: &BTreeMap<&'static str, Vec<Row>>) {
    for (name, rows) in tables {
        let header: Vec<&str> = schema::table(name).unwrap().columns.iter().map(|column| column.name).collect();
        let mut text = header.join(",") + "\n";
        for row in rows {
            text.push_str(&row.join(","));
            text.push('\n');
        }
        std::fs::write(folder.join(format!("{name}.csv")), text).unwrap();
    }
}

/// The last visit of a person as a hospital sends it.
fn request(rows: &PersonRows<'_>, visit: usize, stage: u8) -> Request {
    let row = &rows.visits[visit];
    let orders = rows.lines.iter().filter(|line| line.visit == visit).map(|line| Order {
        id: line.id.to_owned(),
        prescription: line.prescription.to_owned(),
        item: line.item.to_owned(),
        item_name: String::new(),
        time: Some(line.time),
        count: line.count,
        price: Some(line.price),
        amount: Some(line.amount),
        own: line.own,
        self_paid: line.amount - line.own - line.scope,
        doctor: line.doctor.unwrap_or_default().to_owned(),
        department: line.department.to_owned(),
        discharge_drug: line.discharge_drug,
        current: Some(true),
    });
    let diagnoses = rows.diagnoses.iter().filter(|row| row.visit == visit);
    let operations = rows.operations.iter().filter(|row| row.visit == visit);
    let encounter = Encounter {
        id: row.id.to_owned(),
        institution: row.institution.to_owned(),
        institution_name: String::new(),
        level: row.hosp_lv.to_owned(),
        med_type: row.med_type.to_owned(),
        insutype: row.insutype.to_owned(),
        begin: row.begin,
        end: row.end,
        main_dx: row.main_dx.to_owned(),
        doctor: String::new(),
        department: String::new(),
        diagnoses: diagnoses.map(|row| Diagnosis { id: row.id.to_owned(), code: row.code.to_owned(), main: row.main }).collect(),
        operations: operations.map(|row| Operation { code: row.code.to_owned(), begin: Some(row.begin) }).collect(),
        orders: orders.collect(),
    };
    let patient = Patient {
        id: rows.psn_no.to_owned(),
        sex: rows.sex,
        birth: rows.birth,
        current_visit: row.id.to_owned(),
        encounters: vec![encounter],
    };
    Request { stage, patients: vec![patient], ..Request::default() }
}

/// The history: the person without the visit in hand.
fn earlier<'a>(rows: &PersonRows<'a>, visit: usize) -> PersonRows<'a> {
    let mut rows = rows.clone();
    let moved = |at: usize| at - usize::from(at > visit);
    rows.visits.remove(visit);
    rows.settlements.retain(|row| row.visit != visit);
    rows.settlements.iter_mut().for_each(|row| row.visit = moved(row.visit));
    rows.diagnoses.retain(|row| row.visit != visit);
    rows.diagnoses.iter_mut().for_each(|row| row.visit = moved(row.visit));
    rows.operations.retain(|row| row.visit != visit);
    rows.operations.iter_mut().for_each(|row| row.visit = moved(row.visit));
    rows.lines.retain(|row| row.visit != visit);
    rows.lines.iter_mut().for_each(|row| row.visit = moved(row.visit));
    rows
}

/// What both have of a finding, as text.
fn of_batch(finding: &Finding) -> String {
    format!(
        "{} {} {} {} {} [{}] {:?} {:?}..{:?} {} {} {} {}={:?}",
        finding.rule_id,
        finding.finding_id,
        finding.result,
        finding.band,
        finding.text,
        finding.points.join(","),
        finding.amount,
        finding.first_time,
        finding.last_time,
        finding.mdtrt_id.as_deref().unwrap_or_default(),
        finding.fixmedins_code.as_deref().unwrap_or_default(),
        finding.bilg_dr_code.as_deref().unwrap_or_default(),
        finding.evidence.join(","),
        finding.evidence_amounts.iter().sum::<i64>(),
    )
}

fn of_counter(reminder: &Reminder) -> String {
    let evidence = reminder.details.iter().map(|detail| if detail.line.is_empty() { detail.visit.as_str() } else { detail.line.as_str() });
    format!(
        "{} {} {} {} {} [{}] {:?} {:?}..{:?} {} {} {} {}={:?}",
        reminder.rule_id,
        reminder.finding_id,
        if reminder.violation { "违规" } else { "可疑" },
        if reminder.core { "core" } else { "watch" },
        reminder.text,
        reminder.points.join(","),
        reminder.amount,
        reminder.first,
        reminder.last,
        reminder.visit,
        reminder.institution,
        reminder.doctor,
        evidence.collect::<Vec<_>>().join(","),
        reminder.details.iter().map(|detail| detail.amount).sum::<i64>(),
    )
}

/// Findings of the batch that a row of the visit in hand is part of, by rules of a stage that judge lines or visits.
fn expected(library: &Library, found: &[Finding], stage: u8, person: &str, visit: &str, lines: &BTreeSet<&str>) -> Vec<String> {
    let of_stage = |finding: &&Finding| {
        let rule = library.rule(&finding.rule_id).unwrap();
        rule.is_kernel() && rule.stages & stage != 0 && finding.psn_no.as_deref() == Some(person)
    };
    let touches = |finding: &&Finding| match finding.evidence_table.as_str() {
        "fee_list_d" => finding.evidence.iter().any(|id| lines.contains(id.as_str())),
        "mdtrt_d" => finding.evidence.iter().any(|id| id == visit),
        "setl_list_diag_d" => finding.mdtrt_id.as_deref() == Some(visit),
        _ => false,
    };
    let mut texts: Vec<String> = found.iter().filter(of_stage).filter(touches).map(of_batch).collect();
    texts.sort();
    texts
}

/// Evidence that is no line is told by its visit at the counter, by its own id in the batch.
fn comparable(text: &str, finding_table_is_diagnosis: bool) -> String {
    if finding_table_is_diagnosis { text.rsplit_once(' ').map_or(text, |(head, _)| head).to_owned() } else { text.to_owned() }
}

fn check(seed: u64, persons: u32) -> (usize, usize) {
    let tables = Tables::default();
    let options = Options { persons, from: (2025, 3), months: 6, seed, threads: 2, plant: Default::default() };
    mingjian_city::generate(&options, &tables, &|_| {}).unwrap();
    let mut tables = tables.0.into_inner().unwrap();
    let in_hand = cut(&mut tables, seed);
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("csv");
    std::fs::create_dir(&csv).unwrap();
    write(&csv, &tables);
    drop(tables);
    let lake = Lake::open_with(&folder.path().join("workspace"), 4).unwrap();
    let sources = [Source::parse(&csv)];
    import(&lake, &sources, &ImportOptions::default(), &Silent).unwrap();
    let library = Arc::new(Library::built_in());
    let kernel = library.rules.iter().filter(|rule| rule.is_kernel()).map(|rule| rule.id.clone());
    let selection = Selection { ids: Some(kernel.collect()), ..Selection::default() };
    let report = screen(&lake, &library, &ScreenOptions { selection: selection.clone(), ..ScreenOptions::default() }, &Quiet).unwrap();
    assert!(report.not_run.iter().all(|rule| !rule.reason.contains("缺")), "{:?}", report.not_run);
    let batch = findings::load(&lake, &findings::Filter::default(), None).unwrap();

    let snapshot = lake.snapshot(None).unwrap();
    let reference = Arc::new(Reference::load(&snapshot).unwrap());
    let rules = Rules::compile(library.clone(), reference.clone(), &selection, &ParamOverrides::default(), 1).unwrap();
    let history = History::open(&folder.path().join("history.redb")).unwrap();
    each_person(&snapshot, &reference, |rows| {
        if let Some(visit) = visit_in_hand(&in_hand, rows) {
            history.put([&earlier(rows, visit)], Meeting::Fresh).unwrap();
        }
    });
    let desk = Desk::new(rules, Some(history));
    let (mut requests, mut compared) = (0, 0);
    each_person(&snapshot, &reference, |rows| {
        let Some(visit) = visit_in_hand(&in_hand, rows) else { return };
        let lines: BTreeSet<&str> = rows.lines.iter().filter(|line| line.visit == visit).map(|line| line.id).collect();
        for stage in [stage::BEFORE, stage::DURING] {
            let wanted = expected(&library, &batch, stage, rows.psn_no, rows.visits[visit].id, &lines);
            let now = mingjian_model::day::parse_moment("2027-01-01").unwrap();
            let answer = desk.answer(&request(rows, visit, stage), now, Effort::Full);
            let mut told: Vec<String> = answer.reminders.iter().map(of_counter).collect();
            told.sort();
            let on_diagnoses = |text: &String| text.starts_with("N054");
            let wanted: Vec<String> = wanted.iter().map(|text| comparable(text, on_diagnoses(text))).collect();
            let told: Vec<String> = told.iter().map(|text| comparable(text, on_diagnoses(text))).collect();
            assert_eq!(told, wanted, "{} {} stage {stage}", rows.psn_no, rows.visits[visit].id);
            requests += 1;
            compared += wanted.len();
        }
    });
    (requests, compared)
}

pub fn each_person(snapshot: &Snapshot, reference: &Reference, mut each: impl FnMut(&PersonRows<'_>)) {
    for bucket in 0..snapshot.buckets() {
        read_persons::<ScreenError>(snapshot, bucket, reference, |rows| {
            each(rows);
            Ok(())
        })
        .unwrap();
    }
}

fn visit_in_hand(in_hand: &InHand, rows: &PersonRows<'_>) -> Option<usize> {
    let wanted = in_hand.get(rows.psn_no)?;
    rows.visits.iter().position(|visit| visit.id == wanted.as_str())
}

#[test]
fn the_counter_says_what_the_audit_says() {
    let (mut requests, mut compared) = (0, 0);
    for seed in [11, 12] {
        let (more, found) = check(seed, 900);
        requests += more;
        compared += found;
    }
    println!("{requests} requests, {compared} findings");
    assert!(requests >= 2_000 && compared >= 100, "{requests} requests, {compared} findings");
}
