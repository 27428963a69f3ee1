//! Fee lines: the row groups of a bucket become columns the kernel reads.
//!
//! First pass ([`Piece::segments`]): which rows belong to which visit. Second pass ([`Piece::columns`]): ids, flags, origins, days of
//! supply. Row groups that are in order by themselves are handed on in place; else all rows of the bucket are put in order.

use arrow::array::RecordBatch;
use arrow::buffer::{NullBuffer, ScalarBuffer};
use mingjian_engine::timeline::{Lines, flag};
use mingjian_engine::{CatalogueEntry, NONE, RuleSet, Worker};
use mingjian_model::day::Moment;

use super::catalogue::Reference;
use super::columns::{Numbers, Texts};
use super::pool::Interner;
use super::supply;
use super::visits::{Gathered, People};
use crate::error::ScreenError;

const TABLE: &str = "fee_list_d";

/// Columns without which no line is screened; those the rules name come on top.
pub(crate) const BASE_COLUMNS: &[&str] = &[
    "psn_no",
    "mdtrt_id",
    "setl_id",
    "fee_ocur_time",
    "med_list_codg",
    "cnt",
    "det_item_fee_sumamt",
    "inscp_amt",
    "fulamt_ownpay_amt",
    "init_feedetl_sn",
];

/// A run of rows of one visit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    /// The visit, as gathered; by [`People::place`] its place.
    pub visit: u32,
    pub rows: (u32, u32),
}

/// One row group.
pub(crate) struct Piece {
    pub batch: RecordBatch,
    /// Which run it came from.
    pub run: usize,
    pub segments: Vec<Segment>,
    /// Times of the fees; a line without one has its visit's begin.
    time: ScalarBuffer<i64>,
    /// Where no time is given, if anywhere.
    untimed: Option<NullBuffer>,
}

/// A line's visit that no other table knows.
pub(crate) struct Unknown {
    pub visit: u32,
    pub piece: usize,
    pub row: u32,
}

impl Piece {
    /// Finds each row's visit. Visits nobody knew are added to `gathered` and named in `unknown`.
    pub fn segments(
        batch: RecordBatch,
        run: usize,
        piece: usize,
        gathered: &mut Gathered,
        unknown: &mut Vec<Unknown>,
    ) -> Result<Piece, ScreenError> {
        let rows = batch.num_rows();
        let person = required_text(&batch, "psn_no")?;
        let visit = required_text(&batch, "mdtrt_id")?;
        let persons = person.map(NONE, |psn_no| gathered.person(psn_no));
        let time = Numbers::of(TABLE, &batch, "fee_ocur_time", 0)?;
        let untimed = time.as_ref().and_then(Numbers::nulls).cloned();
        let mut time = time.map_or_else(|| vec![0; rows].into(), |time| time.values);
        let mut segments: Vec<Segment> = Vec::new();
        let mut last = None;
        for row in 0..rows {
            let key = (person.slot(row), visit.slot(row));
            if last == Some(key) {
                continue;
            }
            last = Some(key);
            if let Some(segment) = segments.last_mut() {
                segment.rows.1 = row as u32;
            }
            let (owner, id) = (persons[key.0], visit.text(row));
            let owner = if owner == NONE { gathered.person("") } else { owner };
            let at = match gathered.find_visit(owner, id) {
                Some(at) => at,
                None => {
                    let at = gathered.add_visit(super::visits::RawVisit { person: owner, ..Default::default() }, id);
                    unknown.push(Unknown { visit: at, piece, row: row as u32 });
                    at
                }
            };
            segments.push(Segment { visit: at, rows: (row as u32, rows as u32) });
        }
        if let Some(untimed) = &untimed {
            let mut filled = time.to_vec();
            for segment in &segments {
                let rows = segment.rows.0 as usize..segment.rows.1 as usize;
                let first = || rows.clone().filter(|&row| untimed.is_valid(row)).map(|row| time[row]).min();
                let begin = gathered.visits[segment.visit as usize].begin.or_else(first).unwrap_or(0);
                rows.clone().filter(|&row| untimed.is_null(row)).for_each(|row| filled[row] = begin);
            }
            time = filled.into();
        }
        Ok(Piece { batch, run, segments, time, untimed })
    }

    /// The earliest time of a segment.
    pub fn first_time(&self, segment: Segment) -> Moment {
        (segment.rows.0..segment.rows.1).map(|row| self.time[row as usize]).min().unwrap_or(0)
    }

    /// Whether visits come in their places' order, each once, and rows by time.
    pub fn in_order(&self, people: &People) -> bool {
        self.segments.windows(2).all(|pair| people.place[pair[0].visit as usize] < people.place[pair[1].visit as usize])
            && self.segments.iter().all(|segment| self.time[segment.rows.0 as usize..segment.rows.1 as usize].is_sorted())
    }
}

fn required_text(batch: &RecordBatch, name: &str) -> Result<Texts, ScreenError> {
    Texts::of(batch, name)?.ok_or_else(|| ScreenError::ColumnType {
        table: TABLE.into(),
        column: name.into(),
        found: "没有这一列".into(),
        expected: "文本",
    })
}

/// Lines as owned columns; see [`Lines`] for their meaning.
#[derive(Default)]
pub(crate) struct LineColumns {
    pub item: Vec<u32>,
    pub time: ScalarBuffer<i64>,
    pub count: ScalarBuffer<i64>,
    pub price: ScalarBuffer<i64>,
    pub amount: ScalarBuffer<i64>,
    pub scope: ScalarBuffer<i64>,
    pub own: ScalarBuffer<i64>,
    pub over_limit: ScalarBuffer<i64>,
    pub price_cap: ScalarBuffer<i64>,
    pub settlement: Vec<u32>,
    pub prescription: Vec<i32>,
    pub origin: Vec<i32>,
    pub flags: Vec<u16>,
    pub supply_days: Vec<i32>,
    pub route: Vec<u16>,
    pub dept_class: Vec<u16>,
}

impl LineColumns {
    pub fn lines(&self) -> Lines<'_> {
        Lines {
            item: &self.item,
            time: &self.time,
            count: &self.count,
            price: &self.price,
            amount: &self.amount,
            scope: &self.scope,
            own: &self.own,
            over_limit: &self.over_limit,
            price_cap: &self.price_cap,
            settlement: &self.settlement,
            prescription: &self.prescription,
            origin: &self.origin,
            flags: &self.flags,
            supply_days: &self.supply_days,
            route: &self.route,
            dept_class: &self.dept_class,
        }
    }

    pub fn len(&self) -> usize {
        self.item.len()
    }

    /// All pieces' columns one after the other, in the order that `order` (positions in that sequence) gives.
    pub fn gather(pieces: &[LineColumns], order: &[u32]) -> LineColumns {
        fn take<T: Copy>(pieces: &[LineColumns], order: &[u32], of: impl Fn(&LineColumns) -> &[T]) -> Vec<T> {
            let mut all = Vec::with_capacity(order.len());
            pieces.iter().for_each(|piece| all.extend_from_slice(of(piece)));
            order.iter().map(|&at| all[at as usize]).collect()
        }
        LineColumns {
            item: take(pieces, order, |piece| &piece.item),
            time: take(pieces, order, |piece| &piece.time).into(),
            count: take(pieces, order, |piece| &piece.count).into(),
            price: take(pieces, order, |piece| &piece.price).into(),
            amount: take(pieces, order, |piece| &piece.amount).into(),
            scope: take(pieces, order, |piece| &piece.scope).into(),
            own: take(pieces, order, |piece| &piece.own).into(),
            over_limit: take(pieces, order, |piece| &piece.over_limit).into(),
            price_cap: take(pieces, order, |piece| &piece.price_cap).into(),
            settlement: take(pieces, order, |piece| &piece.settlement),
            prescription: take(pieces, order, |piece| &piece.prescription),
            origin: take(pieces, order, |piece| &piece.origin),
            flags: take(pieces, order, |piece| &piece.flags),
            supply_days: take(pieces, order, |piece| &piece.supply_days),
            route: take(pieces, order, |piece| &piece.route),
            dept_class: take(pieces, order, |piece| &piece.dept_class),
        }
    }
}

/// What a code means, worked out at its first sight by a thread.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ItemFacts {
    pub id: u32,
    /// Units in a pack, 1/10,000; 0 unknown.
    pub pack: i64,
    pub ill_formed: bool,
}

/// Codes a thread has seen.
#[derive(Default)]
pub(crate) struct Items {
    codes: Interner,
    facts: Vec<ItemFacts>,
}

impl Items {
    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    pub fn of(&mut self, code: &str, rules: &RuleSet, worker: &mut Worker, reference: &Reference) -> ItemFacts {
        let (at, new) = self.codes.intern(code);
        if new {
            let item = reference.item(code);
            let entry = CatalogueEntry {
                charge_type: item
                    .map(|item| item.charge_type)
                    .filter(|&charge| charge > 0)
                    .unwrap_or_else(|| reference.charge_types.get(code).copied().unwrap_or(0)),
                unit: item.map_or("", |item| &item.unit),
                prices: reference.prices(code),
            };
            self.facts.push(ItemFacts {
                id: worker.item(rules, code, &entry),
                pack: item.map_or(0, |item| item.pack),
                ill_formed: !well_formed(code),
            });
        }
        self.facts[at as usize]
    }
}

/// |price × count − amount| > 0.01 yuan. 1/1,000,000 yuan × 1/10,000 against fen: 10^8 to the fen.
pub(crate) fn mismatched(price: i64, count: i64, amount: i64) -> bool {
    match (price.checked_mul(count), amount.checked_mul(100_000_000)) {
        (Some(product), Some(amount)) => product.abs_diff(amount) > 100_000_000,
        _ => (i128::from(price) * i128::from(count)).abs_diff(i128::from(amount) * 100_000_000) > 100_000_000,
    }
}

/// Code shapes (data standard, 编码): Western drugs X and 22, Chinese patent drugs Z and 19, herbs T and 9 digits, materials C and 19 or 26
/// digits or letters of a consumable class, services 15 digits; other letters are ethnic drugs, own preparations and granules.
pub(crate) fn well_formed(code: &str) -> bool {
    let bytes = code.as_bytes();
    let upper = |from: usize| bytes[from..].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    match bytes.first() {
        Some(b'X') => bytes.len() == 23 && upper(1),
        Some(b'Z') => bytes.len() == 20 && upper(1),
        Some(b'T') => bytes.len() == 10 && bytes[1..].iter().all(u8::is_ascii_digit),
        Some(b'C') => matches!(bytes.len(), 15 | 20 | 27) && upper(1),
        Some(b'A'..=b'Z') => (9..=30).contains(&bytes.len()) && upper(1),
        Some(b'0'..=b'9') => bytes.len() == 15 && bytes.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// What the second pass reads beside the piece.
pub(crate) struct Context<'a> {
    pub rules: &'a RuleSet,
    pub worker: &'a mut Worker,
    pub items: &'a mut Items,
    pub reference: &'a Reference,
    pub people: &'a People,
    /// Newest upload time of the data version; a fee after it cannot be.
    pub newest_upload: Option<Moment>,
    /// Ordinals of prescriptions, where a person's lines stand in several runs.
    pub prescriptions: Option<&'a mut Interner>,
    /// The first ordinal free for this piece, where they do not.
    pub prescription_base: i32,
}

impl Piece {
    /// Columns of the piece in its own order. `origin` is left 0: it needs bkkp_sn ([`super::bucket`]).
    pub fn columns(&self, context: &mut Context<'_>) -> Result<LineColumns, ScreenError> {
        let rows = self.batch.num_rows();
        let number = |name: &str| -> Result<ScalarBuffer<i64>, ScreenError> {
            Ok(Numbers::of(TABLE, &self.batch, name, 0)?.map_or_else(|| vec![0; rows].into(), |column| column.values))
        };
        let (count, price, amount) = (number("cnt")?, number("pric")?, number("det_item_fee_sumamt")?);
        let facts = self.item_facts(context)?;
        let codes = required_text(&self.batch, "med_list_codg")?;
        let item = (0..rows).map(|row| facts[codes.slot(row)].id).collect();
        let mut columns = LineColumns {
            item,
            time: self.time.clone(),
            scope: number("inscp_amt")?,
            own: number("fulamt_ownpay_amt")?,
            over_limit: number("overlmt_selfpay")?,
            price_cap: number("pric_uplmt_amt")?,
            settlement: self.settlements(context.people)?,
            prescription: self.prescriptions(context)?,
            origin: vec![0; rows],
            flags: self.flags(context, &codes, &facts, (&count, &price, &amount))?,
            supply_days: self.supply(&codes, &facts, &count)?,
            route: self.routes(context)?,
            dept_class: self.departments(context)?,
            count,
            price,
            amount,
        };
        self.orphans(context.people, &mut columns)?;
        Ok(columns)
    }

    fn text(&self, name: &str) -> Result<Option<Texts>, ScreenError> {
        Texts::of(&self.batch, name)
    }

    fn item_facts(&self, context: &mut Context<'_>) -> Result<Vec<ItemFacts>, ScreenError> {
        let codes = required_text(&self.batch, "med_list_codg")?;
        let Context { rules, worker, items, reference, .. } = context;
        let mut facts: Vec<ItemFacts> = (0..codes.entries()).map(|key| items.of(codes.entry(key), rules, worker, reference)).collect();
        facts.push(items.of("", rules, worker, reference));
        Ok(facts)
    }

    /// The settlement each line names; where it names none, the newest of its visit that stands.
    fn settlements(&self, people: &People) -> Result<Vec<u32>, ScreenError> {
        let column = self.text("setl_id")?;
        let mut settlements = Vec::with_capacity(self.batch.num_rows());
        for segment in &self.segments {
            let visit = people.place[segment.visit as usize];
            let mut last: Option<(usize, u32)> = None;
            for row in segment.rows.0..segment.rows.1 {
                let key = column.as_ref().and_then(|column| column.key(row as usize));
                let slot = key.map_or(0, |key| key + 1);
                let found = match last {
                    Some((held, found)) if held == slot => found,
                    _ => {
                        let found = match (&column, key) {
                            (Some(column), Some(key)) => people.find_settlement(visit, column.entry(key)).unwrap_or(NONE),
                            _ => people.default_settlement(visit),
                        };
                        last = Some((slot, found));
                        found
                    }
                };
                settlements.push(found);
            }
        }
        Ok(settlements)
    }

    fn prescriptions(&self, context: &mut Context<'_>) -> Result<Vec<i32>, ScreenError> {
        let rows = self.batch.num_rows();
        let Some(column) = self.text("rx_drord_no")? else { return Ok(vec![-1; rows]) };
        match &mut context.prescriptions {
            Some(interner) => {
                let ids = column.map(-1, |number| interner.intern(number).0 as i32);
                Ok((0..rows).map(|row| ids[column.slot(row)]).collect())
            }
            None => {
                let base = context.prescription_base;
                context.prescription_base += column.entries() as i32;
                Ok((0..rows).map(|row| column.key(row).map_or(-1, |key| base + key as i32)).collect())
            }
        }
    }

    fn flags(
        &self,
        context: &Context<'_>,
        codes: &Texts,
        facts: &[ItemFacts],
        (count, price, amount): (&[i64], &[i64], &[i64]),
    ) -> Result<Vec<u16>, ScreenError> {
        let rows = self.batch.num_rows();
        let ill: Vec<u16> = facts.iter().map(|facts| if facts.ill_formed { flag::ILL_FORMED_ITEM } else { 0 }).collect();
        let mut flags: Vec<u16> = (0..rows).map(|row| ill[codes.slot(row)]).collect();
        let marks =
            [("dscg_tkdrug_flag", flag::DISCHARGE_DRUG), ("matn_fee_flag", flag::MATERNITY_FEE), ("hosp_appr_flag", flag::APPROVED)];
        for (name, bit) in marks {
            let Some(column) = self.text(name)? else { continue };
            let bits = column.map(0, |text| if text.trim() == "1" { bit } else { 0 });
            if bits.iter().any(|&bits| bits != 0) {
                flags.iter_mut().enumerate().for_each(|(row, flags)| *flags |= bits[column.slot(row)]);
            }
        }
        if self.batch.column_by_name("pric").is_some() {
            for (row, flags) in flags.iter_mut().enumerate() {
                if mismatched(price[row], count[row], amount[row]) {
                    *flags |= flag::AMOUNT_MISMATCH;
                }
            }
        }
        if let Some(untimed) = &self.untimed {
            flags.iter_mut().enumerate().filter(|(row, _)| untimed.is_null(*row)).for_each(|(_, flags)| *flags |= flag::NO_TIME);
        }
        if let Some(newest) = context.newest_upload {
            for (flags, &time) in flags.iter_mut().zip(self.time.iter()) {
                *flags |= if time > newest { flag::AFTER_UPLOAD } else { 0 };
            }
        }
        if let Some(column) = self.text("bilg_dr_code")? {
            for segment in &self.segments {
                if context.people.visits[context.people.place[segment.visit as usize] as usize].pharmacy {
                    continue;
                }
                for row in segment.rows.0..segment.rows.1 {
                    flags[row as usize] |= if column.key(row as usize).is_none() { flag::NO_DOCTOR } else { 0 };
                }
            }
        }
        Ok(flags)
    }

    /// A negative line that names no origin is an orphan; those that name one are looked up later. Lines of void settlements leave the
    /// screening with them and are none.
    fn orphans(&self, people: &People, columns: &mut LineColumns) -> Result<(), ScreenError> {
        let origin = self.text("init_feedetl_sn")?;
        for row in 0..columns.len() {
            if columns.count[row] >= 0 {
                continue;
            }
            let settlement = columns.settlement[row];
            let void = settlement != NONE && people.settlements[settlement as usize].void;
            if !void && origin.as_ref().is_none_or(|origin| origin.key(row).is_none()) {
                columns.flags[row] |= flag::ORPHAN_REVERSAL;
            }
        }
        Ok(())
    }

    fn supply(&self, codes: &Texts, facts: &[ItemFacts], count: &[i64]) -> Result<Vec<i32>, ScreenError> {
        let rows = self.batch.num_rows();
        let stated = Numbers::of(TABLE, &self.batch, "prd_days", 0)?;
        let mut days: Vec<i32> = match stated {
            Some(stated) => stated.values.iter().map(|&days| days.clamp(0, supply::MOST) as i32).collect(),
            None => vec![0; rows],
        };
        if let (Some(dose), Some(frequency)) = (self.text("sin_dos_dscr")?, self.text("used_frqu_dscr")?) {
            let doses = dose.map(None, supply::dose);
            let frequencies = frequency.map(None, supply::frequency);
            for row in 0..rows {
                let pack = facts[codes.slot(row)].pack;
                if pack > 0
                    && let (Some(dose), Some(frequency)) = (doses[dose.slot(row)], frequencies[frequency.slot(row)])
                {
                    let computed = supply::days(count[row], pack, dose, frequency);
                    if computed > 0 {
                        days[row] = computed;
                    }
                }
            }
        }
        Ok(days)
    }

    fn routes(&self, context: &mut Context<'_>) -> Result<Vec<u16>, ScreenError> {
        let rows = self.batch.num_rows();
        let Some(column) = self.text("medc_way_dscr")? else { return Ok(vec![0; rows]) };
        let ids = column.map(0, |route| context.worker.text(route.trim()));
        Ok((0..rows).map(|row| ids[column.slot(row)]).collect())
    }

    /// Department codes are an institution's own, so the visit's institution says which 科别 one means.
    fn departments(&self, context: &mut Context<'_>) -> Result<Vec<u16>, ScreenError> {
        let mut classes = vec![0; self.batch.num_rows()];
        let Some(column) = self.text("bilg_dept_codg")? else { return Ok(classes) };
        if context.reference.departments.is_empty() {
            return Ok(classes);
        }
        let mut known: hashbrown::HashMap<(u32, usize), u16> = hashbrown::HashMap::new();
        let mut last = ((NONE, usize::MAX), 0);
        for segment in &self.segments {
            let institution = context.people.visits[context.people.place[segment.visit as usize] as usize].institution;
            for row in segment.rows.0..segment.rows.1 {
                let Some(key) = column.key(row as usize) else { continue };
                let at = (institution, key);
                if last.0 != at {
                    let class = *known.entry(at).or_insert_with(|| {
                        let key = (context.worker.institution_code(institution).to_owned(), column.entry(key).to_owned());
                        context.reference.departments.get(&key).map_or(0, |class| context.worker.text(class))
                    });
                    last = (at, class);
                }
                classes[row as usize] = last.1;
            }
        }
        Ok(classes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cent_off_is_no_mismatch() {
        // 3 × 3.333333 is 9.999999 and was charged as 10.00; 10.02 is too much.
        assert!(!mismatched(3_333_333, 30_000, 1_000));
        assert!(!mismatched(3_333_333, 30_000, 1_001 - 1));
        assert!(mismatched(3_333_333, 30_000, 1_002));
        assert!(mismatched(i64::MAX / 2, i64::MAX / 2, 0));
        assert!(!mismatched(-10_000_000, 10_000, -1_000));
    }

    #[test]
    fn codes_have_the_shapes_of_the_standard() {
        for code in
            ["XL02BBA326A001010102180", "ZD03AAA0043010100166", "T000700200", "003310010160100", "C0101010010000600000", "C01010100100006"]
        {
            assert!(well_formed(code), "{code}");
        }
        for code in ["", "X12", "00331001016010", "ABC", "药品", "T00070020A", "x12345678"] {
            assert!(!well_formed(code), "{code}");
        }
    }
}
