//! What findings speak of, fetched from the lake in one pass: evidence lines, visits, settlements, persons, institutions, items.
//!
//! Cost: the evidence tables' needed columns are read once; only what the findings name is kept.

use std::collections::{HashMap, HashSet};

use arrow::array::RecordBatch;
use mingjian_lake::Snapshot;
use mingjian_model::Fen;
use mingjian_screening::Finding;

use crate::columns::Rows;
use crate::errors::Outcome;
use crate::progress::Bar;

/// A fee line.
#[derive(Debug, Clone, Default)]
pub struct Line {
    pub mdtrt_id: String,
    pub sn: String,
    pub time: Option<i64>,
    pub code: String,
    pub name: String,
    pub spec: String,
    pub charge: String,
    /// 1/10,000
    pub count: i64,
    /// 1/1,000,000 yuan
    pub price: i64,
    pub amount: Fen,
    /// 符合范围金额
    pub scope: Fen,
    pub dept: String,
    pub doctor: String,
    pub dose: String,
    pub frequency: String,
}

/// A visit, with the person as the visit knows them.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    pub med_type: String,
    pub dept: String,
    pub doctor: String,
    pub begin: Option<i64>,
    pub days: Option<i64>,
    pub diagnosis: String,
    pub person: Person,
}

#[derive(Debug, Clone, Default)]
pub struct Person {
    pub name: String,
    pub certno: String,
    pub sex: String,
    pub age: String,
    pub birth: Option<i64>,
}

#[derive(Debug, Clone, Default)]
pub struct Settlement {
    pub time: Option<i64>,
    pub med_type: String,
}

#[derive(Debug, Clone, Default)]
pub struct Institution {
    pub name: String,
    pub level: String,
}

#[derive(Debug, Clone, Default)]
pub struct Item {
    pub name: String,
    pub spec: String,
    pub unit: String,
}

#[derive(Default)]
pub struct Facts {
    /// By person and serial number: a serial number is unique in a visit only.
    lines: HashMap<(String, String), Vec<Line>>,
    visits: HashMap<String, Visit>,
    settlements: HashMap<String, Settlement>,
    persons: HashMap<String, Person>,
    institutions: HashMap<String, Institution>,
    items: HashMap<String, Item>,
}

impl Facts {
    /// Reads what `findings` name.
    pub fn gather(snapshot: &Snapshot, findings: &[Finding], bar: &Bar) -> Outcome<Facts> {
        let wanted = Wanted::of(findings);
        let mut facts = Facts::of_subjects(snapshot, &wanted, bar)?;
        if !wanted.lines.is_empty() {
            bar.step("取证据明细");
            each_bucket(snapshot, "fee_list_d", LINE_COLUMNS, bar, |batch| facts.read_lines(batch, &wanted))?;
        }
        bar.step("取结算");
        each_bucket(snapshot, "setl_d", SETTLEMENT_COLUMNS, bar, |batch| facts.read_settlements(batch, &wanted))?;
        facts.read_items(snapshot)?;
        Ok(facts)
    }

    /// Institutions, visits and persons alone: the fee lines stay unread.
    pub fn gather_subjects(snapshot: &Snapshot, findings: &[Finding], bar: &Bar) -> Outcome<Facts> {
        Facts::of_subjects(snapshot, &Wanted::of(findings), bar)
    }

    fn of_subjects(snapshot: &Snapshot, wanted: &Wanted<'_>, bar: &Bar) -> Outcome<Facts> {
        let mut facts = Facts::default();
        facts.read_institutions(snapshot)?;
        bar.step("取就诊");
        each_bucket(snapshot, "mdtrt_d", VISIT_COLUMNS, bar, |batch| facts.read_visits(batch, wanted))?;
        each_bucket(snapshot, "psn_info_b", PERSON_COLUMNS, bar, |batch| facts.read_persons(batch, wanted))?;
        Ok(facts)
    }

    /// All visits read, by id.
    pub fn visits(&self) -> impl Iterator<Item = (&String, &Visit)> {
        self.visits.iter()
    }

    /// All institutions of the register, by code.
    pub fn institutions(&self) -> impl Iterator<Item = (&String, &Institution)> {
        self.institutions.iter()
    }

    /// The evidence lines of a finding with what each offends by; in the finding's order. A line that is gone from the lake is left out.
    pub fn lines<'f>(&'f self, finding: &'f Finding) -> impl Iterator<Item = (&'f Line, Option<Fen>)> {
        let of_lines = finding.evidence_table == "fee_list_d";
        let person = finding.psn_no.clone().unwrap_or_default();
        let evidence = finding.evidence.iter().enumerate().filter(move |_| of_lines);
        evidence.filter_map(move |(i, sn)| {
            let amount = finding.evidence_amounts.get(i).copied().map(Fen);
            let lines = self.lines.get(&(person.clone(), sn.clone()))?;
            nearest(lines, finding).map(|line| (line, amount))
        })
    }

    pub fn visit(&self, id: Option<&String>) -> Option<&Visit> {
        self.visits.get(id?)
    }

    pub fn settlement(&self, id: Option<&String>) -> Option<&Settlement> {
        self.settlements.get(id?)
    }

    /// The person as the register knows them, else as the visit does.
    pub fn person(&self, finding: &Finding) -> Option<&Person> {
        let registered = finding.psn_no.as_ref().and_then(|id| self.persons.get(id));
        registered.or_else(|| self.visit(finding.mdtrt_id.as_ref()).map(|visit| &visit.person))
    }

    pub fn institution(&self, code: Option<&String>) -> Option<&Institution> {
        self.institutions.get(code?)
    }

    pub fn item(&self, code: &str) -> Option<&Item> {
        self.items.get(code)
    }

    fn read_lines(&mut self, batch: &RecordBatch, wanted: &Wanted<'_>) {
        let rows = Rows::new(batch);
        let (person, sn) = (rows.column("psn_no"), rows.column("bkkp_sn"));
        for row in 0..rows.len() {
            // Most persons have no finding: ask that first, it costs one look.
            let Some(serials) = wanted.lines.get(person.text(row)) else { continue };
            if serials.contains(sn.text(row)) {
                let key = (person.text(row).to_owned(), sn.text(row).to_owned());
                self.lines.entry(key).or_default().push(line(&rows, row));
            }
        }
    }

    fn read_visits(&mut self, batch: &RecordBatch, wanted: &Wanted<'_>) {
        let rows = Rows::new(batch);
        let id = rows.column("mdtrt_id");
        for row in (0..rows.len()).filter(|&row| wanted.visits.contains(id.text(row))) {
            self.visits.insert(id.text(row).to_owned(), visit(&rows, row));
        }
    }

    fn read_settlements(&mut self, batch: &RecordBatch, wanted: &Wanted<'_>) {
        let rows = Rows::new(batch);
        let id = rows.column("setl_id");
        for row in (0..rows.len()).filter(|&row| wanted.settlements.contains(id.text(row))) {
            self.settlements.insert(id.text(row).to_owned(), settlement(&rows, row));
        }
    }

    fn read_persons(&mut self, batch: &RecordBatch, wanted: &Wanted<'_>) {
        let rows = Rows::new(batch);
        let id = rows.column("psn_no");
        for row in (0..rows.len()).filter(|&row| wanted.persons.contains(id.text(row))) {
            self.persons.insert(id.text(row).to_owned(), person(&rows, row));
        }
    }

    fn read_institutions(&mut self, snapshot: &Snapshot) -> Outcome {
        each_batch(snapshot, "fixmedins_b", &["fixmedins_code", "fixmedins_name", "hosp_lv"], |batch| {
            let rows = Rows::new(batch);
            let (code, name, level) = (rows.column("fixmedins_code"), rows.column("fixmedins_name"), rows.column("hosp_lv"));
            for row in 0..rows.len() {
                let institution = Institution { name: name.text(row).to_owned(), level: level.text(row).to_owned() };
                self.institutions.insert(code.text(row).to_owned(), institution);
            }
        })
    }

    /// Only the items that stand in evidence lines.
    fn read_items(&mut self, snapshot: &Snapshot) -> Outcome {
        let used: HashSet<&str> = self.lines.values().flatten().map(|line| line.code.as_str()).collect();
        let mut items = HashMap::new();
        each_batch(snapshot, "hilist_b", &["hilist_code", "hilist_name", "spec", "unit"], |batch| {
            let rows = Rows::new(batch);
            let (code, name) = (rows.column("hilist_code"), rows.column("hilist_name"));
            let (spec, unit) = (rows.column("spec"), rows.column("unit"));
            for row in (0..rows.len()).filter(|&row| used.contains(code.text(row))) {
                let item = Item { name: name.text(row).to_owned(), spec: spec.text(row).to_owned(), unit: unit.text(row).to_owned() };
                items.insert(code.text(row).to_owned(), item);
            }
        })?;
        self.items = items;
        Ok(())
    }
}

/// Of lines with the same serial number: the one of the finding's visit, else within its time, else the first.
fn nearest<'f>(lines: &'f [Line], finding: &Finding) -> Option<&'f Line> {
    let of_visit = lines.iter().find(|line| finding.mdtrt_id.as_deref() == Some(line.mdtrt_id.as_str()));
    let within = || lines.iter().find(|line| line.time >= finding.first_time && line.time <= finding.last_time);
    of_visit.or_else(within).or_else(|| lines.first())
}

/// Keys that findings name.
struct Wanted<'f> {
    lines: HashMap<&'f str, HashSet<&'f str>>,
    visits: HashSet<&'f str>,
    settlements: HashSet<&'f str>,
    persons: HashSet<&'f str>,
}

impl<'f> Wanted<'f> {
    fn of(findings: &'f [Finding]) -> Wanted<'f> {
        let mut wanted = Wanted { lines: HashMap::new(), visits: HashSet::new(), settlements: HashSet::new(), persons: HashSet::new() };
        for finding in findings {
            wanted.visits.extend(finding.mdtrt_id.as_deref());
            wanted.settlements.extend(finding.setl_id.as_deref());
            wanted.persons.extend(finding.psn_no.as_deref());
            let evidence = finding.evidence.iter().map(String::as_str);
            match (finding.evidence_table.as_str(), finding.psn_no.as_deref()) {
                ("fee_list_d", Some(person)) => wanted.lines.entry(person).or_default().extend(evidence),
                ("mdtrt_d", _) => wanted.visits.extend(evidence),
                ("setl_d", _) => wanted.settlements.extend(evidence),
                _ => {}
            }
        }
        wanted
    }
}

const LINE_COLUMNS: &[&str] = &[
    "psn_no",
    "mdtrt_id",
    "bkkp_sn",
    "fee_ocur_time",
    "med_list_codg",
    "hilist_name",
    "medins_list_name",
    "spec",
    "med_chrgitm_type",
    "cnt",
    "pric",
    "det_item_fee_sumamt",
    "inscp_amt",
    "bilg_dept_name",
    "bilg_dr_name",
    "bilg_dr_code",
    "sin_dos_dscr",
    "used_frqu_dscr",
];

const VISIT_COLUMNS: &[&str] = &[
    "psn_no",
    "mdtrt_id",
    "med_type",
    "adm_dept_name",
    "dscg_dept_name",
    "chfpdr_name",
    "begntime",
    "ipt_days",
    "dscg_maindiag_code",
    "dscg_maindiag_name",
    "dise_name",
    "psn_name",
    "certno",
    "gend",
    "age",
    "brdy",
];

const SETTLEMENT_COLUMNS: &[&str] = &["psn_no", "setl_id", "setl_time", "med_type"];

const PERSON_COLUMNS: &[&str] = &["psn_no", "psn_name", "certno", "gend", "brdy"];

/// One fee line of a batch with [`LINE_COLUMNS`].
fn line(rows: &Rows<'_>, row: usize) -> Line {
    let text = |name: &str| rows.column(name).text(row).to_owned();
    let int = |name: &str| rows.column(name).int(row);
    Line {
        mdtrt_id: text("mdtrt_id"),
        sn: text("bkkp_sn"),
        time: int("fee_ocur_time"),
        code: text("med_list_codg"),
        name: first_known([text("medins_list_name"), text("hilist_name")]),
        spec: text("spec"),
        charge: text("med_chrgitm_type"),
        count: int("cnt").unwrap_or(0),
        price: int("pric").unwrap_or(0),
        amount: Fen(int("det_item_fee_sumamt").unwrap_or(0)),
        scope: Fen(int("inscp_amt").unwrap_or(0)),
        dept: text("bilg_dept_name"),
        doctor: first_known([text("bilg_dr_name"), text("bilg_dr_code")]),
        dose: text("sin_dos_dscr"),
        frequency: text("used_frqu_dscr"),
    }
}

/// One visit of a batch with [`VISIT_COLUMNS`].
fn visit(rows: &Rows<'_>, row: usize) -> Visit {
    let text = |name: &str| rows.column(name).text(row).to_owned();
    let int = |name: &str| rows.column(name).int(row);
    let code = text("dscg_maindiag_code");
    let name = first_known([text("dscg_maindiag_name"), text("dise_name")]);
    Visit {
        med_type: text("med_type"),
        dept: first_known([text("dscg_dept_name"), text("adm_dept_name")]),
        doctor: text("chfpdr_name"),
        begin: int("begntime"),
        days: int("ipt_days"),
        diagnosis: [name, code].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "),
        person: person(rows, row),
    }
}

fn person(rows: &Rows<'_>, row: usize) -> Person {
    let text = |name: &str| rows.column(name).text(row).to_owned();
    Person { name: text("psn_name"), certno: text("certno"), sex: text("gend"), age: text("age"), birth: rows.column("brdy").int(row) }
}

fn settlement(rows: &Rows<'_>, row: usize) -> Settlement {
    Settlement { time: rows.column("setl_time").int(row), med_type: rows.column("med_type").text(row).to_owned() }
}

fn first_known<const N: usize>(texts: [String; N]) -> String {
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

/// Reads a bucketed table bucket by bucket; a table that is absent gives nothing.
fn each_bucket(snapshot: &Snapshot, table: &str, columns: &[&str], bar: &Bar, mut each: impl FnMut(&RecordBatch)) -> Outcome {
    if !snapshot.has_table(table) {
        return Ok(());
    }
    let buckets = snapshot.buckets();
    let mut read = 0;
    for bucket in 0..buckets {
        for batch in snapshot.read_bucket(table, bucket, columns)?.into_iter().flatten() {
            read += batch.num_rows() as u64;
            each(&batch);
        }
        bar.set(f64::from(bucket + 1) / f64::from(buckets), read);
    }
    Ok(())
}

/// Reads a small table whole; a table that is absent gives nothing.
fn each_batch(snapshot: &Snapshot, table: &str, columns: &[&str], mut each: impl FnMut(&RecordBatch)) -> Outcome {
    if snapshot.has_table(table) {
        snapshot.read_table(table, columns)?.iter().for_each(&mut each);
    }
    Ok(())
}
