//! Case rows as timelines: defaults, people, visits, settlements and lines, in the kernel's order.

use std::collections::{BTreeMap, HashMap};

use mingjian_engine::timeline::{
    Care, Diagnosis, Lines, Operation, Person, Registration, SEX_UNKNOWN, Settlement, Visit, flag, is_unlevelled, join_sessions,
    level_of_hosp_lv,
};
use mingjian_engine::{CatalogueEntry, ListPrice, NONE, RuleSet, Timelines, Worker};
use mingjian_model::day::{self, Day, MICROS_PER_DAY, Moment, day_of};
use mingjian_model::{PRICE_SCALE, QUANTITY_SCALE, div_round_half_up, parse_scaled};

use super::{CaseRow, CaseTable};
use crate::diagnostic::nearest;
use crate::knowledge::{ALWAYS, items};
use crate::library::Library;
use crate::rule::Rule;
use crate::value::parse_sex;

/// Written in a cell to say that the value is missing (an empty cell takes the default).
const MISSING: [&str; 2] = ["无", "不详"];

/// A case's rows, owned, and which row of the case each kernel row came from.
#[derive(Default)]
pub(super) struct World {
    persons: Vec<Person>,
    visits: Vec<Visit>,
    settlements: Vec<Settlement>,
    diagnoses: Vec<Diagnosis>,
    operations: Vec<Operation>,
    registrations: Vec<Registration>,
    item: Vec<u32>,
    time: Vec<Moment>,
    count: Vec<i64>,
    price: Vec<i64>,
    amount: Vec<i64>,
    scope: Vec<i64>,
    own: Vec<i64>,
    over_limit: Vec<i64>,
    price_cap: Vec<i64>,
    settlement: Vec<u32>,
    prescription: Vec<i32>,
    origin: Vec<i32>,
    flags: Vec<u16>,
    supply_days: Vec<i32>,
    route: Vec<u16>,
    dept_class: Vec<u16>,
    /// Kernel row → row of the case.
    pub line_rows: Vec<usize>,
    pub visit_rows: Vec<usize>,
    pub settlement_rows: Vec<usize>,
    pub diagnosis_rows: Vec<usize>,
}

impl World {
    pub fn timelines(&self) -> Timelines<'_> {
        Timelines {
            persons: &self.persons,
            visits: &self.visits,
            settlements: &self.settlements,
            diagnoses: &self.diagnoses,
            operations: &self.operations,
            registrations: &self.registrations,
            lines: Lines {
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
            },
        }
    }
}

/// One fee line as written.
struct Line {
    row: usize,
    number: String,
    takes_back: String,
    item: String,
    time: Moment,
    count: i64,
    price: i64,
    amount: i64,
    scope: i64,
    own: i64,
    over_limit: i64,
    price_cap: i64,
    settlement: String,
    prescription: String,
    flags: u16,
    supply_days: i32,
    route: String,
    dept_class: String,
}

/// One visit as written: rows and lines.
struct Stay {
    key: String,
    rows: Vec<usize>,
    lines: Vec<Line>,
}

struct Builder<'a> {
    library: &'a Library,
    rule: &'a Rule,
    table: &'a CaseTable,
    rules: &'a RuleSet,
    worker: &'a mut Worker,
    world: World,
    prices: HashMap<String, Vec<ListPrice>>,
    void: Vec<String>,
    prescriptions: HashMap<(String, Day), i32>,
}

/// Builds the timelines of a case. `Err` says which cell cannot be read.
pub(super) fn build(library: &Library, rule: &Rule, table: &CaseTable, rules: &RuleSet, worker: &mut Worker) -> Result<World, String> {
    let mut builder = Builder {
        library,
        rule,
        table,
        rules,
        worker,
        world: World::default(),
        prices: HashMap::new(),
        void: Vec::new(),
        prescriptions: HashMap::new(),
    };
    builder.note_void();
    builder.note_prices()?;
    let mut persons: Vec<(String, Vec<Stay>)> = Vec::new();
    for (at, row) in table.rows.iter().enumerate() {
        let person = or(table.cell(row, "psn_no"), "P1").to_string();
        let visit = builder.visit_key(row);
        let line = builder.line(at, row)?;
        let at_person = position_or_push(&mut persons, |(known, _)| *known == person, || (person.clone(), Vec::new()));
        let stays = &mut persons[at_person].1;
        let at_stay =
            position_or_push(stays, |stay| stay.key == visit, || Stay { key: visit.clone(), rows: Vec::new(), lines: Vec::new() });
        stays[at_stay].rows.push(at);
        stays[at_stay].lines.extend(line);
    }
    for (_, stays) in persons {
        builder.person(stays)?;
    }
    Ok(builder.world)
}

fn or<'t>(text: &'t str, default: &'t str) -> &'t str {
    if text.is_empty() { default } else { text }
}

fn position_or_push<T>(all: &mut Vec<T>, is: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> usize {
    all.iter().position(is).unwrap_or_else(|| {
        all.push(make());
        all.len() - 1
    })
}

impl Builder<'_> {
    fn wrong<T>(&self, row: &CaseRow, column: &str, expected: &str) -> Result<T, String> {
        Err(format!("第 {} 行 {column} 的“{}”不对，应是{expected}", row.line, self.table.cell(row, column)))
    }

    /// A scaled number; `default` where the cell is empty.
    fn scaled(&self, row: &CaseRow, column: &str, scale: u32, default: i64) -> Result<i64, String> {
        match self.table.cell(row, column) {
            "" => Ok(default),
            text => parse_scaled(text, scale).map_or_else(|| self.wrong(row, column, "数"), Ok),
        }
    }

    fn moment(&self, row: &CaseRow, column: &str) -> Result<Option<Moment>, String> {
        match self.table.cell(row, column) {
            "" => Ok(None),
            text if MISSING.contains(&text) => Ok(None),
            text => day::parse_moment(text).map_or_else(|| self.wrong(row, column, "时间，如 2025-03-05 09:00"), |moment| Ok(Some(moment))),
        }
    }

    /// Visits without an id of their own are told apart by person and institution.
    fn visit_key(&self, row: &CaseRow) -> String {
        match self.table.cell(row, "mdtrt_id") {
            "" => format!("V1@{}", or(self.table.cell(row, "fixmedins_code"), "H1")),
            id => id.to_string(),
        }
    }

    fn settlement_key(&self, row: &CaseRow) -> String {
        match self.table.cell(row, "setl_id") {
            "" => format!("S@{}@{}", or(self.table.cell(row, "psn_no"), "P1"), self.visit_key(row)),
            id => id.to_string(),
        }
    }

    /// Refunded settlements and their mirrors.
    fn note_void(&mut self) {
        for row in &self.table.rows {
            let of = self.table.cell(row, "init_setl_id");
            if self.table.cell(row, "refd_setl_flag") == "1" || !of.is_empty() {
                self.void.push(self.settlement_key(row));
                self.void.push(of.to_string());
            }
        }
    }

    fn note_prices(&mut self) -> Result<(), String> {
        for row in &self.table.rows {
            if self.table.cell(row, "list_price").is_empty() || self.table.cell(row, "item").is_empty() {
                continue;
            }
            let code = self.item_code(row)?;
            let level = level_of_hosp_lv(or(self.table.cell(row, "hosp_lv"), "02"));
            let price = ListPrice { level, begin: ALWAYS.0, end: ALWAYS.1, price: self.scaled(row, "list_price", 6, 0)? };
            let prices = self.prices.entry(code).or_default();
            if !prices.contains(&price) {
                prices.push(price);
            }
        }
        Ok(())
    }

    /// The code of the row's item: a code as it stands, a name through the knowledge tables, `无` for none.
    fn item_code(&self, row: &CaseRow) -> Result<String, String> {
        let text = self.table.cell(row, "item");
        if MISSING.contains(&text) {
            return Ok(String::new());
        }
        if text.is_ascii() {
            return Ok(text.to_string());
        }
        self.code_of(text).ok_or_else(|| self.unknown_name(row, text))
    }

    fn code_of(&self, name: &str) -> Option<String> {
        let own = self.rule.knowledge.iter().filter_map(|table| self.library.table(table));
        let code = own.chain(&self.library.tables).find_map(|table| table.code_of_name(name))?;
        // A prefix of a service code is filled up to the 15 digits of a whole one.
        let short = code.len() < 15 && code.bytes().all(|b| b.is_ascii_digit());
        Some(if short { format!("{code:0<15}") } else { code })
    }

    fn unknown_name(&self, row: &CaseRow, name: &str) -> String {
        let known = self.library.tables.iter().flat_map(|table| table.points.iter().map(|point| point.name.as_str()));
        let hint = nearest(name, known).map_or(String::new(), |hint| format!("（{hint}）"));
        format!("第 {} 行的“{name}”在知识表里没有；表里没有的项目请直接写编码{hint}", row.line)
    }

    fn line(&mut self, at: usize, row: &CaseRow) -> Result<Option<Line>, String> {
        let cell = |column: &str| self.table.cell(row, column);
        if cell("item").is_empty() {
            return Ok(None);
        }
        let item = self.item_code(row)?;
        let count = self.scaled(row, "cnt", 4, QUANTITY_SCALE)?;
        let written_price = !cell("pric").is_empty();
        let price = self.scaled(row, "pric", 6, 0)?;
        let of_price = div_round_half_up(i128::from(price) * i128::from(count), i128::from(PRICE_SCALE * QUANTITY_SCALE / 100));
        let amount = self.scaled(row, "det_item_fee_sumamt", 2, if written_price { of_price } else { 1000 })?;
        let price = match count {
            _ if written_price => price,
            0 => 0,
            count => div_round_half_up(i128::from(amount) * i128::from(PRICE_SCALE / 100 * QUANTITY_SCALE), i128::from(count)),
        };
        let own = self.scaled(row, "fulamt_ownpay_amt", 2, 0)?;
        let over_limit = self.scaled(row, "overlmt_selfpay", 2, 0)?;
        let time = self.moment(row, "fee_ocur_time")?.unwrap_or_else(default_time);
        let mut flags = 0;
        let mut mark = |bit: u16, is: bool| flags |= if is { bit } else { 0 };
        mark(flag::DISCHARGE_DRUG, cell("dscg_tkdrug_flag") == "1");
        mark(flag::APPROVED, cell("hosp_appr_flag") == "1");
        mark(flag::MATERNITY_FEE, cell("matn_fee_flag") == "1");
        mark(flag::ILL_FORMED_ITEM, !well_shaped(&item));
        mark(flag::AMOUNT_MISMATCH, written_price && (of_price - amount).abs() > 1);
        mark(flag::AFTER_UPLOAD, self.moment(row, "crte_time")?.is_some_and(|upload| time > upload));
        mark(flag::NO_TIME, MISSING.contains(&self.table.cell(row, "fee_ocur_time")));
        mark(flag::NO_DOCTOR, self.table.columns.iter().any(|column| column == "bilg_dr_code") && cell("bilg_dr_code").is_empty());
        Ok(Some(Line {
            row: at,
            number: or(cell("bkkp_sn"), &(at + 1).to_string()).to_string(),
            takes_back: cell("init_feedetl_sn").to_string(),
            item,
            time,
            count,
            price,
            amount,
            scope: self.scaled(row, "inscp_amt", 2, amount - own - over_limit)?,
            own,
            over_limit,
            price_cap: self.scaled(row, "pric_uplmt_amt", 6, 0)?,
            settlement: self.settlement_key(row),
            prescription: cell("rx_drord_no").to_string(),
            flags,
            supply_days: self.scaled(row, "prd_days", 0, 0)? as i32,
            route: cell("medc_way_dscr").to_string(),
            dept_class: cell("caty").to_string(),
        }))
    }

    /// The first non-empty cell of a column among rows.
    fn first<'r>(&'r self, rows: &[usize], column: &str) -> Option<&'r CaseRow> {
        rows.iter().map(|&at| &self.table.rows[at]).find(|row| !self.table.cell(row, column).is_empty())
    }

    fn first_cell(&self, rows: &[usize], column: &str, default: &str) -> String {
        self.first(rows, column).map_or(default, |row| self.table.cell(row, column)).to_string()
    }

    fn first_moment(&self, rows: &[usize], column: &str) -> Result<Option<Moment>, String> {
        self.first(rows, column).map_or(Ok(None), |row| self.moment(row, column))
    }

    fn person(&mut self, mut stays: Vec<Stay>) -> Result<(), String> {
        let rows: Vec<usize> = stays.iter().flat_map(|stay| stay.rows.iter().copied()).collect();
        let sex = match self.first_cell(&rows, "gend", "女").as_str() {
            text if MISSING.contains(&text) => SEX_UNKNOWN,
            text => match parse_sex(text) {
                Some(sex) => sex as u8,
                None => return Err(format!("gend 的“{text}”不对，应是男、女 或 不详")),
            },
        };
        let birth = match self.first(&rows, "brdy") {
            None => day::from_ymd(1980, 1, 1),
            Some(row) => self.moment(row, "brdy")?.map(day_of),
        };
        let death = self.first_moment(&rows, "die_date")?.map(day_of);
        let visits_start = self.world.visits.len() as u32;
        let registrations_start = self.world.registrations.len() as u32;
        self.registrations(&rows)?;
        for stay in &mut stays {
            stay.lines.sort_by_key(|line| line.time);
        }
        let mut begun = Vec::new();
        for stay in stays {
            begun.push((self.begin_of(&stay)?, stay));
        }
        begun.sort_by_key(|(begin, _)| *begin);
        let keys: Vec<String> = begun.iter().map(|(_, stay)| stay.key.clone()).collect();
        for (begin, stay) in begun {
            self.visit(begin, stay, &keys, visits_start)?;
        }
        self.world.persons.push(Person {
            sex,
            birth,
            death,
            visits: visits_start..self.world.visits.len() as u32,
            registrations: registrations_start..self.world.registrations.len() as u32,
        });
        Ok(())
    }

    fn registrations(&mut self, rows: &[usize]) -> Result<(), String> {
        for text in items(&self.first_cell(rows, "opsp", "")) {
            let mut parts = text.split('@').skip(1).map(str::trim);
            let mut next = |open: Day| match parts.next() {
                None | Some("") => Ok(open),
                Some(day) => day::parse_day(day).ok_or_else(|| format!("opsp 的“{text}”不对，应是 病种 或 病种@2025-01-01@2025-12-31")),
            };
            self.world.registrations.push(Registration { begin: next(ALWAYS.0)?, end: next(ALWAYS.1)? });
        }
        Ok(())
    }

    fn care_of(&self, stay: &Stay) -> (i16, Care) {
        let two: String = self.first_cell(&stay.rows, "med_type", "11").chars().take(2).collect();
        let med_type = two.parse().unwrap_or(0);
        (med_type, Care::of_med_type(med_type))
    }

    /// The first fee, or where the visit has none, the time of its first row.
    fn first_time(&self, stay: &Stay) -> Result<Moment, String> {
        match stay.lines.first() {
            Some(line) => Ok(line.time),
            None => Ok(self.first_moment(&stay.rows, "fee_ocur_time")?.unwrap_or_else(default_time)),
        }
    }

    fn begin_of(&self, stay: &Stay) -> Result<Moment, String> {
        if let Some(begin) = self.first_moment(&stay.rows, "begntime")? {
            return Ok(begin);
        }
        let first = match self.first_moment(&stay.rows, "setl_time")? {
            Some(settled) if stay.lines.is_empty() => settled,
            _ => self.first_time(stay)?,
        };
        Ok(if self.care_of(stay).1 == Care::Inpatient { i64::from(day_of(first)) * MICROS_PER_DAY } else { first })
    }

    fn visit(&mut self, begin: Moment, stay: Stay, keys: &[String], first_visit: u32) -> Result<(), String> {
        let (med_type, care) = self.care_of(&stay);
        let written_end = self.first_moment(&stay.rows, "endtime")?;
        let last = stay.lines.last().map_or(begin, |line| line.time);
        let end = if care == Care::Inpatient { written_end } else { Some(written_end.unwrap_or(last.max(begin))) };
        let level = self.first_cell(&stay.rows, "hosp_lv", "02");
        let pharmacy = match self.first_cell(&stay.rows, "fixmedins_type", "").as_str() {
            "" => care == Care::Pharmacy,
            kind => kind == "2",
        };
        let number = |text: String| text.parse::<i16>().unwrap_or(0);
        let old = self.first_cell(&stay.rows, "refl_old_mdtrt_id", "");
        let referred_from = keys.iter().position(|key| *key == old).map_or(NONE, |at| first_visit + at as u32);
        let insurance = number(self.first_cell(&stay.rows, "insutype", "310"));
        let discharge_way = number(self.first_cell(&stay.rows, "dscg_way", "")).clamp(0, 255) as u8;
        let institution = self.worker.institution(&self.first_cell(&stay.rows, "fixmedins_code", "H1"));
        let settlements = self.settlements(&stay, written_end.unwrap_or(last.max(begin)))?;
        let diagnoses = self.diagnoses(&stay)?;
        let operations = self.operations(&stay)?;
        let lines = self.lines(&stay);
        self.world.visit_rows.push(stay.rows[0]);
        self.world.visits.push(Visit {
            institution,
            med_type,
            care,
            insurance,
            level: level_of_hosp_lv(&level),
            unlevelled: is_unlevelled(&level),
            pharmacy,
            discharge_way,
            begin,
            end,
            referred_from,
            lines,
            settlements,
            diagnoses,
            operations,
        });
        Ok(())
    }

    fn settlements(&mut self, stay: &Stay, settled: Moment) -> Result<std::ops::Range<u32>, String> {
        let start = self.world.settlements.len() as u32;
        let mut keys: BTreeMap<usize, String> = BTreeMap::new();
        for &at in &stay.rows {
            let key = self.settlement_key(&self.table.rows[at]);
            if !keys.values().any(|known| *known == key) {
                keys.insert(at, key);
            }
        }
        for (at, key) in keys {
            let rows: Vec<usize> = stay.rows.iter().copied().filter(|&row| self.settlement_key(&self.table.rows[row]) == key).collect();
            let sum = |of: fn(&Line) -> i64| stay.lines.iter().filter(|line| line.settlement == key).map(of).sum::<i64>();
            let scope = sum(|line| line.scope);
            self.world.settlement_rows.push(at);
            self.world.settlements.push(Settlement {
                time: self.first_moment(&rows, "setl_time")?.unwrap_or(settled),
                void: self.void.contains(&key),
                medfee: sum(|line| line.amount),
                scope,
                fund: scope,
                account: 0,
            });
        }
        Ok(start..self.world.settlements.len() as u32)
    }

    fn diagnoses(&mut self, stay: &Stay) -> Result<std::ops::Range<u32>, String> {
        let start = self.world.diagnoses.len() as u32;
        if let Some(row) = self.first(&stay.rows, "diag").cloned() {
            for (i, text) in items(self.table.cell(&row, "diag")).enumerate() {
                let code =
                    if text.is_ascii() { text.to_string() } else { self.code_of(text).ok_or_else(|| self.unknown_name(&row, text))? };
                let code = self.worker.code(self.rules, &code);
                self.world.diagnosis_rows.push(stay.rows[0]);
                self.world.diagnoses.push(Diagnosis { code, main: i == 0 });
            }
        }
        Ok(start..self.world.diagnoses.len() as u32)
    }

    fn operations(&mut self, stay: &Stay) -> Result<std::ops::Range<u32>, String> {
        let start = self.world.operations.len() as u32;
        let mut records = Vec::new();
        for text in items(&self.first_cell(&stay.rows, "oprn", "")) {
            let (code, times) = text.split_once('@').unwrap_or((text, "2025-03-05 09:00"));
            let (begin, end) = times.split_once('@').map_or((times, None), |(begin, end)| (begin, Some(end)));
            let time = |time: &str| {
                let wrong = || format!("oprn 的“{text}”不对，应是 手术编码@2025-03-05 09:00，后面可写 @结束时间");
                day::parse_moment(time.trim()).ok_or_else(wrong)
            };
            let code = self.worker.code(self.rules, code.trim());
            records.push((Operation { code, begin: time(begin)? }, end.map(time).transpose()?));
        }
        records.sort_by_key(|(operation, _)| operation.begin);
        join_sessions(records.iter_mut().map(|(operation, end)| (operation, *end)));
        self.world.operations.extend(records.into_iter().map(|(operation, _)| operation));
        Ok(start..self.world.operations.len() as u32)
    }

    fn lines(&mut self, stay: &Stay) -> std::ops::Range<u32> {
        let start = self.world.item.len();
        for (at, line) in stay.lines.iter().enumerate() {
            let origin = stay.lines.iter().position(|other| other.number == line.takes_back && !line.takes_back.is_empty());
            let orphan = line.count < 0 && origin.is_none();
            let row = &self.table.rows[line.row];
            let charge_type = self.table.cell(row, "med_chrgitm_type").parse().unwrap_or(0);
            let prices = self.prices.get(&line.item).map_or(&[][..], Vec::as_slice);
            let entry = CatalogueEntry { charge_type, unit: self.table.cell(row, "unit"), prices };
            let item = self.worker.item(self.rules, &line.item, &entry);
            let next = self.prescriptions.len() as i32;
            let prescription = match line.prescription.as_str() {
                "" => -1,
                number => *self.prescriptions.entry((number.to_string(), day_of(line.time))).or_insert(next),
            };
            let settlement = self.settlement_of(&line.settlement);
            let world = &mut self.world;
            world.item.push(item);
            world.time.push(line.time);
            world.count.push(line.count);
            world.price.push(line.price);
            world.amount.push(line.amount);
            world.scope.push(line.scope);
            world.own.push(line.own);
            world.over_limit.push(line.over_limit);
            world.price_cap.push(line.price_cap);
            world.settlement.push(settlement);
            world.prescription.push(prescription);
            world.origin.push(origin.map_or(0, |origin| origin as i32 - at as i32));
            world.flags.push(line.flags | if orphan { flag::ORPHAN_REVERSAL } else { 0 });
            world.supply_days.push(line.supply_days);
            let (route, dept_class) = (self.worker.text(&line.route), self.worker.text(&line.dept_class));
            self.world.route.push(route);
            self.world.dept_class.push(dept_class);
            self.world.line_rows.push(line.row);
        }
        start as u32..self.world.item.len() as u32
    }

    /// The row of a settlement laid down before.
    fn settlement_of(&self, key: &str) -> u32 {
        let found = self.world.settlement_rows.iter().position(|&at| self.settlement_key(&self.table.rows[at]) == key);
        found.map_or(NONE, |at| at as u32)
    }
}

/// 2025-03-05 09:00.
fn default_time() -> Moment {
    day::parse_moment("2025-03-05 09:00").unwrap_or_default()
}

/// Drug, herb, material or service by its first character, letters and digits only.
fn well_shaped(code: &str) -> bool {
    code.bytes().next().is_some_and(|b| matches!(b, b'X' | b'Z' | b'T' | b'C') || b.is_ascii_digit())
        && code.bytes().all(|b| b.is_ascii_alphanumeric())
}
