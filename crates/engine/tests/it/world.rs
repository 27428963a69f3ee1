//! A small world to screen: people, visits and lines by name, rules by hand, hits as text.

use mingjian_engine::expr::{Agg, AggKind, Cmp, Expr, Field};
use mingjian_engine::program::{Amount, Block, CodeSet, Key, PairWindow, Point, Source, Table, Window, stage};
use mingjian_engine::timeline::{
    Care, Diagnosis, Lines, Operation, Person, Registration, SEX_FEMALE, SEX_MALE, Settlement, Timelines, Visit, flag,
};
use mingjian_engine::{Attrition, Band, CatalogueEntry, Evidence, Hit, ListPrice, NONE, Options, Outcome, Role, RuleSet, Screener, Worker};
use mingjian_model::Fen;
use mingjian_model::day::{Day, Moment, parse_day, parse_moment};

pub fn at(text: &str) -> Moment {
    parse_moment(text).unwrap_or_else(|| panic!("{text} is no moment"))
}

pub fn day(text: &str) -> Day {
    parse_day(text).unwrap_or_else(|| panic!("{text} is no day"))
}

/// A fee line; by default one unit at 10 yuan, all of it in scope.
#[derive(Debug, Clone)]
pub struct Line {
    pub item: String,
    pub time: Moment,
    pub count: i64,
    pub price: Option<i64>,
    pub amount: i64,
    pub scope: Option<i64>,
    pub own: i64,
    pub over_limit: i64,
    pub price_cap: i64,
    pub prescription: i32,
    pub origin: i32,
    pub flags: u16,
    pub supply_days: i32,
    pub route: String,
    /// Which settlement of the visit; `None` for none.
    pub settlement: Option<usize>,
}

pub fn line(item: &str, time: &str) -> Line {
    Line {
        item: item.into(),
        time: at(time),
        count: 10_000,
        price: None,
        amount: 1000,
        scope: None,
        own: 0,
        over_limit: 0,
        price_cap: 0,
        prescription: -1,
        origin: 0,
        flags: 0,
        supply_days: 0,
        route: String::new(),
        settlement: Some(0),
    }
}

impl Line {
    pub fn count(mut self, count: i64) -> Line {
        self.count = count * 10_000;
        self
    }
    pub fn tenths(mut self, tenths: i64) -> Line {
        self.count = tenths * 1000;
        self
    }
    /// Yuan; the scope follows unless set.
    pub fn yuan(mut self, yuan: i64) -> Line {
        self.amount = yuan * 100;
        self
    }
    pub fn fen(mut self, fen: i64) -> Line {
        self.amount = fen;
        self
    }
    pub fn scope(mut self, fen: i64) -> Line {
        self.scope = Some(fen);
        self
    }
    pub fn self_paid(mut self) -> Line {
        self.own = self.amount;
        self.scope = Some(0);
        self
    }
    pub fn price(mut self, yuan: i64) -> Line {
        self.price = Some(yuan * 1_000_000);
        self
    }
    pub fn over_limit(mut self, fen: i64) -> Line {
        self.over_limit = fen;
        self
    }
    pub fn rx(mut self, number: i32) -> Line {
        self.prescription = number;
        self
    }
    pub fn supply(mut self, days: i32) -> Line {
        self.supply_days = days;
        self
    }
    pub fn route(mut self, route: &str) -> Line {
        self.route = route.into();
        self
    }
    pub fn flags(mut self, flags: u16) -> Line {
        self.flags = flags;
        self
    }
    /// Takes back the line so many places before, whole or in part.
    pub fn reverses(mut self, back: i32) -> Line {
        self.origin = -back;
        self.count = -self.count;
        self.amount = -self.amount;
        self
    }
    pub fn orphan(mut self) -> Line {
        self.count = -self.count;
        self.amount = -self.amount;
        self.flags |= flag::ORPHAN_REVERSAL;
        self
    }
    pub fn settlement(mut self, number: Option<usize>) -> Line {
        self.settlement = number;
        self
    }
}

/// A visit; by default an outpatient one at H1 of level 3 with one settlement that is not void.
#[derive(Debug, Clone)]
pub struct Stay {
    pub institution: String,
    pub med_type: i16,
    pub level: u8,
    pub unlevelled: bool,
    pub begin: Moment,
    pub end: Option<Moment>,
    pub discharge_way: u8,
    pub referred_from: Option<usize>,
    pub void: Vec<bool>,
    pub diagnoses: Vec<String>,
    pub operations: Vec<Moment>,
    pub lines: Vec<Line>,
}

pub fn visit(begin: &str) -> Stay {
    Stay {
        institution: "H1".into(),
        med_type: 11,
        level: 3,
        unlevelled: false,
        begin: at(begin),
        end: None,
        discharge_way: 1,
        referred_from: None,
        void: vec![false],
        diagnoses: Vec::new(),
        operations: Vec::new(),
        lines: Vec::new(),
    }
}

pub fn stay(begin: &str, end: &str) -> Stay {
    Stay { end: Some(at(end)), med_type: 21, ..visit(begin) }
}

impl Stay {
    pub fn line(mut self, line: Line) -> Stay {
        self.lines.push(line);
        self
    }
    pub fn at_institution(mut self, code: &str) -> Stay {
        self.institution = code.into();
        self
    }
    pub fn med_type(mut self, two_digits: i16) -> Stay {
        self.med_type = two_digits;
        self
    }
    pub fn level(mut self, level: u8) -> Stay {
        self.level = level;
        self
    }
    pub fn dx(mut self, codes: &[&str]) -> Stay {
        self.diagnoses = codes.iter().map(ToString::to_string).collect();
        self
    }
    pub fn operation(mut self, time: &str) -> Stay {
        self.operations.push(at(time));
        self
    }
    pub fn void(mut self) -> Stay {
        self.void = vec![true];
        self
    }
}

#[derive(Debug, Clone, Default)]
pub struct Somebody {
    pub sex: u8,
    pub birth: Option<Day>,
    pub death: Option<Day>,
    pub visits: Vec<Stay>,
    pub registrations: Vec<(Day, Day)>,
}

pub fn woman(birth: &str) -> Somebody {
    Somebody { sex: SEX_FEMALE, birth: Some(day(birth)), ..Somebody::default() }
}

pub fn man(birth: &str) -> Somebody {
    Somebody { sex: SEX_MALE, birth: Some(day(birth)), ..Somebody::default() }
}

impl Somebody {
    pub fn visit(mut self, visit: Stay) -> Somebody {
        self.visits.push(visit);
        self
    }
}

/// What the catalogue says of some items.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    pub entries: Vec<(String, u8, String, Vec<ListPrice>)>,
}

impl Catalogue {
    pub fn unit(mut self, code: &str, unit: &str) -> Catalogue {
        self.entries.push((code.into(), 0, unit.into(), Vec::new()));
        self
    }
    pub fn priced(mut self, code: &str, level: u8, yuan: i64) -> Catalogue {
        let price = ListPrice { level, begin: Day::MIN, end: Day::MAX, price: yuan * 1_000_000 };
        self.entries.push((code.into(), 0, "次".into(), vec![price]));
        self
    }
    pub fn charge_type(mut self, code: &str, charge_type: u8) -> Catalogue {
        self.entries.push((code.into(), charge_type, String::new(), Vec::new()));
        self
    }
    fn entry(&self, code: &str) -> CatalogueEntry<'_> {
        match self.entries.iter().find(|entry| entry.0 == code) {
            Some((_, charge_type, unit, prices)) => CatalogueEntry { charge_type: *charge_type, unit, prices },
            None => CatalogueEntry::default(),
        }
    }
}

/// People as the kernel reads them.
#[derive(Debug, Default)]
pub struct Batch {
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
    pub scope: Vec<i64>,
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
}

impl Batch {
    pub fn of(rules: &RuleSet, worker: &mut Worker, catalogue: &Catalogue, people: &[Somebody]) -> Batch {
        let mut batch = Batch::default();
        for somebody in people {
            batch.add(rules, worker, catalogue, somebody);
        }
        batch
    }

    fn add(&mut self, rules: &RuleSet, worker: &mut Worker, catalogue: &Catalogue, somebody: &Somebody) {
        let begin = |len: usize| len as u32;
        let (first_visit, first_registration) = (begin(self.visits.len()), begin(self.registrations.len()));
        for (from, to) in &somebody.registrations {
            self.registrations.push(Registration { begin: *from, end: *to });
        }
        for stay in &somebody.visits {
            let settlements = begin(self.settlements.len());
            for void in &stay.void {
                let scope = stay.lines.iter().map(|line| line.scope.unwrap_or(line.amount)).sum();
                let time = stay.end.unwrap_or(stay.begin);
                self.settlements.push(Settlement { time, void: *void, medfee: scope, scope, fund: scope / 2, account: 0 });
            }
            let (diagnoses, operations) = (begin(self.diagnoses.len()), begin(self.operations.len()));
            for (number, code) in stay.diagnoses.iter().enumerate() {
                self.diagnoses.push(Diagnosis { code: worker.code(rules, code), main: number == 0 });
            }
            for time in &stay.operations {
                self.operations.push(Operation { code: worker.code(rules, "47.01"), begin: *time });
            }
            let lines = begin(self.item.len());
            for line in &stay.lines {
                self.push(rules, worker, catalogue, line, settlements);
            }
            self.visits.push(Visit {
                institution: worker.institution(&stay.institution),
                med_type: stay.med_type,
                care: Care::of_med_type(stay.med_type),
                insurance: 310,
                level: stay.level,
                unlevelled: stay.unlevelled,
                pharmacy: stay.med_type == 41,
                discharge_way: stay.discharge_way,
                begin: stay.begin,
                end: stay.end,
                referred_from: stay.referred_from.map_or(NONE, |visit| first_visit + visit as u32),
                lines: lines..begin(self.item.len()),
                settlements: settlements..begin(self.settlements.len()),
                diagnoses: diagnoses..begin(self.diagnoses.len()),
                operations: operations..begin(self.operations.len()),
            });
        }
        self.persons.push(Person {
            sex: somebody.sex,
            birth: somebody.birth,
            death: somebody.death,
            visits: first_visit..begin(self.visits.len()),
            registrations: first_registration..begin(self.registrations.len()),
        });
    }

    fn push(&mut self, rules: &RuleSet, worker: &mut Worker, catalogue: &Catalogue, line: &Line, settlements: u32) {
        self.item.push(worker.item(rules, &line.item, &catalogue.entry(&line.item)));
        self.time.push(line.time);
        self.count.push(line.count);
        let price = if line.count == 0 { 0 } else { line.amount * 10_000 * 10_000 / line.count };
        self.price.push(line.price.unwrap_or(price));
        self.amount.push(line.amount);
        self.scope.push(line.scope.unwrap_or(line.amount - line.own));
        self.own.push(line.own);
        self.over_limit.push(line.over_limit);
        self.price_cap.push(line.price_cap);
        self.settlement.push(line.settlement.map_or(NONE, |number| settlements + number as u32));
        self.prescription.push(line.prescription);
        self.origin.push(line.origin);
        self.flags.push(line.flags);
        self.supply_days.push(line.supply_days);
        self.route.push(if line.route.is_empty() { 0 } else { worker.text(&line.route) });
        self.dept_class.push(0);
    }

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

// Rules by hand.

pub fn block(source: Source, keys: &[Key]) -> Block {
    Block {
        rule: 0,
        source,
        table: None,
        filter: Vec::new(),
        keys: keys.to_vec(),
        window: Window::All,
        needs: Vec::new(),
        unless: Vec::new(),
        hit: None,
        suspect: None,
        watch: None,
        grouped: false,
        amount: Amount::None,
        holes: Vec::new(),
        outcome: Outcome::Violation,
        valid: (Day::MIN, Day::MAX),
        stages: stage::BEFORE | stage::DURING | stage::AFTER,
    }
}

pub const LINES: Source = Source::Lines { net: true, guarded: true };
pub const ALL_LINES: Source = Source::Lines { net: true, guarded: false };
pub const RAW_LINES: Source = Source::Lines { net: false, guarded: false };

/// `block` with `hit when` these conditions.
pub fn hitting(mut block: Block, conditions: Vec<Expr>) -> Block {
    block.grouped = conditions.iter().any(has_aggregate);
    block.hit = Some(conditions);
    block
}

fn has_aggregate(expr: &Expr) -> bool {
    match expr {
        Expr::Agg(_) | Expr::Field(Field::FirstDay | Field::LastDay | Field::ChainDays) => true,
        Expr::Cmp(_, two) => has_aggregate(&two.0) || has_aggregate(&two.1),
        Expr::And(many) | Expr::Or(many) => many.iter().any(has_aggregate),
        Expr::Not(one) => has_aggregate(one),
        _ => false,
    }
}

pub fn cmp(a: Expr, cmp: Cmp, b: Expr) -> Expr {
    Expr::Cmp(cmp, Box::new((a, b)))
}

pub fn field(field: Field) -> Expr {
    Expr::Field(field)
}

pub fn number(value: i64) -> Expr {
    Expr::Const(value)
}

pub fn sum(of: Expr) -> Expr {
    Expr::Agg(Box::new(Agg { kind: AggKind::Sum, of, filter: None }))
}

pub fn agg(kind: AggKind, of: Expr) -> Expr {
    Expr::Agg(Box::new(Agg { kind, of, filter: None }))
}

pub fn codes(codes: &[&str]) -> CodeSet {
    let (mut full, mut prefixes) = (Vec::new(), Vec::new());
    for code in codes {
        match code.strip_suffix('*') {
            Some(prefix) => prefixes.push(prefix.to_string()),
            None => full.push(code.to_string()),
        }
    }
    full.sort();
    prefixes.sort();
    CodeSet { codes: full, prefixes }
}

pub fn point(listed: &[&str], values: &[i64]) -> Point {
    Point {
        codes: codes(listed),
        part_codes: CodeSet::default(),
        valid: (Day::MIN, Day::MAX),
        values: values.into(),
        sets: Box::new([]),
        item_sets: Box::new([]),
        window: None,
    }
}

pub fn pair(main: &[&str], part: &[&str], window: Option<PairWindow>) -> Point {
    Point { part_codes: codes(part), window, ..point(main, &[]) }
}

pub fn rules(points: Vec<Point>, blocks: Vec<Block>) -> RuleSet {
    let table = Table { name: "t".into(), columns: Vec::new(), points };
    RuleSet { blocks, tables: vec![table], texts: vec![String::new()], ..RuleSet::default() }
}

// Screening.

pub fn screen(rules: &RuleSet, catalogue: &Catalogue, people: &[Somebody], options: Options) -> (Vec<Hit>, Attrition, Batch) {
    let mut worker = Worker::new(rules);
    let batch = Batch::of(rules, &mut worker, catalogue, people);
    let (mut hits, mut attrition) = (Vec::new(), Attrition::new(rules.blocks.len()));
    Screener::new(rules, options).screen(&mut worker, &batch.timelines(), &mut hits, &mut attrition);
    // What is kept on request changes nothing else.
    let (mut traced_hits, mut traced) = (Vec::new(), Attrition::new(rules.blocks.len()));
    Screener::new(rules, Options { trace: true, ..options }).screen(&mut worker, &batch.timelines(), &mut traced_hits, &mut traced);
    assert_eq!(hits, traced_hits, "tracing changes hits");
    for (plain, traced) in attrition.blocks.iter().zip(&traced.blocks) {
        assert_eq!(
            (plain.not_judged, &plain.lacking, &plain.exempted, plain.hits),
            (traced.not_judged, &traced.lacking, &traced.exempted, traced.hits),
            "tracing changes counts"
        );
    }
    (hits, if options.trace { traced } else { attrition }, batch)
}

/// One line a hit: block, result, band, person, evidence (offending rows with their amount, others in brackets).
pub fn show(hits: &[Hit]) -> String {
    let mut text = String::new();
    for hit in hits {
        let sign = match hit.evidence {
            Evidence::Lines => "L",
            Evidence::Visits => "V",
            Evidence::Settlements => "S",
            Evidence::Diagnoses => "D",
        };
        let rows: Vec<String> = hit
            .rows
            .iter()
            .map(|row| match row.role {
                Role::Offends if hit.has_amount => format!("{sign}{} {}", row.row, Fen(row.amount)),
                Role::Offends => format!("{sign}{}", row.row),
                Role::Shows => format!("({sign}{})", row.row),
            })
            .collect();
        let verdict = if hit.outcome == Outcome::Violation { "违规" } else { "可疑" };
        let band = if hit.band == Band::Core { "" } else { " watch" };
        text += &format!("B{} {verdict}{band} P{} {}\n", hit.block, hit.person, rows.join(", "));
    }
    text
}

pub fn check(rules: &RuleSet, people: &[Somebody], expected: &str) {
    check_with(rules, &Catalogue::default(), people, expected);
}

pub fn check_with(rules: &RuleSet, catalogue: &Catalogue, people: &[Somebody], expected: &str) {
    let (hits, _, _) = screen(rules, catalogue, people, Options::default());
    let expected: String = expected.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect();
    assert_eq!(show(&hits), expected);
}

/// (not judged, lacking, exempted) of a block.
pub fn counts(rules: &RuleSet, people: &[Somebody], block: usize) -> (u64, Vec<u64>, Vec<u64>) {
    let (_, attrition, _) = screen(rules, &Catalogue::default(), people, Options::default());
    let counts = &attrition.blocks[block];
    (counts.not_judged, counts.lacking.clone(), counts.exempted.clone())
}
