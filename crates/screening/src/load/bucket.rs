//! One bucket of the lake, read and put in order: [`Loader::load`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use arrow::array::RecordBatch;
use mingjian_engine::timeline::{Operation, Registration, Settlement, Timelines, flag};
use mingjian_engine::{NONE, RuleSet, Worker};
use mingjian_lake::Snapshot;
use mingjian_model::day::{Day, Moment};

use super::catalogue::Reference;
use super::columns::{Numbers, Texts, number_of, text_of};
use super::lines::{self, Context, Items, LineColumns, Piece, Unknown};
use super::pool::Interner;
use super::visits::{
    Gathered, Level, People, PersonFacts, Place, RawDiagnosis, RawOperation, RawSettlement, RawVisit, insurance_of, sex_of, two_digits,
};
use crate::error::ScreenError;

/// Which columns of which national tables the rules in hand need.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    columns: BTreeMap<String, BTreeSet<String>>,
}

/// What screening itself needs of each person table.
const BASE: &[(&str, &[&str])] = &[
    ("fee_list_d", lines::BASE_COLUMNS),
    (
        "mdtrt_d",
        &[
            "psn_no",
            "mdtrt_id",
            "fixmedins_code",
            "med_type",
            "insutype",
            "hosp_lv",
            "begntime",
            "endtime",
            "dscg_way",
            "dscg_maindiag_code",
            "refl_old_mdtrt_id",
        ],
    ),
    (
        "setl_d",
        &[
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
        ],
    ),
    ("psn_info_b", &["psn_no", "gend", "brdy"]),
];

/// Lines columns the kernel has a field for; no other is read for the rules' sake.
const LINE_FIELDS: &[&str] = &[
    "pric",
    "overlmt_selfpay",
    "pric_uplmt_amt",
    "rx_drord_no",
    "bilg_dept_codg",
    "bilg_dr_code",
    "dscg_tkdrug_flag",
    "matn_fee_flag",
    "hosp_appr_flag",
    "sin_dos_dscr",
    "used_frqu_dscr",
    "prd_days",
    "medc_way_dscr",
];

impl Plan {
    /// The plan for rules that read these (table, column) pairs.
    pub fn new<'a>(reads: impl IntoIterator<Item = (&'a str, &'a str)>) -> Plan {
        let mut plan = Plan::default();
        for (table, columns) in BASE {
            plan.columns.entry((*table).to_owned()).or_default().extend(columns.iter().map(|column| (*column).to_owned()));
        }
        for (table, column) in reads {
            let wanted = match table {
                "fee_list_d" => LINE_FIELDS.contains(&column),
                "setl_list_diag_d" | "setl_list_oprn_d" | "opsp_reg_d" | "death_list" => true,
                _ => false,
            };
            if wanted {
                plan.columns.entry(table.to_owned()).or_default().insert(column.to_owned());
            }
        }
        if plan.needs("fee_list_d", "sin_dos_dscr") || plan.needs("fee_list_d", "prd_days") {
            // Days of supply come from dose, frequency and quantity, else from the stated days.
            let lines = plan.columns.entry("fee_list_d".to_owned()).or_default();
            lines.extend(["sin_dos_dscr", "used_frqu_dscr", "prd_days"].map(str::to_owned));
        }
        plan
    }

    fn needs(&self, table: &str, column: &str) -> bool {
        self.columns.get(table).is_some_and(|columns| columns.contains(column))
    }

    fn has(&self, table: &str) -> bool {
        self.columns.contains_key(table)
    }

    /// Columns of a table, as far as the snapshot has them.
    pub fn columns(&self, snapshot: &Snapshot, table: &str) -> Vec<String> {
        let supplied = snapshot.columns(table);
        self.columns
            .get(table)
            .map_or_else(Vec::new, |columns| columns.iter().filter(|column| supplied.contains(column)).cloned().collect())
    }

    /// Tables read bucket by bucket.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str).filter(|&table| table != "death_list")
    }
}

/// Reads buckets for one thread.
pub(crate) struct Loader<'a> {
    pub snapshot: &'a Snapshot,
    pub plan: &'a Plan,
    pub reference: &'a Reference,
    pub rules: &'a RuleSet,
    pub items: Items,
}

/// Whole persons with all their lines.
pub(crate) struct Bucket {
    pub people: People,
    pub chunks: Vec<Chunk>,
    /// First row and end of each run, counted through the bucket.
    runs: Vec<(u32, u32)>,
    number: u32,
}

/// What a row tells of a person: when, sex, birth, certificate, name. The newest is the greatest.
type Told = (Option<Moment>, u8, Option<Day>, String, String);

/// Persons that are screened in one go.
pub(crate) struct Chunk {
    pub persons: Range<u32>,
    pub lines: LineColumns,
    source: Source,
}

/// Where a chunk's lines stand among the bucket's rows.
enum Source {
    /// All rows of one row group, from this row on.
    InPlace(u32),
    /// Each row.
    Gathered(Vec<u32>),
}

impl Chunk {
    /// The row, among the bucket's rows, a line was read from.
    pub fn row(&self, line: u32) -> u32 {
        match &self.source {
            Source::InPlace(base) => base + line,
            Source::Gathered(rows) => rows[line as usize],
        }
    }
}

impl Bucket {
    /// One person, whose lines stand in order already.
    pub fn of_person(people: People, lines: LineColumns) -> Bucket {
        let chunk = Chunk { persons: 0..people.persons.len() as u32, lines, source: Source::InPlace(0) };
        Bucket { people, chunks: vec![chunk], runs: Vec::new(), number: 0 }
    }

    pub fn timelines<'b>(&'b self, chunk: &'b Chunk) -> Timelines<'b> {
        let people = &self.people;
        Timelines {
            persons: &people.persons[chunk.persons.start as usize..chunk.persons.end as usize],
            visits: &people.visits,
            settlements: &people.settlements,
            diagnoses: &people.diagnoses,
            operations: &people.operations,
            registrations: &people.registrations,
            lines: chunk.lines.lines(),
        }
    }

    pub fn line_count(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.lines.len() as u64).sum()
    }

    /// Cells of some rows of `fee_list_d`: per row, one text per column; rows count through the bucket's row groups, ascending.
    pub fn pick(&self, snapshot: &Snapshot, columns: &[&str], rows: &[u32]) -> Result<Vec<Vec<String>>, ScreenError> {
        let supplied = snapshot.columns("fee_list_d");
        let present: Vec<&str> = columns.iter().copied().filter(|column| supplied.iter().any(|name| name == column)).collect();
        let mut picked = Vec::with_capacity(rows.len());
        let mut rest = rows;
        for (run, &(start, end)) in self.runs.iter().enumerate() {
            let (mine, later) = rest.split_at(rest.partition_point(|&row| row < end));
            rest = later;
            if mine.is_empty() {
                continue;
            }
            let mine: Vec<u64> = mine.iter().map(|&row| u64::from(row - start)).collect();
            for batch in snapshot.read_columns_for_rows("fee_list_d", self.number, run, &present, &mine)? {
                let texts = columns.iter().map(|column| Texts::of(&batch, column)).collect::<Result<Vec<_>, _>>()?;
                picked.extend((0..batch.num_rows()).map(|row| texts.iter().map(|column| text_of(column, row).to_owned()).collect()));
            }
        }
        Ok(picked)
    }
}

impl Loader<'_> {
    /// Reads a bucket whole.
    pub fn load(&mut self, number: u32, worker: &mut Worker) -> Result<Bucket, ScreenError> {
        let mut gathered = Gathered::default();
        self.visits(number, worker, &mut gathered)?;
        self.settlements(number, worker, &mut gathered)?;
        let mut unknown = Vec::new();
        let pieces = self.pieces(number, &mut gathered, &mut unknown)?;
        self.visits_of_lines(number, worker, &pieces, &unknown, &mut gathered)?;
        self.diagnoses(number, worker, &mut gathered)?;
        self.operations(number, worker, &mut gathered)?;
        self.registrations(number, &mut gathered)?;
        self.persons(number, &mut gathered)?;
        let first_line = first_lines(&gathered, &pieces);
        let mut people = gathered.arrange(self.reference, &first_line);
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for piece in &pieces {
            let start = runs.last().map_or(0, |run| run.1);
            while runs.len() <= piece.run {
                runs.push((start, start));
            }
            if let Some(run) = runs.last_mut() {
                run.1 += piece.batch.num_rows() as u32;
            }
        }
        let chunks = self.chunks(number, worker, pieces, &mut people)?;
        let mut bucket = Bucket { people, chunks, runs, number };
        self.link_reversals(&mut bucket)?;
        Ok(bucket)
    }

    fn read(&self, table: &str, number: u32, columns: &[&str]) -> Result<Vec<Vec<RecordBatch>>, ScreenError> {
        if !self.snapshot.has_table(table) || columns.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.snapshot.read_bucket(table, number, columns)?)
    }

    fn read_plan(&self, table: &str, number: u32) -> Result<Vec<Vec<RecordBatch>>, ScreenError> {
        let columns = self.plan.columns(self.snapshot, table);
        self.read(table, number, &columns.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn visits(&self, number: u32, worker: &mut Worker, gathered: &mut Gathered) -> Result<(), ScreenError> {
        let table = "mdtrt_d";
        for batch in self.read_plan(table, number)?.iter().flatten() {
            let text = |name| Texts::of(batch, name);
            let (Some(person), Some(id)) = (text("psn_no")?, text("mdtrt_id")?) else { continue };
            let persons = person.map(NONE, |psn_no| gathered.person(psn_no));
            let facts = VisitColumns::of(table, batch, "begntime", "endtime", self, worker)?;
            let way = text("dscg_way")?.map(|way| (way.map(0, |text| text.trim().parse::<u8>().unwrap_or(0)), way));
            let dx = text("dscg_maindiag_code")?.map(|dx| (dx.map(None, |code| Some(worker.code(self.rules, code))), dx));
            let referral = text("refl_old_mdtrt_id")?;
            for row in 0..batch.num_rows() {
                let mut visit = facts.visit(persons[person.slot(row)], row);
                visit.discharge_way = way.as_ref().map_or(0, |(ways, way)| ways[way.slot(row)]);
                visit.main_dx = dx.as_ref().and_then(|(codes, dx)| codes[dx.slot(row)]);
                visit.referred_from = Some(text_of(&referral, row)).filter(|id| !id.is_empty()).map(|id| gathered.ids.push(id));
                gathered.add_visit(visit, id.text(row));
            }
        }
        Ok(())
    }

    fn settlements(&self, number: u32, worker: &mut Worker, gathered: &mut Gathered) -> Result<(), ScreenError> {
        let table = "setl_d";
        // Settlements another names, with the person: the names are looked up once all are there.
        let mut named: BTreeSet<(u32, String)> = BTreeSet::new();
        let mut open = Vec::new();
        let levels_told = self.snapshot.columns("mdtrt_d").iter().any(|column| column == "hosp_lv");
        let runs = self.read_plan(table, number)?;
        for (at, batch) in runs.iter().flatten().enumerate() {
            let text = |name| Texts::of(batch, name);
            let money = |name| Numbers::of(table, batch, name, 0);
            let (Some(person), Some(visit), Some(id)) = (text("psn_no")?, text("mdtrt_id")?, text("setl_id")?) else { continue };
            let persons = person.map(NONE, |psn_no| gathered.person(psn_no));
            let refunded = text("refd_setl_flag")?.map(|flag| (flag.map(false, |text| text.trim() == "1"), flag));
            let origin = text("init_setl_id")?;
            let time = money("setl_time")?;
            let (medfee, scope, fund) = (money("medfee_sumamt")?, money("inscp_amt")?, money("fund_pay_sumamt")?);
            let (account, shared) = (money("acct_pay")?, money("acct_mulaid_pay")?);
            for row in 0..batch.num_rows() {
                let owner = persons[person.slot(row)];
                let mut void = refunded.as_ref().is_some_and(|(refunded, flag)| refunded[flag.slot(row)]);
                let named_here = text_of(&origin, row);
                if !named_here.is_empty() && named_here != id.text(row) {
                    void = true;
                    named.insert((owner, named_here.to_owned()));
                }
                let visit = match gathered.find_visit(owner, visit.text(row)) {
                    Some(found) => {
                        if gathered.visits[found as usize].is_open(levels_told) {
                            open.push(Open { batch: at, row, visit: found, made: false });
                        }
                        found
                    }
                    None => {
                        let made = gathered.add_visit(RawVisit { person: owner, ..RawVisit::default() }, visit.text(row));
                        open.push(Open { batch: at, row, visit: made, made: true });
                        made
                    }
                };
                let settlement = Settlement {
                    time: number_of(&time, row).unwrap_or(0),
                    void,
                    medfee: number_of(&medfee, row).unwrap_or(0),
                    scope: number_of(&scope, row).unwrap_or(0),
                    fund: number_of(&fund, row).unwrap_or(0),
                    account: number_of(&account, row).unwrap_or(0) + number_of(&shared, row).unwrap_or(0),
                };
                let id = gathered.ids.push(id.text(row));
                gathered.settlements.push(RawSettlement { visit, id, settlement });
            }
        }
        if !named.is_empty() {
            let Gathered { settlements, visits, ids, .. } = gathered;
            for raw in settlements.iter_mut() {
                let key = (visits[raw.visit as usize].person, ids.get(raw.id).to_owned());
                raw.settlement.void |= named.contains(&key);
            }
        }
        self.visits_of_settlements(number, worker, &open, levels_told, gathered)
    }

    /// Visits no row of mdtrt_d tells of take what their settlement says, the others what theirs leaves open.
    fn visits_of_settlements(
        &self,
        number: u32,
        worker: &mut Worker,
        open: &[Open],
        levels_told: bool,
        gathered: &mut Gathered,
    ) -> Result<(), ScreenError> {
        if open.is_empty() {
            return Ok(());
        }
        let table = "setl_d";
        let columns = self.supplied(table, &["fixmedins_code", "med_type", "insutype", "hosp_lv", "begndate", "enddate", "setl_time"]);
        let runs = self.read(table, number, &columns)?;
        let mut open = open.iter().peekable();
        for (at, batch) in runs.iter().flatten().enumerate() {
            if open.peek().is_none_or(|next| next.batch != at) {
                continue;
            }
            let facts = VisitColumns::of(table, batch, "begndate", "enddate", self, worker)?;
            while let Some(next) = open.next_if(|next| next.batch == at) {
                let held = &mut gathered.visits[next.visit as usize];
                let (person, id) = (held.person, held.id);
                let told = facts.visit(person, next.row);
                if next.made {
                    *held = RawVisit { id, ..told };
                } else {
                    held.complete(&told, levels_told);
                }
            }
        }
        Ok(())
    }

    fn pieces(&self, number: u32, gathered: &mut Gathered, unknown: &mut Vec<Unknown>) -> Result<Vec<Piece>, ScreenError> {
        let mut pieces = Vec::new();
        for (run, batches) in self.read_plan("fee_list_d", number)?.into_iter().enumerate() {
            for batch in batches {
                let at = pieces.len();
                pieces.push(Piece::segments(batch, run, at, gathered, unknown)?);
            }
        }
        Ok(pieces)
    }

    /// Visits only lines know of take institution and kind from their first line.
    fn visits_of_lines(
        &self,
        number: u32,
        worker: &mut Worker,
        pieces: &[Piece],
        unknown: &[Unknown],
        gathered: &mut Gathered,
    ) -> Result<(), ScreenError> {
        if unknown.is_empty() {
            return Ok(());
        }
        let table = "fee_list_d";
        let columns = self.supplied(table, &["fixmedins_code", "med_type"]);
        let batches: Vec<RecordBatch> = self.read(table, number, &columns)?.into_iter().flatten().collect();
        let mut unknown = unknown.iter().peekable();
        for (at, (batch, _)) in batches.iter().zip(pieces).enumerate() {
            if unknown.peek().is_none_or(|next| next.piece != at) {
                continue;
            }
            let facts = VisitColumns::of(table, batch, "", "", self, worker)?;
            while let Some(next) = unknown.next_if(|next| next.piece == at) {
                let held = &mut gathered.visits[next.visit as usize];
                let (person, id) = (held.person, held.id);
                *held = RawVisit { id, ..facts.visit(person, next.row as usize) };
            }
        }
        Ok(())
    }

    fn diagnoses(&self, number: u32, worker: &mut Worker, gathered: &mut Gathered) -> Result<(), ScreenError> {
        let table = "setl_list_diag_d";
        if !self.plan.has(table) {
            return Ok(());
        }
        let columns = self.supplied(table, &["psn_no", "mdtrt_id", "setl_list_diag_id", "maindiag_flag", "diag_code", "vali_flag"]);
        for batch in self.read(table, number, &columns)?.iter().flatten() {
            let text = |name| Texts::of(batch, name);
            let (Some(person), Some(visit), Some(code)) = (text("psn_no")?, text("mdtrt_id")?, text("diag_code")?) else { continue };
            let persons = person.map(NONE, |psn_no| gathered.person(psn_no));
            let codes = code.map(NONE, |code| worker.code(self.rules, code));
            let main = text("maindiag_flag")?.map(|flag| (flag.map(false, |text| text.trim() == "1"), flag));
            let valid = text("vali_flag")?.map(|flag| (flag.map(true, |text| text.trim() != "0"), flag));
            let id = text("setl_list_diag_id")?;
            for row in 0..batch.num_rows() {
                let code = codes[code.slot(row)];
                if code == NONE || valid.as_ref().is_some_and(|(valid, flag)| !valid[flag.slot(row)]) {
                    continue;
                }
                let Some(visit) = gathered.find_visit(persons[person.slot(row)], visit.text(row)) else { continue };
                let main = main.as_ref().is_some_and(|(main, flag)| main[flag.slot(row)]);
                let id = gathered.ids.push(text_of(&id, row));
                gathered.diagnoses.push(RawDiagnosis { visit, main, id, code });
            }
        }
        Ok(())
    }

    fn operations(&self, number: u32, worker: &mut Worker, gathered: &mut Gathered) -> Result<(), ScreenError> {
        let table = "setl_list_oprn_d";
        if !self.plan.has(table) {
            return Ok(());
        }
        let columns = self.supplied(
            table,
            &["psn_no", "mdtrt_id", "oprn_oprt_code", "oprn_oprt_begntime", "oprn_oprt_endtime", "oprn_oprt_date", "vali_flag"],
        );
        for batch in self.read(table, number, &columns)?.iter().flatten() {
            let text = |name| Texts::of(batch, name);
            let (Some(person), Some(visit)) = (text("psn_no")?, text("mdtrt_id")?) else { continue };
            let persons = person.map(NONE, |psn_no| gathered.person(psn_no));
            let code = text("oprn_oprt_code")?.map(|code| (code.map(NONE, |code| worker.code(self.rules, code)), code));
            let valid = text("vali_flag")?.map(|flag| (flag.map(true, |text| text.trim() != "0"), flag));
            let time = |name| Numbers::of(table, batch, name, 0);
            let (begin, end, date) = (time("oprn_oprt_begntime")?, time("oprn_oprt_endtime")?, time("oprn_oprt_date")?);
            for row in 0..batch.num_rows() {
                // An operation without a time is no session of its own.
                let Some(begin) = number_of(&begin, row).or_else(|| number_of(&date, row)) else { continue };
                if valid.as_ref().is_some_and(|(valid, flag)| !valid[flag.slot(row)]) {
                    continue;
                }
                let Some(visit) = gathered.find_visit(persons[person.slot(row)], visit.text(row)) else { continue };
                let code = code.as_ref().map_or(NONE, |(codes, code)| codes[code.slot(row)]);
                gathered.operations.push(RawOperation { visit, operation: Operation { code, begin }, end: number_of(&end, row) });
            }
        }
        Ok(())
    }

    fn registrations(&self, number: u32, gathered: &mut Gathered) -> Result<(), ScreenError> {
        let table = "opsp_reg_d";
        if !self.plan.has(table) {
            return Ok(());
        }
        let columns = self.supplied(table, &["psn_no", "begndate", "enddate"]);
        for batch in self.read(table, number, &columns)?.iter().flatten() {
            let Some(person) = Texts::of(batch, "psn_no")? else { continue };
            let (begin, end) = (Numbers::of(table, batch, "begndate", 0)?, Numbers::of(table, batch, "enddate", 0)?);
            for row in 0..batch.num_rows() {
                let registration = Registration {
                    begin: number_of(&begin, row).map_or(Day::MIN, |day| day as Day),
                    end: number_of(&end, row).map_or(Day::MAX, |day| day as Day),
                };
                let person = gathered.person(person.text(row));
                gathered.registrations.push((person, registration));
            }
        }
        Ok(())
    }

    /// Sex, birth and certificate from psn_info_b; what it lacks from the newest visit that says it, then the newest settlement.
    pub fn persons(&self, number: u32, gathered: &mut Gathered) -> Result<(), ScreenError> {
        let dead = !self.reference.deaths.is_empty();
        let names: &[&str] = if dead { &["certno", "psn_name"] } else { &[] };
        for (table, time) in [("psn_info_b", "updt_time"), ("mdtrt_d", "begntime"), ("setl_d", "setl_time")] {
            let lacking = |facts: &PersonFacts| facts.sex == 0 || facts.birth.is_none() || dead && facts.certificate.is_empty();
            if table != "psn_info_b" && !gathered.facts.iter().any(lacking) {
                return Ok(());
            }
            let columns = self.supplied(table, &[&["psn_no", "gend", "brdy", time], names].concat());
            let mut newest: BTreeMap<u32, Told> = BTreeMap::new();
            for batch in self.read(table, number, &columns)?.iter().flatten() {
                let text = |name| Texts::of(batch, name);
                let Some(person) = text("psn_no")? else { continue };
                let (sex, certificate, name) = (text("gend")?, text("certno")?, text("psn_name")?);
                let (birth, time) = (Numbers::of(table, batch, "brdy", 0)?, Numbers::of(table, batch, time, 0)?);
                for row in 0..batch.num_rows() {
                    // psn_info_b also lists persons without a visit; they are not looked at.
                    let Some(person) = gathered.persons.find(person.text(row)) else { continue };
                    if !lacking(&gathered.facts[person as usize]) {
                        continue;
                    }
                    let sex = sex_of(text_of(&sex, row));
                    let birth = number_of(&birth, row).map(|day| day as Day);
                    let record = (number_of(&time, row), sex, birth, text_of(&certificate, row).to_owned(), text_of(&name, row).to_owned());
                    let held = newest.entry(person).or_default();
                    if *held < record {
                        *held = record;
                    }
                }
            }
            for (person, (_, sex, birth, certificate, name)) in newest {
                gathered.facts[person as usize].complete(PersonFacts { sex, birth, certificate, name, died: None });
            }
        }
        Ok(())
    }

    fn supplied<'c>(&self, table: &str, columns: &[&'c str]) -> Vec<&'c str> {
        let supplied = self.snapshot.columns(table);
        columns.iter().copied().filter(|name| supplied.iter().any(|column| column == name)).collect()
    }

    /// Cuts the bucket into what is screened in one go: row group by row group where they are in order, else the whole bucket.
    fn chunks(&mut self, number: u32, worker: &mut Worker, pieces: Vec<Piece>, people: &mut People) -> Result<Vec<Chunk>, ScreenError> {
        let in_place = pieces.iter().all(|piece| piece.in_order(people)) && persons_do_not_straddle(&pieces, people);
        let mut prescriptions = (!in_place).then(Interner::default);
        let mut columns = Vec::with_capacity(pieces.len());
        let mut base = 0;
        for piece in &pieces {
            let mut context = Context {
                rules: self.rules,
                worker,
                items: &mut self.items,
                reference: self.reference,
                people,
                newest_upload: self.snapshot.newest_upload(),
                prescriptions: prescriptions.as_mut(),
                prescription_base: base,
            };
            columns.push(piece.columns(&mut context)?);
            base = context.prescription_base;
        }
        if in_place { Ok(chunks_in_place(pieces, columns, people)) } else { self.chunk_gathered(number, &pieces, columns, people) }
    }

    /// One chunk of all rows, by (visit, time); rows of one visit and moment by bkkp_sn, as within a run.
    fn chunk_gathered(
        &self,
        number: u32,
        pieces: &[Piece],
        columns: Vec<LineColumns>,
        people: &mut People,
    ) -> Result<Vec<Chunk>, ScreenError> {
        let mut keys: Vec<(u32, Moment, u32)> = Vec::new();
        let mut base = 0u32;
        for (piece, columns) in pieces.iter().zip(&columns) {
            for segment in &piece.segments {
                let visit = people.place[segment.visit as usize];
                keys.extend((segment.rows.0..segment.rows.1).map(|row| (visit, columns.time[row as usize], base + row)));
            }
            base += piece.batch.num_rows() as u32;
        }
        keys.sort_unstable();
        let ties = keys.windows(2).any(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1));
        if ties && pieces.len() > 1 {
            let all: Vec<RecordBatch> = self.read("fee_list_d", number, &["bkkp_sn"])?.into_iter().flatten().collect();
            let texts = all.iter().map(|batch| Texts::of(batch, "bkkp_sn")).collect::<Result<Vec<_>, _>>()?;
            let starts: Vec<u32> = all
                .iter()
                .scan(0, |next, batch| {
                    let start = *next;
                    *next += batch.num_rows() as u32;
                    Some(start)
                })
                .collect();
            let serial = |row: u32| {
                let piece = starts.partition_point(|&start| start <= row) - 1;
                text_of(&texts[piece], (row - starts[piece]) as usize)
            };
            keys.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| serial(a.2).cmp(serial(b.2))));
        }
        let order: Vec<u32> = keys.iter().map(|key| key.2).collect();
        let mut at = 0;
        while at < keys.len() {
            let visit = keys[at].0;
            let end = at + keys[at..].partition_point(|key| key.0 == visit);
            people.visits[visit as usize].lines = at as u32..end as u32;
            at = end;
        }
        let lines = LineColumns::gather(&columns, &order);
        Ok(vec![Chunk { persons: 0..people.persons.len() as u32, lines, source: Source::Gathered(order) }])
    }

    /// 冲销: finds the row each reversal takes back, by bkkp_sn inside the visit; those that find none are orphans.
    fn link_reversals(&self, bucket: &mut Bucket) -> Result<(), ScreenError> {
        if !self.plan.needs("fee_list_d", "init_feedetl_sn") {
            return Ok(());
        }
        // Lines of the visits that hold a reversal with an origin: (row in the bucket, chunk, line), ascending.
        let mut wanted: Vec<(u32, usize, u32)> = Vec::new();
        let mut visits = BTreeSet::new();
        for (at, chunk) in bucket.chunks.iter().enumerate() {
            let people = &bucket.people;
            for person in &people.persons[chunk.persons.start as usize..chunk.persons.end as usize] {
                for visit in person.visits.clone() {
                    let lines = people.visits[visit as usize].lines.clone();
                    if !lines.clone().any(|line| is_linked_reversal(&chunk.lines, line as usize)) {
                        continue;
                    }
                    visits.insert((at, visit));
                    wanted.extend(lines.map(|line| (chunk.row(line), at, line)));
                }
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        wanted.sort_unstable();
        let rows: Vec<u32> = wanted.iter().map(|wanted| wanted.0).collect();
        let cells = bucket.pick(self.snapshot, &["bkkp_sn", "init_feedetl_sn"], &rows)?;
        let by_line: BTreeMap<(usize, u32), &Vec<String>> =
            wanted.iter().zip(&cells).map(|(wanted, cells)| ((wanted.1, wanted.2), cells)).collect();
        for (at, visit) in visits {
            let lines = bucket.people.visits[visit as usize].lines.clone();
            for line in lines.clone() {
                if !is_linked_reversal(&bucket.chunks[at].lines, line as usize) {
                    continue;
                }
                let origin = by_line.get(&(at, line)).map_or("", |cells| cells[1].as_str());
                let found = lines.clone().find(|&other| other != line && by_line.get(&(at, other)).is_some_and(|cells| cells[0] == origin));
                let columns = &mut bucket.chunks[at].lines;
                let settlement = columns.settlement[line as usize];
                let void = settlement != NONE && bucket.people.settlements[settlement as usize].void;
                match found {
                    Some(found) => columns.origin[line as usize] = found as i32 - line as i32,
                    None if !void => columns.flags[line as usize] |= flag::ORPHAN_REVERSAL,
                    None => {}
                }
            }
        }
        Ok(())
    }
}

/// A negative line that names an origin: the loader flagged those that name none.
fn is_linked_reversal(lines: &LineColumns, line: usize) -> bool {
    lines.count[line] < 0 && lines.flags[line] & flag::ORPHAN_REVERSAL == 0
}

/// The earliest line of each visit that nothing else dates.
fn first_lines(gathered: &Gathered, pieces: &[Piece]) -> BTreeMap<u32, Moment> {
    let mut first = BTreeMap::new();
    if gathered.visits.iter().all(|visit| visit.begin.is_some()) {
        return first;
    }
    for piece in pieces {
        for &segment in piece.segments.iter().filter(|segment| gathered.visits[segment.visit as usize].begin.is_none()) {
            let time = piece.first_time(segment);
            first.entry(segment.visit).and_modify(|held: &mut Moment| *held = time.min(*held)).or_insert(time);
        }
    }
    first
}

/// Whether each row group's persons come after those of the one before.
fn persons_do_not_straddle(pieces: &[Piece], people: &People) -> bool {
    let ends = |piece: &Piece| {
        let person = |visit: u32| people.person_of[people.place[visit as usize] as usize];
        piece.segments.first().zip(piece.segments.last()).map(|(first, last)| (person(first.visit), person(last.visit)))
    };
    let ends: Vec<(u32, u32)> = pieces.iter().filter_map(ends).collect();
    ends.windows(2).all(|pair| pair[0].1 < pair[1].0)
}

fn chunks_in_place(pieces: Vec<Piece>, columns: Vec<LineColumns>, people: &mut People) -> Vec<Chunk> {
    let mut chunks = Vec::with_capacity(pieces.len().max(1));
    let (mut next_person, mut base) = (0, 0);
    let count = pieces.len();
    for (at, (piece, lines)) in pieces.into_iter().zip(columns).enumerate() {
        for segment in &piece.segments {
            people.visits[people.place[segment.visit as usize] as usize].lines = segment.rows.0..segment.rows.1;
        }
        let last = piece.segments.last().map_or(next_person, |segment| people.person_of[people.place[segment.visit as usize] as usize] + 1);
        let end = if at + 1 == count { people.persons.len() as u32 } else { last };
        let rows = lines.len() as u32;
        chunks.push(Chunk { persons: next_person..end, lines, source: Source::InPlace(base) });
        base += rows;
        next_person = end;
    }
    if chunks.is_empty() && !people.persons.is_empty() {
        chunks.push(Chunk { persons: 0..people.persons.len() as u32, lines: LineColumns::default(), source: Source::InPlace(0) });
    }
    chunks
}

/// A visit that a row of setl_d has something to say about.
struct Open {
    batch: usize,
    row: usize,
    visit: u32,
    /// Made of this row, for lack of one in mdtrt_d.
    made: bool,
}

/// Columns visits are made of, in whichever table tells of them.
struct VisitColumns {
    institution: Option<(Vec<Place>, Texts)>,
    med_type: Option<(Vec<i16>, Texts)>,
    insurance: Option<(Vec<i16>, Texts)>,
    level: Option<(Vec<Option<Level>>, Texts)>,
    begin: Option<Numbers>,
    end: Option<Numbers>,
    elsewhere: Place,
}

impl VisitColumns {
    fn of(
        table: &str,
        batch: &RecordBatch,
        begin: &str,
        end: &str,
        loader: &Loader<'_>,
        worker: &mut Worker,
    ) -> Result<VisitColumns, ScreenError> {
        let text = |name| Texts::of(batch, name);
        let elsewhere = Place::of("", worker, loader.reference);
        Ok(VisitColumns {
            institution: text("fixmedins_code")?
                .map(|column| (column.map(elsewhere, |code| Place::of(code, worker, loader.reference)), column)),
            med_type: text("med_type")?.map(|column| (column.map(0, two_digits), column)),
            insurance: text("insutype")?.map(|column| (column.map(0, insurance_of), column)),
            level: text("hosp_lv")?.map(|column| (column.map(None, |text| Some(Level::of(text))), column)),
            begin: Numbers::of(table, batch, begin, 0)?,
            end: Numbers::of(table, batch, end, 0)?,
            elsewhere,
        })
    }

    fn visit(&self, person: u32, row: usize) -> RawVisit {
        RawVisit {
            person,
            institution: self.institution.as_ref().map_or(self.elsewhere, |(of, column)| of[column.slot(row)]),
            med_type: self.med_type.as_ref().map_or(0, |(of, column)| of[column.slot(row)]),
            insurance: self.insurance.as_ref().map_or(0, |(of, column)| of[column.slot(row)]),
            level: self.level.as_ref().and_then(|(of, column)| of[column.slot(row)]),
            begin: number_of(&self.begin, row),
            end: number_of(&self.end, row),
            ..RawVisit::default()
        }
    }
}
