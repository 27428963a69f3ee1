//! 一桶: the checks over the rows of one bucket, where a person's visits, settlements and lines lie together.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{Int32Type, Int64Type};
use mingjian_model::day::MICROS_PER_DAY;
use mingjian_model::{QUANTITY_SCALE, div_round_half_up};

use super::checks::{CHECKS, Check, LATE_DAYS, TOLERANCE_FEN};
use super::shapes;
use super::{Tallies, Tally};
use crate::store::{LakeError, Snapshot};

/// Codes of the imported catalogue; `None` where none was imported.
pub(super) struct Catalogue(Option<HashSet<String>>);

impl Catalogue {
    pub(super) fn load(snapshot: &Snapshot) -> Result<Catalogue, LakeError> {
        if !snapshot.has_table("hilist_b") {
            return Ok(Catalogue(None));
        }
        let mut codes = HashSet::new();
        for batch in snapshot.read_table("hilist_b", &["hilist_code"])? {
            let texts = Texts::of(batch.column(0));
            codes.extend((0..batch.num_rows()).filter_map(|row| texts.at(row)).map(str::to_owned));
        }
        Ok(Catalogue(Some(codes)))
    }

    fn judge(&self, code: &str) -> Item {
        match (shapes::is_item(code), self.knows(code)) {
            (false, _) => Item::Odd,
            (true, true) => Item::Known,
            (true, false) => Item::Unknown,
        }
    }

    /// The code itself, the parent of a service's sub-code, the class of a material.
    fn knows(&self, code: &str) -> bool {
        let Some(codes) = &self.0 else { return true };
        let has = |code: &str| codes.contains(code);
        has(code)
            || code.len() == 15 && code.get(..11).is_some_and(|parent| has(&format!("{parent}0000")))
            || code.starts_with('C') && [20, 15].iter().any(|length| code.get(..*length).is_some_and(has))
    }
}

/// What an item's code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Empty,
    /// Of no national shape.
    Odd,
    Unknown,
    Known,
}

/// A text column, dictionary or plain; of a dictionary each entry can be judged once.
pub(super) enum Texts<'a> {
    Dictionary { keys: &'a Int32Array, values: &'a StringArray },
    Plain(&'a StringArray),
    None,
}

impl<'a> Texts<'a> {
    pub(super) fn of(array: &'a ArrayRef) -> Texts<'a> {
        if let Some(dictionary) = array.as_dictionary_opt::<Int32Type>() {
            if let Some(values) = dictionary.values().as_string_opt::<i32>() {
                return Texts::Dictionary { keys: dictionary.keys(), values };
            }
            return Texts::None;
        }
        array.as_string_opt::<i32>().map_or(Texts::None, Texts::Plain)
    }

    pub(super) fn at(&self, row: usize) -> Option<&'a str> {
        match self {
            Texts::Dictionary { keys, values } => keys.is_valid(row).then(|| values.value(keys.value(row) as usize)),
            Texts::Plain(values) => values.is_valid(row).then(|| values.value(row)),
            Texts::None => None,
        }
    }

    /// A verdict for each row, made once for each entry of a dictionary; `empty` for nulls.
    fn each<T: Copy>(&self, rows: usize, empty: T, mut judge: impl FnMut(&'a str) -> T) -> Vec<T> {
        match self {
            Texts::Dictionary { keys, values } => {
                let verdicts: Vec<T> = values.iter().map(|value| value.map_or(empty, &mut judge)).collect();
                (0..rows).map(|row| if keys.is_valid(row) { verdicts[keys.value(row) as usize] } else { empty }).collect()
            }
            _ => (0..rows).map(|row| self.at(row).map_or(empty, &mut judge)).collect(),
        }
    }
}

/// Named columns of the batches of a bucket.
struct Columns<'a>(&'a RecordBatch);

impl<'a> Columns<'a> {
    fn texts(&self, name: &str) -> Texts<'a> {
        self.0.column_by_name(name).map_or(Texts::None, Texts::of)
    }

    fn numbers(&self, name: &str) -> Option<&'a Int64Array> {
        self.0.column_by_name(name)?.as_primitive_opt::<Int64Type>()
    }
}

fn value(array: Option<&Int64Array>, row: usize) -> Option<i64> {
    array.filter(|array| array.is_valid(row)).map(|array| array.value(row))
}

/// Money of a settlement; the identities below name them by number.
const MONEY: [&str; 18] = [
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_selfpay",
    "preselfpay_amt",
    "inscp_amt",
    "fund_pay_sumamt",
    "hifp_pay",
    "cvlserv_pay",
    "hifes_pay",
    "hifmi_pay",
    "hifob_pay",
    "hifdm_pay",
    "maf_pay",
    "othfund_pay",
    "acct_pay",
    "acct_mulaid_pay",
    "cash_payamt",
    "ownpay_hosp_part",
];

/// A sum, its parts, and the columns without which it cannot be checked; other parts that no source supplies are nothing.
const IDENTITIES: [(Check, usize, &[usize], &[usize]); 3] = [
    (Check::FeeSplit, 0, &[1, 2, 3, 4], &[0, 1, 2, 3, 4]),
    (Check::FundSplit, 5, &[6, 7, 8, 9, 10, 11, 12, 13], &[5, 6]),
    (Check::PaymentSplit, 0, &[5, 14, 15, 16, 17], &[0, 5, 14, 16]),
];

#[derive(Clone, Copy)]
struct Settlement {
    institution: usize,
    total: Option<i64>,
    lines: u64,
    lines_fen: i64,
}

struct Bucket<'a> {
    snapshot: &'a Snapshot,
    number: u32,
    catalogue: &'a Catalogue,
    /// Institutions seen, and their tallies by number.
    institutions: BTreeMap<String, usize>,
    tallies: Vec<Vec<Tally>>,
    visits: Option<HashSet<String>>,
    /// Settlements, and their numbers by setl_id.
    settlements: Vec<Settlement>,
    numbers: HashMap<String, usize>,
}

/// Checks one bucket and adds to `tallies`.
pub(super) fn check_bucket(snapshot: &Snapshot, number: u32, catalogue: &Catalogue, tallies: &mut Tallies) -> Result<(), LakeError> {
    let mut bucket = Bucket {
        snapshot,
        number,
        catalogue,
        institutions: BTreeMap::new(),
        tallies: Vec::new(),
        visits: None,
        settlements: Vec::new(),
        numbers: HashMap::new(),
    };
    bucket.visits()?;
    bucket.settlements()?;
    bucket.lines()?;
    bucket.coded("setl_list_diag_d", "setl_list_diag_id", "diag_code", Check::DiagnosisShape, shapes::is_diagnosis)?;
    bucket.coded("setl_list_oprn_d", "setl_list_oprn_id", "oprn_oprt_code", Check::OperationShape, shapes::is_operation)?;
    bucket.settle();
    for (institution, at) in bucket.institutions {
        let held = tallies.entry(institution).or_insert_with(|| vec![Tally::default(); CHECKS.len()]);
        held.iter_mut().zip(std::mem::take(&mut bucket.tallies[at])).for_each(|(held, tally)| held.join(tally));
    }
    Ok(())
}

impl Bucket<'_> {
    fn institution(&mut self, code: &str) -> usize {
        if let Some(at) = self.institutions.get(code) {
            return *at;
        }
        self.tallies.push(vec![Tally::default(); CHECKS.len()]);
        self.institutions.insert(code.to_owned(), self.tallies.len() - 1);
        self.tallies.len() - 1
    }

    fn note(&mut self, institution: usize, check: Check, holds: bool, key: &str) {
        self.tallies[institution][check as usize].note(holds, key);
    }

    /// The columns of a table that some source supplied; `None` when the table is absent.
    fn supplied<'n>(&self, table: &str, wanted: &[&'n str]) -> Option<Vec<&'n str>> {
        let columns = self.snapshot.columns(table);
        (self.snapshot.has_table(table))
            .then(|| wanted.iter().copied().filter(|name| columns.iter().any(|column| column == name)).collect())
    }

    /// Runs of a table flattened into batches.
    fn batches(&self, table: &str, columns: &[&str]) -> Result<Vec<RecordBatch>, LakeError> {
        Ok(self.snapshot.read_bucket(table, self.number, columns)?.into_iter().flatten().collect())
    }

    fn visits(&mut self) -> Result<(), LakeError> {
        let Some(columns) = self.supplied("mdtrt_d", &["mdtrt_id"]) else { return Ok(()) };
        let mut visits = HashSet::new();
        for batch in self.batches("mdtrt_d", &columns)? {
            let ids = Columns(&batch).texts("mdtrt_id");
            visits.extend((0..batch.num_rows()).filter_map(|row| ids.at(row)).map(str::to_owned));
        }
        self.visits = Some(visits);
        Ok(())
    }

    fn settlements(&mut self) -> Result<(), LakeError> {
        let texts = ["setl_id", "mdtrt_id", "fixmedins_code", "psn_cert_type", "certno"];
        let wanted: Vec<&str> = texts.into_iter().chain(MONEY).collect();
        let Some(columns) = self.supplied("setl_d", &wanted) else { return Ok(()) };
        let checked: Vec<_> = IDENTITIES.iter().filter(|(_, _, _, needs)| needs.iter().all(|at| columns.contains(&MONEY[*at]))).collect();
        for batch in self.batches("setl_d", &columns)? {
            let cells = Columns(&batch);
            let (ids, visits, codes) = (cells.texts("setl_id"), cells.texts("mdtrt_id"), cells.texts("fixmedins_code"));
            let money = MONEY.map(|name| cells.numbers(name));
            let (kinds, certificates) = (cells.texts("psn_cert_type"), cells.texts("certno"));
            for row in 0..batch.num_rows() {
                let id = ids.at(row).unwrap_or_default();
                let code = codes.at(row).unwrap_or_default();
                let institution = self.institution(code);
                for (check, total, parts, _) in &checked {
                    let sum: i64 = parts.iter().filter_map(|at| value(money[*at], row)).sum();
                    let holds = value(money[*total], row).is_none_or(|total| (total - sum).abs() <= TOLERANCE_FEN);
                    self.note(institution, *check, holds, id);
                }
                if let Some(known) = &self.visits {
                    let holds = visits.at(row).is_some_and(|visit| known.contains(visit));
                    self.note(institution, Check::SettlementVisit, holds, id);
                }
                self.note(institution, Check::InstitutionShape, shapes::is_institution(code), code);
                // 01 (in some regions 02) is the identity card; a source that does not say has it too.
                if let Some(number) = certificates.at(row).filter(|_| kinds.at(row).is_none_or(|kind| matches!(kind, "01" | "02"))) {
                    self.note(institution, Check::CertificateShape, shapes::is_certificate(number), id);
                }
                self.numbers.insert(id.to_owned(), self.settlements.len());
                self.settlements.push(Settlement { institution, total: value(money[0], row), lines: 0, lines_fen: 0 });
            }
        }
        Ok(())
    }

    fn lines(&mut self) -> Result<(), LakeError> {
        let wanted = [
            "mdtrt_id",
            "setl_id",
            "fixmedins_code",
            "cnt",
            "pric",
            "det_item_fee_sumamt",
            "med_list_codg",
            "bilg_dr_code",
            "fee_ocur_time",
            "crte_time",
            "init_feedetl_sn",
        ];
        let Some(columns) = self.supplied("fee_list_d", &wanted) else { return Ok(()) };
        let settled = self.snapshot.has_table("setl_d");
        let mut refunds = Refunds::default();
        let (snapshot, number) = (self.snapshot, self.number);
        let (mut current, mut before) = (0, 0u64);
        snapshot.each_batch("fee_list_d", number, &columns, &mut |run, batch| {
            if run != current {
                (current, before) = (run, 0);
            }
            self.line_batch(&batch, settled, (run, before), &mut refunds);
            before += batch.num_rows() as u64;
            Ok(())
        })?;
        self.refunds(refunds)
    }

    fn line_batch(&mut self, batch: &RecordBatch, settled: bool, at: (usize, u64), refunds: &mut Refunds) {
        let (cells, rows) = (Columns(batch), batch.num_rows());
        let nobody = self.institution("");
        let institutions = cells.texts("fixmedins_code").each(rows, nobody, |code| self.institution(code));
        let (visits, origins) = (cells.texts("mdtrt_id"), cells.texts("init_feedetl_sn"));
        let settlements = cells.texts("setl_id").each(rows, None, |id| self.numbers.get(id).copied());
        let visited = visits.each(rows, false, |visit| self.visits.as_ref().is_none_or(|known| known.contains(visit)));
        let items = cells.texts("med_list_codg").each(rows, Item::Empty, |code| self.catalogue.judge(code));
        let doctors = cells.texts("bilg_dr_code").each(rows, None, |code| Some(shapes::is_practitioner(code)));
        let (counts, prices, amounts) = (cells.numbers("cnt"), cells.numbers("pric"), cells.numbers("det_item_fee_sumamt"));
        let (occurred, created) = (cells.numbers("fee_ocur_time"), cells.numbers("crte_time"));
        for row in 0..rows {
            let visit = visits.at(row).unwrap_or_default();
            let tallies = &mut self.tallies[institutions[row]];
            let mut note = |check: Check, holds: bool| tallies[check as usize].note(holds, visit);
            let (count, price, amount) = (value(counts, row), value(prices, row), value(amounts, row));
            if let (Some(count), Some(price), Some(amount)) = (count, price, amount) {
                // Both are scaled: cnt by 10^4, pric by 10^6 yuan, which is 10^4 fen.
                let product = div_round_half_up(i128::from(count) * i128::from(price), i128::from(QUANTITY_SCALE) * 10_000);
                note(Check::LineAmount, (product - amount).abs() <= 1);
            }
            if self.visits.is_some() {
                note(Check::LineVisit, visited[row]);
            }
            if settled {
                note(Check::LineSettlement, settlements[row].is_some());
                if let Some(number) = settlements[row] {
                    let settlement = &mut self.settlements[number];
                    settlement.lines += 1;
                    settlement.lines_fen += amount.unwrap_or(0);
                }
            }
            note(Check::EmptyItem, items[row] != Item::Empty);
            if items[row] != Item::Empty {
                note(Check::ItemShape, items[row] != Item::Odd);
            }
            if self.catalogue.0.is_some() && matches!(items[row], Item::Known | Item::Unknown) {
                note(Check::ItemUnknown, items[row] == Item::Known);
            }
            if let Some(holds) = doctors[row] {
                note(Check::DoctorShape, holds);
            }
            if let (Some(occurred), Some(created)) = (value(occurred, row), value(created, row)) {
                note(Check::Late, created - occurred <= LATE_DAYS * MICROS_PER_DAY);
                note(Check::Future, occurred <= created);
            }
            let place = (at.0, at.1 + row as u64);
            if count.is_some_and(|count| count < 0) {
                let origin = origins.at(row).unwrap_or_default().to_owned();
                refunds.lines.push(Refund { place, institution: institutions[row], visit: visit.to_owned(), origin });
            }
            refunds.pass(visit, place);
        }
    }

    /// Visit and line number of rows of a run, ascending.
    fn keys(&self, run: usize, rows: &[u64]) -> Result<Vec<(String, String)>, LakeError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let batches = self.snapshot.read_columns_for_rows("fee_list_d", self.number, run, &["mdtrt_id", "bkkp_sn"], rows)?;
        let mut keys = Vec::with_capacity(rows.len());
        for batch in &batches {
            let (visits, lines) = (Texts::of(batch.column(0)), Texts::of(batch.column(1)));
            let text = |texts: &Texts<'_>, row: usize| texts.at(row).unwrap_or_default().to_owned();
            keys.extend((0..batch.num_rows()).map(|row| (text(&visits, row), text(&lines, row))));
        }
        Ok(keys)
    }

    /// Pairs refunds with the lines they name: of the visits with refunds all line numbers are read.
    fn refunds(&mut self, refunds: Refunds) -> Result<(), LakeError> {
        if refunds.lines.is_empty() {
            return Ok(());
        }
        let wanted: HashSet<&str> = refunds.lines.iter().map(|refund| refund.visit.as_str()).collect();
        let mut rows: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for span in refunds.spans.iter().filter(|span| wanted.contains(span.visit.as_str())) {
            rows.entry(span.run).or_default().extend(span.first..=span.last);
        }
        let mut lines: HashMap<(usize, u64), String> = HashMap::new();
        let mut known: HashSet<(String, String)> = HashSet::new();
        for (run, rows) in rows {
            for (row, (visit, line)) in rows.iter().zip(self.keys(run, &rows)?) {
                lines.insert((run, *row), line.clone());
                known.insert((visit, line));
            }
        }
        for refund in refunds.lines {
            let line = lines.remove(&refund.place).unwrap_or_default();
            let Refund { institution, visit, origin, .. } = refund;
            let pair = (visit, origin);
            let holds = !pair.1.is_empty() && pair.1 != line && known.contains(&pair);
            self.note(institution, Check::Refund, holds, &format!("{}，{line}", pair.0));
        }
        Ok(())
    }

    /// What the lines of each settlement come to.
    fn settle(&mut self) {
        let lines = self.snapshot.has_table("fee_list_d");
        if !lines {
            return;
        }
        for (id, number) in std::mem::take(&mut self.numbers) {
            let Settlement { institution, total, lines, lines_fen } = self.settlements[number];
            self.note(institution, Check::SettlementLines, lines > 0, &id);
            if let Some(total) = total.filter(|_| lines > 0) {
                self.note(institution, Check::LinesSum, (total - lines_fen).abs() <= TOLERANCE_FEN, &id);
            }
        }
    }

    /// Codes of a settlement list; their institution is that of the settlement, which these tables do not name.
    fn coded(&mut self, table: &str, key: &str, code: &str, check: Check, is: fn(&str) -> bool) -> Result<(), LakeError> {
        let Some(columns) = self.supplied(table, &[key, code, "setl_id"]) else { return Ok(()) };
        if !columns.contains(&code) {
            return Ok(());
        }
        let nobody = self.institution("");
        for batch in self.batches(table, &columns)? {
            let (cells, rows) = (Columns(&batch), batch.num_rows());
            let keys = cells.texts(key);
            let verdicts = cells.texts(code).each(rows, true, is);
            let institutions = cells
                .texts("setl_id")
                .each(rows, nobody, |id| self.numbers.get(id).map_or(nobody, |number| self.settlements[*number].institution));
            for row in 0..rows {
                self.note(institutions[row], check, verdicts[row], keys.at(row).unwrap_or_default());
            }
        }
        Ok(())
    }
}

struct Refund {
    /// Run and row.
    place: (usize, u64),
    institution: usize,
    visit: String,
    origin: String,
}

/// Lines of negative quantity, and which rows of which run each visit has: its rows lie together in a run.
#[derive(Default)]
struct Refunds {
    lines: Vec<Refund>,
    spans: Vec<Span>,
}

struct Span {
    visit: String,
    run: usize,
    first: u64,
    last: u64,
}

impl Refunds {
    fn pass(&mut self, visit: &str, (run, row): (usize, u64)) {
        match self.spans.last_mut() {
            Some(span) if span.run == run && span.visit == visit => span.last = row,
            _ => self.spans.push(Span { visit: visit.to_owned(), run, first: row, last: row }),
        }
    }
}
