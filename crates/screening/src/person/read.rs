//! The persons of a bucket of the lake as rows, so that a history may be filled from it.

use std::collections::{BTreeMap, HashMap};

use mingjian_engine::RuleSet;
use mingjian_lake::Snapshot;
use mingjian_model::day::Day;
use mingjian_model::schema::{self, Type};

use super::{DiagnosisRow, LineRow, OperationRow, PersonRows, RegistrationRow, SettlementRow, ToldBy, VisitRow};
use crate::error::ScreenError;
use crate::load::bucket::{Loader, Plan};
use crate::load::catalogue::Reference;
use crate::load::columns::{Numbers, Texts};
use crate::load::lines::Items;
use crate::load::visits::{Gathered, insurance_of, two_digits};

const VISITS: &[&str] = &[
    "psn_no",
    "mdtrt_id",
    "fixmedins_code",
    "fixmedins_name",
    "med_type",
    "insutype",
    "hosp_lv",
    "begntime",
    "endtime",
    "dscg_way",
    "dscg_maindiag_code",
    "refl_old_mdtrt_id",
];
const SETTLEMENTS: &[&str] = &[
    "psn_no",
    "mdtrt_id",
    "setl_id",
    "init_setl_id",
    "refd_setl_flag",
    "setl_time",
    "medfee_sumamt",
    "inscp_amt",
    "fund_pay_sumamt",
    "acct_pay",
    "acct_mulaid_pay",
    "fixmedins_code",
    "med_type",
    "insutype",
    "hosp_lv",
    "begndate",
    "enddate",
];
const LINES: &[&str] = &[
    "psn_no",
    "mdtrt_id",
    "bkkp_sn",
    "setl_id",
    "fee_ocur_time",
    "med_list_codg",
    "cnt",
    "pric",
    "det_item_fee_sumamt",
    "inscp_amt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "pric_uplmt_amt",
    "rx_drord_no",
    "init_feedetl_sn",
    "bilg_dept_codg",
    "bilg_dr_code",
    "dscg_tkdrug_flag",
    "matn_fee_flag",
    "hosp_appr_flag",
    "sin_dos_dscr",
    "used_frqu_dscr",
    "prd_days",
    "medc_way_dscr",
    "fixmedins_code",
    "med_type",
];
const DIAGNOSES: &[&str] = &["psn_no", "mdtrt_id", "setl_list_diag_id", "maindiag_flag", "diag_code", "vali_flag"];
const OPERATIONS: &[&str] =
    &["psn_no", "mdtrt_id", "oprn_oprt_code", "oprn_oprt_begntime", "oprn_oprt_endtime", "oprn_oprt_date", "vali_flag"];
const REGISTRATIONS: &[&str] = &["psn_no", "begndate", "enddate"];

/// A batch of a table, cells by column name.
struct Cells {
    rows: usize,
    texts: HashMap<&'static str, Texts>,
    numbers: HashMap<&'static str, Numbers>,
}

impl Cells {
    fn text(&self, column: &'static str, row: usize) -> &str {
        self.texts.get(column).map_or("", |texts| texts.text(row))
    }

    fn is(&self, column: &'static str, row: usize, wanted: &str) -> bool {
        self.text(column, row).trim() == wanted
    }

    fn number(&self, column: &'static str, row: usize) -> Option<i64> {
        self.numbers.get(column).and_then(|numbers| numbers.get(row))
    }

    fn money(&self, column: &'static str, row: usize) -> i64 {
        self.number(column, row).unwrap_or(0)
    }
}

fn read(snapshot: &Snapshot, table: &'static str, bucket: u32, columns: &[&'static str]) -> Result<Vec<Cells>, ScreenError> {
    let (Some(national), true) = (schema::table(table), snapshot.has_table(table)) else { return Ok(Vec::new()) };
    let supplied = snapshot.columns(table);
    let columns: Vec<&'static str> = columns.iter().copied().filter(|name| supplied.iter().any(|column| column == name)).collect();
    let mut all = Vec::new();
    for batch in snapshot.read_bucket(table, bucket, &columns)?.iter().flatten() {
        let mut cells = Cells { rows: batch.num_rows(), texts: HashMap::new(), numbers: HashMap::new() };
        for &name in &columns {
            if national.column(name).is_some_and(|column| column.ty == Type::Text) {
                cells.texts.extend(Texts::of(batch, name)?.map(|texts| (name, texts)));
            } else {
                cells.numbers.extend(Numbers::of(table, batch, name, 0)?.map(|numbers| (name, numbers)));
            }
        }
        all.push(cells);
    }
    Ok(all)
}

/// Persons in the making: their rows, and where each visit stands among them.
#[derive(Default)]
struct Persons<'t> {
    rows: BTreeMap<&'t str, (PersonRows<'t>, HashMap<&'t str, usize>)>,
}

impl<'t> Persons<'t> {
    fn of(&mut self, psn_no: &'t str) -> &mut (PersonRows<'t>, HashMap<&'t str, usize>) {
        self.rows.entry(psn_no).or_insert_with(|| (PersonRows { psn_no, ..PersonRows::default() }, HashMap::new()))
    }

    /// The visit of a row; one that no row told of yet is made of what this row says.
    fn visit(&mut self, psn_no: &'t str, id: &'t str, make: impl FnOnce() -> VisitRow<'t>) -> (usize, &mut PersonRows<'t>) {
        let (rows, visits) = self.of(psn_no);
        let at = *visits.entry(id).or_insert_with(|| {
            rows.visits.push(VisitRow { id, ..make() });
            rows.visits.len() - 1
        });
        (at, rows)
    }

    fn known(&mut self, psn_no: &'t str, id: &'t str) -> Option<(usize, &mut PersonRows<'t>)> {
        let (rows, visits) = self.rows.get_mut(psn_no)?;
        visits.get(id).map(|&at| (at, rows))
    }
}

/// The tables of a bucket that tell of persons.
struct Tables {
    visits: Vec<Cells>,
    settlements: Vec<Cells>,
    lines: Vec<Cells>,
    diagnoses: Vec<Cells>,
    operations: Vec<Cells>,
    registrations: Vec<Cells>,
    /// Visits state a hospital level.
    levels_told: bool,
}

impl Tables {
    fn read(snapshot: &Snapshot, bucket: u32) -> Result<Tables, ScreenError> {
        Ok(Tables {
            visits: read(snapshot, "mdtrt_d", bucket, VISITS)?,
            settlements: read(snapshot, "setl_d", bucket, SETTLEMENTS)?,
            lines: read(snapshot, "fee_list_d", bucket, LINES)?,
            diagnoses: read(snapshot, "setl_list_diag_d", bucket, DIAGNOSES)?,
            operations: read(snapshot, "setl_list_oprn_d", bucket, OPERATIONS)?,
            registrations: read(snapshot, "opsp_reg_d", bucket, REGISTRATIONS)?,
            levels_told: snapshot.columns("mdtrt_d").iter().any(|column| column == "hosp_lv"),
        })
    }

    fn persons(&self) -> Persons<'_> {
        let mut persons = Persons::default();
        add_visits(&mut persons, &self.visits);
        add_settlements(&mut persons, &self.settlements, self.levels_told);
        add_lines(&mut persons, &self.lines);
        persons
    }
}

/// Hands over every person of a bucket who has a visit, by psn_no. Cost: the bucket in memory.
pub fn read_persons<E: From<ScreenError>>(
    snapshot: &Snapshot,
    bucket: u32,
    reference: &Reference,
    mut each: impl FnMut(&PersonRows<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let tables = Tables::read(snapshot, bucket)?;
    let mut persons = tables.persons();
    add_clinical(&mut persons, &tables.diagnoses, &tables.operations);
    for (cells, row) in each_row(&tables.registrations) {
        if let Some((rows, _)) = persons.rows.get_mut(cells.text("psn_no", row)) {
            rows.registrations.push(registration(cells, row));
        }
    }
    complete(snapshot, bucket, reference, &mut persons)?;
    persons.rows.values().try_for_each(|(rows, _)| each(rows))
}

/// Hands over, some at a time, the persons a version of the lake brings rows of ([`Snapshot::brought`]), by psn_no: to be laid over what is
/// known of them. A visit that only other rows tell of says so ([`ToldBy`]). Cost: what was brought of the bucket in memory.
pub fn read_brought<E: From<ScreenError>>(
    brought: &Snapshot,
    bucket: u32,
    reference: &Reference,
    at_once: usize,
    some: impl FnMut(&[&PersonRows<'_>]) -> Result<(), E>,
) -> Result<(), E> {
    let tables = Tables::read(brought, bucket)?;
    let mut persons = tables.persons();
    for table in [&tables.diagnoses, &tables.operations] {
        for (cells, row) in each_row(table) {
            persons.visit(cells.text("psn_no", row), cells.text("mdtrt_id", row), || VisitRow {
                told_by: ToldBy::Clinical,
                ..VisitRow::default()
            });
        }
    }
    add_clinical(&mut persons, &tables.diagnoses, &tables.operations);
    for (cells, row) in each_row(&tables.registrations) {
        persons.of(cells.text("psn_no", row)).0.registrations.push(registration(cells, row));
    }
    complete(brought, bucket, reference, &mut persons)?;
    let all: Vec<&PersonRows<'_>> = persons.rows.values().map(|(rows, _)| rows).collect();
    all.chunks(at_once.max(1)).try_for_each(some)
}

fn registration(cells: &Cells, row: usize) -> RegistrationRow {
    let day = |name| cells.number(name, row).map(|day| day as Day);
    RegistrationRow { begin: day("begndate"), end: day("enddate") }
}

fn each_row(batches: &[Cells]) -> impl Iterator<Item = (&Cells, usize)> {
    batches.iter().flat_map(|cells| (0..cells.rows).map(move |row| (cells, row)))
}

fn add_visits<'t>(persons: &mut Persons<'t>, visits: &'t [Cells]) {
    for (cells, row) in each_row(visits) {
        let visit = || VisitRow {
            id: "",
            institution: cells.text("fixmedins_code", row),
            institution_name: cells.text("fixmedins_name", row),
            med_type: cells.text("med_type", row),
            insutype: cells.text("insutype", row),
            hosp_lv: cells.text("hosp_lv", row),
            dscg_way: cells.text("dscg_way", row),
            main_dx: cells.text("dscg_maindiag_code", row),
            referred_from: cells.text("refl_old_mdtrt_id", row),
            begin: cells.number("begntime", row),
            end: cells.number("endtime", row),
            told_by: ToldBy::Itself,
        };
        persons.visit(cells.text("psn_no", row), cells.text("mdtrt_id", row), visit);
    }
}

fn add_settlements<'t>(persons: &mut Persons<'t>, settlements: &'t [Cells], levels_told: bool) {
    for (cells, row) in each_row(settlements) {
        let visit = || VisitRow {
            institution: cells.text("fixmedins_code", row),
            med_type: cells.text("med_type", row),
            insutype: cells.text("insutype", row),
            hosp_lv: cells.text("hosp_lv", row),
            begin: cells.number("begndate", row),
            end: cells.number("enddate", row),
            told_by: ToldBy::Money,
            ..VisitRow::default()
        };
        let (visit, rows) = persons.visit(cells.text("psn_no", row), cells.text("mdtrt_id", row), visit);
        // What a visit leaves open its settlement says, as the batch completes it.
        let held = &mut rows.visits[visit];
        if two_digits(held.med_type) == 0 {
            held.med_type = cells.text("med_type", row);
        }
        if insurance_of(held.insutype) == 0 {
            held.insutype = cells.text("insutype", row);
        }
        if !levels_told && held.hosp_lv.is_empty() {
            held.hosp_lv = cells.text("hosp_lv", row);
        }
        rows.settlements.push(SettlementRow {
            visit,
            id: cells.text("setl_id", row),
            time: cells.number("setl_time", row).unwrap_or(0),
            refunded: cells.is("refd_setl_flag", row, "1"),
            takes_back: cells.text("init_setl_id", row),
            medfee: cells.money("medfee_sumamt", row),
            scope: cells.money("inscp_amt", row),
            fund: cells.money("fund_pay_sumamt", row),
            account: cells.money("acct_pay", row) + cells.money("acct_mulaid_pay", row),
        });
    }
}

fn add_lines<'t>(persons: &mut Persons<'t>, lines: &'t [Cells]) {
    for (cells, row) in each_row(lines) {
        let visit = || VisitRow {
            institution: cells.text("fixmedins_code", row),
            med_type: cells.text("med_type", row),
            told_by: ToldBy::Money,
            ..VisitRow::default()
        };
        let says_doctor = cells.texts.contains_key("bilg_dr_code");
        let (visit, rows) = persons.visit(cells.text("psn_no", row), cells.text("mdtrt_id", row), visit);
        rows.lines.push(LineRow {
            visit,
            id: cells.text("bkkp_sn", row),
            item: cells.text("med_list_codg", row),
            item_name: "",
            time: cells.number("fee_ocur_time", row).unwrap_or(0),
            count: cells.money("cnt", row),
            price: cells.money("pric", row),
            amount: cells.money("det_item_fee_sumamt", row),
            scope: cells.money("inscp_amt", row),
            own: cells.money("fulamt_ownpay_amt", row),
            over_limit: cells.money("overlmt_selfpay", row),
            price_cap: cells.money("pric_uplmt_amt", row),
            settlement: cells.text("setl_id", row),
            prescription: cells.text("rx_drord_no", row),
            origin: cells.text("init_feedetl_sn", row),
            discharge_drug: cells.is("dscg_tkdrug_flag", row, "1"),
            maternity_fee: cells.is("matn_fee_flag", row, "1"),
            approved: cells.is("hosp_appr_flag", row, "1"),
            doctor: says_doctor.then(|| cells.text("bilg_dr_code", row)),
            department: cells.text("bilg_dept_codg", row),
            dose: cells.text("sin_dos_dscr", row),
            frequency: cells.text("used_frqu_dscr", row),
            stated_days: cells.money("prd_days", row),
            route: cells.text("medc_way_dscr", row),
        });
    }
}

fn add_clinical<'t>(persons: &mut Persons<'t>, diagnoses: &'t [Cells], operations: &'t [Cells]) {
    for (cells, row) in each_row(diagnoses).filter(|(cells, row)| !cells.is("vali_flag", *row, "0")) {
        let Some((visit, rows)) = persons.known(cells.text("psn_no", row), cells.text("mdtrt_id", row)) else { continue };
        rows.diagnoses.push(DiagnosisRow {
            visit,
            id: cells.text("setl_list_diag_id", row),
            code: cells.text("diag_code", row),
            main: cells.is("maindiag_flag", row, "1"),
        });
    }
    for (cells, row) in each_row(operations).filter(|(cells, row)| !cells.is("vali_flag", *row, "0")) {
        let time = cells.number("oprn_oprt_begntime", row).or_else(|| cells.number("oprn_oprt_date", row));
        let end = cells.number("oprn_oprt_endtime", row);
        let Some((visit, rows)) = persons.known(cells.text("psn_no", row), cells.text("mdtrt_id", row)) else { continue };
        rows.operations.extend(time.map(|begin| OperationRow { visit, code: cells.text("oprn_oprt_code", row), begin, end }));
    }
}

/// Sex, birth and day of death, as the batch finds them.
fn complete(snapshot: &Snapshot, bucket: u32, reference: &Reference, persons: &mut Persons<'_>) -> Result<(), ScreenError> {
    let (plan, rules) = (Plan::default(), RuleSet::default());
    let loader = Loader { snapshot, plan: &plan, reference, rules: &rules, items: Items::default() };
    let mut gathered = Gathered::default();
    let numbers: Vec<u32> = persons.rows.keys().map(|psn_no| gathered.person(psn_no)).collect();
    loader.persons(bucket, &mut gathered)?;
    for ((rows, _), number) in persons.rows.values_mut().zip(numbers) {
        let facts = &gathered.facts[number as usize];
        rows.sex = facts.sex;
        rows.birth = facts.birth;
        rows.died = reference.deaths.of(&facts.certificate, &facts.name, facts.birth).or(rows.died);
    }
    Ok(())
}
