//! 片段: a visit with all its rows as bytes, form 1.
//!
//! Visits of many lines are packed (form 2: the length, then form 1 as zstd).
//!
//! First the ids of the visit (settlements, lines, prescriptions …), each as what it shares with the one before and the rest; then the
//! visit, settlements, diagnoses, operations, lines. Lines say in a mask which of their fields differ from the usual.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use mingjian_model::day::{Day, MICROS_PER_SECOND, Moment};
use mingjian_screening::person::{DiagnosisRow, LineRow, OperationRow, PersonRows, RegistrationRow, SettlementRow, ToldBy, VisitRow};

use super::bytes::{Reader, put_signed, put_text, put_unsigned};
use super::dictionary::Dictionary;

const FORM: u8 = 1;
const PACKED: u8 = 2;
/// What is shorter gains nothing from packing.
const PACK_FROM: usize = 256;
/// No visit has as many bytes: what claims to is damaged.
const UNPACKED_MAX: usize = 64 << 20;

/// The bytes as they are stored.
pub(super) fn pack(bytes: Vec<u8>) -> Vec<u8> {
    if bytes.len() < PACK_FROM {
        return bytes;
    }
    let Ok(inner) = zstd::bulk::compress(&bytes, 3) else { return bytes };
    let mut packed = Vec::with_capacity(inner.len() + 5);
    packed.push(PACKED);
    put_unsigned(&mut packed, bytes.len() as u64);
    packed.extend_from_slice(&inner);
    if packed.len() < bytes.len() { packed } else { bytes }
}

/// The bytes of form 1 that stored ones stand for.
pub(super) fn unpack(stored: &[u8]) -> Option<Cow<'_, [u8]>> {
    if stored.first() != Some(&PACKED) {
        return Some(Cow::Borrowed(stored));
    }
    let mut reader = Reader::new(&stored[1..]);
    let length = usize::try_from(reader.unsigned()?).ok().filter(|&length| length <= UNPACKED_MAX)?;
    UNPACKER
        .with_borrow_mut(|unpacker| match unpacker {
            Some(unpacker) => unpacker.decompress(reader.rest(), length),
            None => {
                let made = unpacker.insert(zstd::bulk::Decompressor::new()?);
                made.decompress(reader.rest(), length)
            }
        })
        .ok()
        .map(Cow::Owned)
}

thread_local! {
    /// Making one costs as much as unpacking a visit.
    static UNPACKER: RefCell<Option<zstd::bulk::Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Lines that so many bytes of form 1 may hold, roughly.
pub(super) fn lines_in(bytes: usize) -> usize {
    bytes / 32
}

/// Bits of a line's mask.
mod has {
    pub const PRICE: u64 = 1;
    pub const SCOPE: u64 = 1 << 1;
    pub const OWN: u64 = 1 << 2;
    pub const OVER_LIMIT: u64 = 1 << 3;
    pub const PRICE_CAP: u64 = 1 << 4;
    pub const SETTLEMENT: u64 = 1 << 5;
    pub const PRESCRIPTION: u64 = 1 << 6;
    pub const ORIGIN: u64 = 1 << 7;
    pub const DISCHARGE: u64 = 1 << 8;
    pub const MATERNITY: u64 = 1 << 9;
    pub const APPROVED: u64 = 1 << 10;
    pub const DOCTOR: u64 = 1 << 11;
    pub const DEPARTMENT: u64 = 1 << 12;
    pub const DOSE: u64 = 1 << 13;
    pub const FREQUENCY: u64 = 1 << 14;
    pub const DAYS: u64 = 1 << 15;
    pub const ROUTE: u64 = 1 << 16;
}

/// What is known of a person beside visits.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct PersonFacts {
    sex: u8,
    birth: Option<Day>,
    died: Option<Day>,
    registrations: Vec<RegistrationRow>,
}

impl PersonFacts {
    /// With what a newer record says.
    pub fn completed(mut self, newer: &PersonRows<'_>) -> PersonFacts {
        if newer.sex != 0 {
            self.sex = newer.sex;
        }
        self.birth = newer.birth.or(self.birth);
        self.died = newer.died.or(self.died);
        for registration in &newer.registrations {
            if !self.registrations.contains(registration) {
                self.registrations.push(*registration);
            }
        }
        self
    }

    pub fn rows<'p>(&self, psn_no: &'p str) -> PersonRows<'p> {
        PersonRows {
            psn_no,
            sex: self.sex,
            birth: self.birth,
            died: self.died,
            registrations: self.registrations.clone(),
            ..PersonRows::default()
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![FORM, self.sex];
        put_day(&mut bytes, self.birth);
        put_day(&mut bytes, self.died);
        put_unsigned(&mut bytes, self.registrations.len() as u64);
        for registration in &self.registrations {
            put_day(&mut bytes, registration.begin);
            put_day(&mut bytes, registration.end);
        }
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Option<PersonFacts> {
        let (head, rest) = bytes.split_at_checked(2)?;
        if head[0] != FORM {
            return None;
        }
        let mut reader = Reader::new(rest);
        let mut facts = PersonFacts { sex: head[1], birth: day(&mut reader)?, died: day(&mut reader)?, registrations: Vec::new() };
        for _ in 0..reader.count()? {
            facts.registrations.push(RegistrationRow { begin: day(&mut reader)?, end: day(&mut reader)? });
        }
        Some(facts)
    }
}

/// A day, shifted by one so that 0 means none.
fn put_day(bytes: &mut Vec<u8>, day: Option<Day>) {
    put_signed(bytes, day.map_or(0, |day| i64::from(day) + i64::from(day >= 0)));
}

fn day(reader: &mut Reader<'_>) -> Option<Option<Day>> {
    let value = reader.signed()?;
    Some((value != 0).then_some((value - i64::from(value > 0)) as Day))
}

/// The distance between two moments: whole seconds twice, anything else in microseconds twice plus one.
fn put_distance(bytes: &mut Vec<u8>, distance: i64) {
    if distance % MICROS_PER_SECOND == 0 {
        put_signed(bytes, distance / MICROS_PER_SECOND * 2);
    } else {
        put_signed(bytes, distance.wrapping_mul(2) | 1);
    }
}

fn distance(reader: &mut Reader<'_>) -> Option<i64> {
    let value = reader.signed()?;
    if value & 1 == 1 { Some(value >> 1) } else { (value / 2).checked_mul(MICROS_PER_SECOND) }
}

fn put_moment(bytes: &mut Vec<u8>, base: Moment, moment: Option<Moment>) {
    bytes.push(u8::from(moment.is_some()));
    if let Some(moment) = moment {
        put_distance(bytes, moment.wrapping_sub(base));
    }
}

fn moment(reader: &mut Reader<'_>, base: Moment) -> Option<Option<Moment>> {
    match reader.take(1)?[0] {
        0 => Some(None),
        _ => Some(Some(base.wrapping_add(distance(reader)?))),
    }
}

/// Ids of the segments of a person, as texts.
pub(super) struct Ids {
    text: String,
    /// Where each id ends; the ids of a segment follow on those of the one before.
    ends: Vec<u32>,
    /// First id of each segment.
    starts: Vec<u32>,
}

impl Ids {
    pub fn decode<'b>(segments: impl IntoIterator<Item = &'b [u8]>) -> Option<Ids> {
        let mut ids = Ids { text: String::new(), ends: Vec::new(), starts: Vec::new() };
        for bytes in segments {
            ids.starts.push(ids.ends.len() as u32);
            let (&form, rest) = bytes.split_first()?;
            if form != FORM {
                return None;
            }
            let mut reader = Reader::new(rest);
            let mut last = (0, 0);
            for _ in 0..reader.count()? {
                let shared = reader.unsigned()? as usize;
                let length = reader.count()?;
                let rest = std::str::from_utf8(reader.take(length)?).ok()?;
                let start = ids.text.len();
                if shared > last.1 - last.0 || !ids.text.is_char_boundary(last.0 + shared) {
                    return None;
                }
                ids.text.extend_from_within(last.0..last.0 + shared);
                ids.text.push_str(rest);
                last = (start, ids.text.len());
                ids.ends.push(ids.text.len() as u32);
            }
        }
        Some(ids)
    }

    /// 0 is the empty id.
    fn get(&self, segment: usize, number: u64) -> Option<&str> {
        if number == 0 {
            return Some("");
        }
        let at = *self.starts.get(segment)? as usize + number as usize - 1;
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        self.text.get(start..*self.ends.get(at)? as usize)
    }
}

/// Ids sorted, each once, and the number of each.
fn put_ids<'t>(bytes: &mut Vec<u8>, ids: BTreeSet<&'t str>) -> HashMap<&'t str, u64> {
    let mut numbers = HashMap::from([("", 0)]);
    let ids: Vec<&str> = ids.into_iter().filter(|id| !id.is_empty()).collect();
    put_unsigned(bytes, ids.len() as u64);
    let mut last = "";
    for id in ids {
        let mut shared = last.bytes().zip(id.bytes()).take_while(|(a, b)| a == b).count();
        while !id.is_char_boundary(shared) {
            shared -= 1;
        }
        put_unsigned(bytes, shared as u64);
        put_text(bytes, &id[shared..]);
        numbers.insert(id, numbers.len() as u64);
        last = id;
    }
    numbers
}

/// The bytes of one visit. `number` gives a code's number in the dictionary.
pub(super) fn encode(rows: &PersonRows<'_>, at: usize, number: &mut dyn FnMut(&str) -> u32) -> Vec<u8> {
    let visit = &rows.visits[at];
    let settlements: Vec<&SettlementRow<'_>> = rows.settlements.iter().filter(|row| row.visit == at).collect();
    let diagnoses: Vec<&DiagnosisRow<'_>> = rows.diagnoses.iter().filter(|row| row.visit == at).collect();
    let operations: Vec<&OperationRow<'_>> = rows.operations.iter().filter(|row| row.visit == at).collect();
    let mut lines: Vec<&LineRow<'_>> = rows.lines.iter().filter(|row| row.visit == at).collect();
    lines.sort_by(|a, b| (a.time, a.id).cmp(&(b.time, b.id)));
    let mut ids = BTreeSet::from([visit.referred_from]);
    settlements.iter().for_each(|row| ids.extend([row.id, row.takes_back]));
    diagnoses.iter().for_each(|row| ids.extend([row.id]));
    lines.iter().for_each(|row| ids.extend([row.id, row.settlement, row.prescription, row.origin]));
    let mut bytes = vec![FORM];
    let ids = put_ids(&mut bytes, ids);
    let id = |text: &str| ids.get(text).copied().unwrap_or(0);
    let mut code = |bytes: &mut Vec<u8>, text: &str| put_unsigned(bytes, if text.is_empty() { 0 } else { u64::from(number(text)) + 1 });

    let out = &mut bytes;
    for text in [visit.institution, visit.institution_name, visit.med_type, visit.insutype, visit.hosp_lv, visit.dscg_way, visit.main_dx] {
        code(out, text);
    }
    put_unsigned(out, id(visit.referred_from));
    let base = visit.begin.or(lines.first().map(|line| line.time)).unwrap_or(0);
    put_distance(out, base);
    put_moment(out, base, visit.begin);
    put_moment(out, base, visit.end);
    put_unsigned(out, settlements.len() as u64);
    for row in &settlements {
        put_unsigned(out, id(row.id));
        put_unsigned(out, id(row.takes_back));
        out.push(u8::from(row.refunded));
        put_distance(out, row.time - base);
        for fen in [row.medfee, row.scope, row.fund, row.account] {
            put_signed(out, fen);
        }
    }
    put_unsigned(out, diagnoses.len() as u64);
    for row in &diagnoses {
        put_unsigned(out, id(row.id));
        code(out, row.code);
        out.push(u8::from(row.main));
    }
    put_unsigned(out, operations.len() as u64);
    for row in &operations {
        code(out, row.code);
        put_distance(out, row.begin - base);
        put_moment(out, base, row.end);
    }
    put_unsigned(out, lines.len() as u64);
    let mut last = base;
    for line in &lines {
        put_line(out, line, line.time - last, &id, &mut code);
        last = line.time;
    }
    bytes
}

fn put_line(out: &mut Vec<u8>, line: &LineRow<'_>, since: i64, id: &dyn Fn(&str) -> u64, code: &mut dyn FnMut(&mut Vec<u8>, &str)) {
    let mask: u64 = [
        (has::PRICE, implied_price(line.amount, line.count) != Some(line.price)),
        (has::SCOPE, line.scope != line.amount),
        (has::OWN, line.own != 0),
        (has::OVER_LIMIT, line.over_limit != 0),
        (has::PRICE_CAP, line.price_cap != 0),
        (has::SETTLEMENT, !line.settlement.is_empty()),
        (has::PRESCRIPTION, !line.prescription.is_empty()),
        (has::ORIGIN, !line.origin.is_empty()),
        (has::DISCHARGE, line.discharge_drug),
        (has::MATERNITY, line.maternity_fee),
        (has::APPROVED, line.approved),
        (has::DOCTOR, line.doctor.is_some()),
        (has::DEPARTMENT, !line.department.is_empty()),
        (has::DOSE, !line.dose.is_empty()),
        (has::FREQUENCY, !line.frequency.is_empty()),
        (has::DAYS, line.stated_days != 0),
        (has::ROUTE, !line.route.is_empty()),
    ]
    .into_iter()
    .filter(|bit| bit.1)
    .fold(0, |mask, bit| mask | bit.0);
    put_unsigned(out, mask);
    put_unsigned(out, id(line.id));
    code(out, line.item);
    put_distance(out, since);
    put_signed(out, line.count);
    put_signed(out, line.amount);
    for (bit, value) in [
        (has::PRICE, line.price),
        (has::SCOPE, line.scope),
        (has::OWN, line.own),
        (has::OVER_LIMIT, line.over_limit),
        (has::PRICE_CAP, line.price_cap),
        (has::DAYS, line.stated_days),
    ] {
        if mask & bit != 0 {
            put_signed(out, value);
        }
    }
    for (bit, text) in [(has::SETTLEMENT, line.settlement), (has::PRESCRIPTION, line.prescription), (has::ORIGIN, line.origin)] {
        if mask & bit != 0 {
            put_unsigned(out, id(text));
        }
    }
    for (bit, text) in [
        (has::DOCTOR, line.doctor.unwrap_or_default()),
        (has::DEPARTMENT, line.department),
        (has::DOSE, line.dose),
        (has::FREQUENCY, line.frequency),
        (has::ROUTE, line.route),
    ] {
        if mask & bit != 0 {
            code(out, text);
        }
    }
}

/// The price that count and amount imply exactly.
fn implied_price(amount: i64, count: i64) -> Option<i64> {
    let whole = i128::from(amount) * 100_000_000;
    (count != 0 && whole % i128::from(count) == 0).then(|| i64::try_from(whole / i128::from(count)).ok())?
}

/// Appends a visit's rows. `None`: these are not the bytes of a visit.
pub(super) fn decode<'t>(
    bytes: &[u8],
    visit_id: &'t str,
    ids: &'t Ids,
    segment: usize,
    dictionary: &'t Dictionary,
    rows: &mut PersonRows<'t>,
) -> Option<()> {
    let mut reader = Reader::new(bytes.get(1..)?);
    for _ in 0..reader.count()? {
        reader.unsigned()?;
        let length = reader.count()?;
        reader.take(length)?;
    }
    let mut input = Input { reader, ids, segment, dictionary };
    let visit = rows.visits.len();
    let (institution, institution_name, med_type) = (input.code()?, input.code()?, input.code()?);
    let (insutype, hosp_lv, dscg_way, main_dx) = (input.code()?, input.code()?, input.code()?, input.code()?);
    let referred_from = input.id()?;
    let base = distance(&mut input.reader)?;
    rows.visits.push(VisitRow {
        id: visit_id,
        institution,
        institution_name,
        med_type,
        insutype,
        hosp_lv,
        dscg_way,
        main_dx,
        referred_from,
        begin: moment(&mut input.reader, base)?,
        end: moment(&mut input.reader, base)?,
        told_by: ToldBy::Itself,
    });
    for _ in 0..input.reader.count()? {
        rows.settlements.push(SettlementRow {
            visit,
            id: input.id()?,
            takes_back: input.id()?,
            refunded: input.reader.take(1)?[0] == 1,
            time: base.wrapping_add(distance(&mut input.reader)?),
            medfee: input.reader.signed()?,
            scope: input.reader.signed()?,
            fund: input.reader.signed()?,
            account: input.reader.signed()?,
        });
    }
    for _ in 0..input.reader.count()? {
        rows.diagnoses.push(DiagnosisRow { visit, id: input.id()?, code: input.code()?, main: input.reader.take(1)?[0] == 1 });
    }
    for _ in 0..input.reader.count()? {
        rows.operations.push(OperationRow {
            visit,
            code: input.code()?,
            begin: base.wrapping_add(distance(&mut input.reader)?),
            end: moment(&mut input.reader, base)?,
        });
    }
    let mut last = base;
    for _ in 0..input.reader.count()? {
        let line = input.line(visit, last)?;
        last = line.time;
        rows.lines.push(line);
    }
    Some(())
}

struct Input<'b, 't> {
    reader: Reader<'b>,
    ids: &'t Ids,
    segment: usize,
    dictionary: &'t Dictionary,
}

impl<'t> Input<'_, 't> {
    fn id(&mut self) -> Option<&'t str> {
        let number = self.reader.unsigned()?;
        self.ids.get(self.segment, number)
    }

    fn code(&mut self) -> Option<&'t str> {
        match self.reader.unsigned()? {
            0 => Some(""),
            number => self.dictionary.text((number - 1) as u32),
        }
    }

    fn line(&mut self, visit: usize, last: Moment) -> Option<LineRow<'t>> {
        let mask = self.reader.unsigned()?;
        let is = |bit: u64| mask & bit != 0;
        let mut line = LineRow { visit, id: self.id()?, item: self.code()?, ..LineRow::default() };
        line.time = last.wrapping_add(distance(&mut self.reader)?);
        line.count = self.reader.signed()?;
        line.amount = self.reader.signed()?;
        line.price = if is(has::PRICE) { self.reader.signed()? } else { implied_price(line.amount, line.count)? };
        line.scope = if is(has::SCOPE) { self.reader.signed()? } else { line.amount };
        for (bit, value) in [
            (has::OWN, &mut line.own),
            (has::OVER_LIMIT, &mut line.over_limit),
            (has::PRICE_CAP, &mut line.price_cap),
            (has::DAYS, &mut line.stated_days),
        ] {
            if is(bit) {
                *value = self.reader.signed()?;
            }
        }
        for (bit, text) in
            [(has::SETTLEMENT, &mut line.settlement), (has::PRESCRIPTION, &mut line.prescription), (has::ORIGIN, &mut line.origin)]
        {
            if is(bit) {
                *text = self.id()?;
            }
        }
        if is(has::DOCTOR) {
            line.doctor = Some(self.code()?);
        }
        for (bit, text) in [
            (has::DEPARTMENT, &mut line.department),
            (has::DOSE, &mut line.dose),
            (has::FREQUENCY, &mut line.frequency),
            (has::ROUTE, &mut line.route),
        ] {
            if is(bit) {
                *text = self.code()?;
            }
        }
        line.discharge_drug = is(has::DISCHARGE);
        line.maternity_fee = is(has::MATERNITY);
        line.approved = is(has::APPROVED);
        Some(line)
    }
}

/// Lays a visit of newer rows over the stored one (the only visit of `held`): what it states wins, ids it repeats are replaced. Where the
/// newer rows `gain`, diagnoses and operations stand beside those that are there; else, a record being whole, in their place.
pub(super) fn merge<'t>(held: &mut PersonRows<'t>, newer: &PersonRows<'t>, at: usize, gain: bool) {
    held.visits[0] = laid_over(&held.visits[0], &newer.visits[at]);
    for row in newer.settlements.iter().filter(|row| row.visit == at) {
        held.settlements.retain(|stored| stored.id != row.id);
        held.settlements.push(SettlementRow { visit: 0, ..row.clone() });
    }
    for row in newer.lines.iter().filter(|row| row.visit == at) {
        held.lines.retain(|stored| stored.id != row.id);
        held.lines.push(LineRow { visit: 0, ..row.clone() });
    }
    let diagnoses = || newer.diagnoses.iter().filter(|row| row.visit == at).map(|row| DiagnosisRow { visit: 0, ..row.clone() });
    let operations = || newer.operations.iter().filter(|row| row.visit == at).map(|row| OperationRow { visit: 0, ..row.clone() });
    if gain {
        held.diagnoses.retain(|stored| !diagnoses().any(|row| row.code == stored.code || (!row.id.is_empty() && row.id == stored.id)));
        held.operations.retain(|stored| !operations().any(|row| (row.code, row.begin) == (stored.code, stored.begin)));
    } else {
        if diagnoses().next().is_some() {
            held.diagnoses.clear();
        }
        if operations().next().is_some() {
            held.operations.clear();
        }
    }
    held.diagnoses.extend(diagnoses());
    held.operations.extend(operations());
}

/// The visit with what the newer row states; a row that only money or diagnoses tell of adds what is not known.
fn laid_over<'t>(stored: &VisitRow<'t>, newer: &VisitRow<'t>) -> VisitRow<'t> {
    let (first, second) = if newer.told_by == ToldBy::Itself { (newer, stored) } else { (stored, newer) };
    let or = |first: &'t str, second: &'t str| if first.is_empty() { second } else { first };
    VisitRow {
        id: stored.id,
        institution: or(first.institution, second.institution),
        institution_name: or(first.institution_name, second.institution_name),
        med_type: or(first.med_type, second.med_type),
        insutype: or(first.insutype, second.insutype),
        hosp_lv: or(first.hosp_lv, second.hosp_lv),
        dscg_way: or(first.dscg_way, second.dscg_way),
        main_dx: or(first.main_dx, second.main_dx),
        referred_from: or(first.referred_from, second.referred_from),
        begin: first.begin.or(second.begin),
        end: first.end.or(second.end),
        told_by: ToldBy::Itself,
    }
}
