//! How many lines one core screens in a second: `cargo bench -p mingjian-engine --profile dev [-- LINES [COPIES [PASSES]]]`.
//!
//! Builds people and a made-up library of 47 blocks and some 18,000 points in memory, with about 5 % of lines in evidence, and prints
//! lines per CPU second of the fastest of `PASSES` passes (5), with what was found. `COPIES` multiplies the blocks that look items up,
//! each copy with its share of the points, so that one sees what more rules cost.

use std::collections::BTreeSet;
use std::time::Instant;

use mingjian_engine::expr::{Agg, AggKind, Cmp, Expr, Field, age_years};
use mingjian_engine::program::{Amount, Block, CodeSet, Exemption, Hole, Key, Need, PairWindow, Point, Source, Table, Window, stage};
use mingjian_engine::timeline::{Care, Diagnosis, Lines, Operation, Person, Registration, Settlement, Timelines, Visit, flag};
use mingjian_engine::{Attrition, CatalogueEntry, Evidence, ListPrice, NONE, Options, Outcome, RuleSet, Screener, UNKNOWN, Worker};
use mingjian_model::day::{Day, MICROS_PER_DAY, MICROS_PER_HOUR, Moment};

const DRUGS: usize = 10_000;
const SERVICES: usize = 8_000;
const HERBS: usize = 600;
const MATERIALS: usize = 1_400;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    fn chance(&mut self, per_mille: u64) -> bool {
        self.next() % 1000 < per_mille
    }
    /// Few are frequent: the square of an even draw.
    fn skewed(&mut self, n: usize) -> usize {
        let draw = self.below(1 << 20) as u64;
        ((((draw * draw) >> 20) * n as u64) >> 20) as usize
    }
}

/// What an item's knowledge points ask of the patient.
#[derive(Clone, Copy, Default)]
struct Limits {
    sex: u8,
    child: bool,
    level: u8,
    inpatient: bool,
}

fn drug(n: usize) -> String {
    format!("X{:02}AB{:05}A{:03}0101", n / 400, n / 4, n % 4)
}
fn service(n: usize) -> String {
    format!("00{:013}", 1_101_000_000_000_usize + n * 37)
}
fn herb(n: usize) -> String {
    format!("T{n:09}")
}
fn material(n: usize) -> String {
    format!("C{:04}{n:015}", n / 20)
}

fn full(codes: impl IntoIterator<Item = String>) -> CodeSet {
    CodeSet { codes: codes.into_iter().collect::<BTreeSet<_>>().into_iter().collect(), prefixes: Vec::new() }
}

fn point(codes: CodeSet, values: &[i64]) -> Point {
    Point {
        codes,
        part_codes: CodeSet::default(),
        valid: (Day::MIN, Day::MAX),
        values: values.into(),
        sets: Box::new([]),
        item_sets: Box::new([]),
        window: None,
    }
}

fn cmp(a: Expr, cmp: Cmp, b: Expr) -> Expr {
    Expr::Cmp(cmp, Box::new((a, b)))
}
fn agg(kind: AggKind, of: Expr) -> Expr {
    Expr::Agg(Box::new(Agg { kind, of, filter: None }))
}
fn not(expr: Expr) -> Expr {
    Expr::Not(Box::new(expr))
}

const NET: Source = Source::Lines { net: true, guarded: true };
const ALL: Source = Source::Lines { net: true, guarded: false };
const INPATIENT: i64 = Care::Inpatient as i64;

fn block(source: Source, table: Option<u16>, keys: &[Key], grouped: bool, hit: Vec<Expr>, amount: Amount) -> Block {
    Block {
        rule: 0,
        source,
        table,
        filter: Vec::new(),
        keys: keys.to_vec(),
        window: Window::All,
        needs: Vec::new(),
        unless: Vec::new(),
        hit: Some(hit),
        suspect: None,
        watch: None,
        grouped,
        amount,
        holes: vec![Hole::AmountAtRisk, Hole::CountAtRisk, Hole::Value(Expr::Field(Field::Item))],
        outcome: Outcome::Violation,
        valid: (18_000, Day::MAX),
        stages: stage::AFTER,
    }
}

struct Library {
    rules: RuleSet,
    limits: Vec<Limits>,
}

/// Items by number: drugs, services, herbs, materials.
fn code_of(item: usize) -> String {
    match item {
        n if n < DRUGS => drug(n),
        n if n < DRUGS + SERVICES => service(n - DRUGS),
        n if n < DRUGS + SERVICES + HERBS => herb(n - DRUGS - SERVICES),
        n => material(n - DRUGS - SERVICES - HERBS),
    }
}

fn library(dice: &mut Dice, copies: usize) -> Library {
    let mut limits = vec![Limits::default(); DRUGS + SERVICES + HERBS + MATERIALS];
    let mut tables: Vec<Table> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let item = [Key::Visit, Key::Item];
    let field = |field| Expr::Field(field);
    let k = Expr::Point;
    let add_table = |tables: &mut Vec<Table>, points: Vec<Point>| {
        tables.push(Table { name: String::new(), columns: Vec::new(), points });
        (tables.len() - 1) as u16
    };
    let exempt = || {
        vec![Exemption { when: Expr::And(Box::new([Expr::Known(Box::new(Expr::DxInSet(0))), Expr::DxInSet(0)])), reason: String::new() }]
    };

    // Attribute limits: 12 tables of 1,200 points, each split among the copies.
    for kind in 0..12 {
        let mut points = Vec::new();
        for _ in 0..1200 {
            let of_service = kind % 4 == 3;
            let n = if of_service { DRUGS + dice.below(SERVICES) } else { dice.below(DRUGS) };
            let value = match kind % 4 {
                0 | 3 => {
                    let sex = if limits[n].sex == 0 { 1 + dice.below(2) as u8 } else { limits[n].sex };
                    limits[n].sex = sex;
                    i64::from(sex)
                }
                1 if n % 3 == 0 => {
                    limits[n].child = true;
                    age_years(18)
                }
                1 => age_years(150),
                _ => {
                    limits[n].level = 2;
                    2
                }
            };
            points.push(point(full([code_of(n)]), &[value, i64::from((kind as u8).is_multiple_of(3))]));
        }
        for copy in 0..copies {
            let share = points.iter().skip(copy).step_by(copies).cloned().collect();
            let table = Some(add_table(&mut tables, share));
            let condition = match kind % 4 {
                0 | 3 => vec![cmp(field(Field::Sex), Cmp::Ne, k(0))],
                1 => vec![Expr::AgeCmp(Cmp::Ge, Box::new(k(0)))],
                _ => vec![cmp(field(Field::Level), Cmp::Lt, k(0)), not(field(Field::Unlevelled))],
            };
            let mut rule = block(NET, table, &item, false, condition, Amount::Scope);
            if kind % 4 == 2 {
                rule.suspect = Some(cmp(field(Field::Level), Cmp::Lt, k(0)));
            } else {
                rule.unless = exempt();
            }
            blocks.push(rule);
        }
    }
    // Drugs for inpatients.
    let points = (0..700).map(|_| dice.below(DRUGS)).map(|n| {
        limits[n].inpatient = true;
        point(full([drug(n)]), &[])
    });
    let table = Some(add_table(&mut tables, points.collect()));
    blocks.push(block(NET, table, &item, false, vec![cmp(field(Field::Care), Cmp::Ne, Expr::Const(INPATIENT))], Amount::Scope));
    // Courses.
    for copy in 0..4 * copies {
        let points = (0..300 / copies + 1).map(|_| point(full([drug(dice.below(DRUGS))]), &[14 + copy as i64 % 3]));
        let table = Some(add_table(&mut tables, points.collect()));
        let mut rule = block(
            NET,
            table,
            &[Key::Person, Key::Generic],
            true,
            vec![cmp(agg(AggKind::Days, Expr::Const(0)), Cmp::Gt, k(0))],
            Amount::LinesWhere(cmp(field(Field::NthDay), Cmp::Gt, k(0))),
        );
        rule.window = Window::Course(Expr::Const(30));
        blocks.push(rule);
    }
    // Items per day: the frequent daily services and others.
    for copy in 0..4 * copies {
        let points = (0..100 / copies + 1).map(|n| {
            let n = if copy == 0 { n } else { dice.below(SERVICES) };
            point(full([service(n)]), &[if n % 2 == 0 { 10_000 } else { 240_000 }])
        });
        let table = Some(add_table(&mut tables, points.collect()));
        let mut rule = block(
            NET,
            table,
            &[Key::Institution, Key::Item, Key::Day],
            true,
            vec![cmp(agg(AggKind::Sum, field(Field::Count)), Cmp::Gt, k(0))],
            Amount::Excess { of: field(Field::Count), over: k(0) },
        );
        rule.watch = Some(cmp(
            agg(AggKind::Sum, field(Field::Count)),
            Cmp::Gt,
            Expr::Times(Box::new(agg(AggKind::Max, field(Field::HoursPresent))), 10_000),
        ));
        blocks.push(rule);
    }
    // Rolling windows.
    for _ in 0..3 * copies {
        let points = (0..40 / copies + 1).map(|_| point(full([service(dice.below(SERVICES))]), &[10_000, 15]));
        let table = Some(add_table(&mut tables, points.collect()));
        let mut rule = block(
            NET,
            table,
            &[Key::Person, Key::Institution, Key::Item],
            true,
            vec![cmp(agg(AggKind::Sum, field(Field::Count)), Cmp::Gt, k(0))],
            Amount::Excess { of: field(Field::Count), over: k(0) },
        );
        rule.window = Window::Within(k(1));
        blocks.push(rule);
    }
    // Pairs.
    for _ in 0..4 * copies {
        let points = (0..225 / copies + 1).map(|n| {
            let window = [PairWindow::Day, PairWindow::Visit, PairWindow::Span(6 * MICROS_PER_HOUR)][n % 3];
            let (main, part) = (dice.skewed(SERVICES), dice.below(SERVICES));
            Point { part_codes: full([service(part)]), window: Some(window), ..point(full([service(main)]), &[]) }
        });
        let table = Some(add_table(&mut tables, points.collect()));
        let mut rule = block(Source::Pairs, table, &[Key::Institution, Key::Point], false, vec![Expr::TRUE], Amount::PartUpToMain);
        rule.window = Window::Point;
        blocks.push(rule);
    }
    // Operations in one session.
    for _ in 0..copies {
        let points = (0..380 / copies + 1).map(|n| point(full([service(SERVICES - 1 - dice.below(800))]), &[n as i64 % 7]));
        let table = Some(add_table(&mut tables, points.collect()));
        let distinct = cmp(agg(AggKind::Distinct, field(Field::Item)), Cmp::Gt, Expr::Const(1));
        let keys = [Key::Visit, Key::Session, Key::PointColumn(0)];
        blocks.push(block(NET, table, &keys, true, vec![distinct], Amount::Ladder(Box::new([10_000, 5000]))));
    }
    // Consumables without their service.
    for _ in 0..2 * copies {
        let points = (0..100 / copies + 1).map(|_| Point {
            item_sets: Box::new([full((0..2000).map(|n| service(n * 4)))]),
            ..point(CodeSet { codes: Vec::new(), prefixes: vec![material(dice.below(MATERIALS))[..5].to_string()] }, &[0])
        });
        let table = Some(add_table(&mut tables, points.collect()));
        blocks.push(block(NET, table, &item, false, vec![not(Expr::VisitHasPointItem(0))], Amount::Scope));
    }
    open_blocks(&mut blocks);
    let herb_set = full((0..HERBS).step_by(5).map(herb));
    let chronic = CodeSet { codes: Vec::new(), prefixes: vec!["E11".into(), "I10".into()] };
    let rules =
        RuleSet { blocks, tables, item_sets: vec![herb_set], dx_sets: vec![full(["Q56.000".into()]), chronic], texts: vec![String::new()] };
    Library { rules, limits }
}

/// Blocks that look at every line, visit, stay, settlement or diagnosis.
fn open_blocks(blocks: &mut Vec<Block>) {
    let field = |field| Expr::Field(field);
    let outpatient = || cmp(field(Field::Care), Cmp::Ne, Expr::Const(INPATIENT));
    let known = |of| Expr::Known(Box::new(field(of)));
    // Supplies and supplies again.
    let chronic = Expr::And(Box::new([Expr::Known(Box::new(Expr::DxInSet(1))), Expr::DxInSet(1)]));
    let limit = Expr::If(Box::new([Expr::Or(Box::new([field(Field::Registered), chronic])), Expr::Const(84), Expr::Const(7)]));
    let days = vec![
        cmp(field(Field::ChainDays), Cmp::Gt, limit.clone()),
        cmp(agg(AggKind::Sum, field(Field::Count)), Cmp::Gt, Expr::Const(10_000)),
    ];
    let mut supplies =
        block(NET, None, &[Key::Person, Key::Generic], true, days, Amount::Excess { of: field(Field::SupplyDays), over: limit });
    supplies.filter = vec![field(Field::Drug), outpatient(), not(Expr::Flags(flag::DISCHARGE_DRUG))];
    supplies.window = Window::Chain(Expr::Const(7));
    supplies.needs = vec![Need { holds: known(Field::SupplyDays), reason: String::new() }];
    let again = Expr::Or(Box::new([
        cmp(agg(AggKind::Distinct, field(Field::Prescription)), Cmp::Gt, Expr::Const(1)),
        cmp(agg(AggKind::Distinct, field(Field::Visit)), Cmp::Gt, Expr::Const(1)),
    ]));
    let keys = [Key::Person, Key::Generic, Key::Route];
    blocks.push(Block { keys: keys.to_vec(), hit: Some(vec![again]), amount: Amount::None, ..supplies.clone() });
    blocks.push(supplies);
    // Kinds of drugs of a prescription and a day.
    for (key, most) in [(Key::Prescription, 5), (Key::Day, 8)] {
        let kinds = vec![cmp(agg(AggKind::Distinct, field(Field::Generic)), Cmp::Gt, Expr::Const(most))];
        let mut rule = block(ALL, None, &[Key::Person, key], true, kinds, Amount::None);
        rule.filter = vec![field(Field::Drug), outpatient()];
        blocks.push(rule);
    }
    let mut herbs = block(NET, None, &[Key::Prescription], true, vec![agg(AggKind::Every, Expr::ItemInSet(0))], Amount::Scope);
    herbs.filter = vec![field(Field::Herb)];
    blocks.push(herbs);
    // Prices above the cap.
    let cap = Expr::If(Box::new([known(Field::PriceCap), field(Field::PriceCap), field(Field::ListPrice)]));
    let above = vec![cmp(field(Field::Price), Cmp::Gt, Expr::Add(Box::new((cap.clone(), Expr::Const(5000)))))];
    let mut prices = block(NET, None, &[Key::Visit, Key::Item], false, above, Amount::PriceOver(cap.clone()));
    prices.filter = vec![field(Field::Service)];
    prices.needs = vec![Need { holds: Expr::Known(Box::new(cap)), reason: String::new() }];
    blocks.push(prices);
    // Fees outside the stay; faulty lines.
    let outside = Expr::Or(Box::new([
        cmp(field(Field::Day), Cmp::Lt, field(Field::BeginDay)),
        cmp(field(Field::Day), Cmp::Gt, field(Field::EndDay)),
    ]));
    let mut dates = block(ALL, None, &[Key::Visit, Key::Item], false, vec![outside], Amount::Scope);
    dates.filter =
        vec![cmp(field(Field::Care), Cmp::Eq, Expr::Const(INPATIENT)), not(field(Field::SelfPaid)), not(Expr::Flags(flag::DISCHARGE_DRUG))];
    blocks.push(dates);
    let faults = flag::ILL_FORMED_ITEM | flag::AMOUNT_MISMATCH | flag::ORPHAN_REVERSAL | flag::AFTER_UPLOAD;
    let raw = Source::Lines { net: false, guarded: false };
    blocks.push(block(raw, None, &[Key::Visit, Key::Item], false, vec![Expr::Flags(faults)], Amount::None));
    blocks.push(block(
        raw,
        None,
        &[Key::Visit],
        false,
        vec![cmp(field(Field::Pharmacy), Cmp::Eq, Expr::Const(0)), Expr::Flags(flag::NO_DOCTOR)],
        Amount::None,
    ));
    // Visits, stays, settlements, diagnoses.
    let count = |most| vec![cmp(agg(AggKind::Count, Expr::Const(0)), Cmp::Ge, Expr::Const(most))];
    blocks.push(block(Source::Visits, None, &[Key::Person, Key::Day], true, count(4), Amount::None));
    let mut often = block(Source::Visits, None, &[Key::Person], true, count(20), Amount::None);
    often.window = Window::Within(Expr::Const(30));
    blocks.push(often.clone());
    often.source = Source::Stays;
    often.hit = Some(count(4));
    often.window = Window::Within(Expr::Const(90));
    blocks.push(often);
    let gap = Expr::Sub(Box::new((field(Field::BeginDay), Expr::Prev(Field::EndDay))));
    let mut split = block(
        Source::Stays,
        None,
        &[Key::Person, Key::Institution],
        false,
        vec![cmp(gap, Cmp::Le, Expr::Const(7)), cmp(field(Field::MainDx3), Cmp::Eq, Expr::Prev(Field::MainDx3))],
        Amount::None,
    );
    split.window = Window::Next;
    blocks.push(split);
    let share = Expr::Div(Box::new((Expr::Charges(1 << 3 | 1 << 4), Expr::Charges(u32::MAX))), 10_000);
    blocks.push(block(
        Source::Stays,
        None,
        &[Key::Visit],
        false,
        vec![cmp(field(Field::Operations), Cmp::Eq, Expr::Const(0)), cmp(share, Cmp::Gt, Expr::Const(7000))],
        Amount::None,
    ));
    let mut dead = block(
        Source::Settlements,
        None,
        &[Key::Settlement],
        false,
        vec![cmp(field(Field::Day), Cmp::Gt, field(Field::DeathDay))],
        Amount::None,
    );
    dead.filter = vec![known(Field::DeathDay)];
    blocks.push(dead);
    blocks.push(block(Source::Settlements, None, &[Key::Settlement], false, vec![field(Field::InsideOtherStay)], Amount::None));
    for block in blocks.iter_mut().filter(|block| !matches!(block.source, Source::Lines { .. } | Source::Pairs)) {
        block.holes = vec![Hole::CountAtRisk];
    }
}

#[derive(Default)]
struct City {
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
}

struct Patient {
    sex: u8,
    child: bool,
}

impl City {
    fn person(&mut self, dice: &mut Dice, ids: &[u32], dx: &[u32], limits: &[Limits]) {
        let child = dice.chance(150);
        let patient = Patient { sex: 1 + dice.below(2) as u8, child };
        let age = if child { dice.below(6500) } else { 7000 + dice.below(25_000) } as Day;
        let first = self.visits.len() as u32;
        let mut day = 20_089 + dice.below(60) as Day;
        for _ in 0..dice.below(10) + 1 {
            let stay = dice.chance(40);
            let length = if stay { 3 + dice.below(9) as Day } else { 0 };
            self.visit(dice, ids, dx, limits, &patient, day, stay.then_some(length));
            day += length + 1 + dice.below(70) as Day;
        }
        self.persons.push(Person {
            sex: patient.sex,
            birth: Some(20_089 - age),
            death: None,
            visits: first..self.visits.len() as u32,
            registrations: 0..0,
        });
    }

    #[allow(clippy::too_many_arguments)]
    fn visit(&mut self, dice: &mut Dice, ids: &[u32], dx: &[u32], limits: &[Limits], patient: &Patient, day: Day, stay: Option<Day>) {
        let med_type = match stay {
            Some(_) => 21,
            None => [11, 11, 41, 14, 13][dice.below(5)],
        };
        let begin = Moment::from(day) * MICROS_PER_DAY + (8 + dice.below(9) as i64) * MICROS_PER_HOUR;
        let level = 1 + dice.below(3) as u8;
        let (number, settlement, lines, diagnosis) =
            (self.visits.len() as i32, self.settlements.len() as u32, self.item.len() as u32, self.diagnoses.len() as u32);
        match stay {
            None => {
                for n in 0..3 + dice.below(3) {
                    let item = if med_type == 41 || n > 0 {
                        self.pick(dice, DRUGS, 0, limits, patient, level, false)
                    } else {
                        DRUGS + dice.skewed(SERVICES)
                    };
                    self.line(dice, ids, item, begin + n as i64 * 60_000_000, settlement, number);
                }
            }
            Some(length) => {
                for day in 0..=i64::from(length) {
                    let noon = begin + day * MICROS_PER_DAY;
                    for n in 0..28 {
                        let item = match n {
                            0..5 => DRUGS + n * 2,
                            5..15 => self.pick(dice, DRUGS, 0, limits, patient, level, true),
                            15..26 => self.pick(dice, SERVICES, DRUGS, limits, patient, level, true),
                            _ => DRUGS + SERVICES + HERBS + dice.skewed(MATERIALS),
                        };
                        self.line(dice, ids, item, noon + n as i64 * 60_000_000, settlement, -1);
                    }
                }
            }
        }
        for main in [true, false] {
            self.diagnoses.push(Diagnosis { code: dx[dice.below(dx.len())], main });
        }
        let end = stay.map(|length| begin + i64::from(length) * MICROS_PER_DAY + MICROS_PER_HOUR);
        self.settlements.push(Settlement { time: end.unwrap_or(begin), medfee: 10_000, scope: 9000, fund: 6000, ..Settlement::default() });
        self.visits.push(Visit {
            institution: dice.below(300) as u32,
            med_type,
            care: Care::of_med_type(med_type),
            insurance: 310,
            level,
            unlevelled: false,
            pharmacy: med_type == 41,
            discharge_way: 1,
            begin,
            end,
            referred_from: NONE,
            lines: lines..self.item.len() as u32,
            settlements: settlement..settlement + 1,
            diagnoses: diagnosis..diagnosis + 2,
            operations: 0..0,
        });
    }

    /// An item that mostly suits the patient.
    #[allow(clippy::too_many_arguments)]
    fn pick(
        &mut self,
        dice: &mut Dice,
        kinds: usize,
        from: usize,
        limits: &[Limits],
        patient: &Patient,
        level: u8,
        inpatient: bool,
    ) -> usize {
        loop {
            let item = from + dice.skewed(kinds);
            let of = limits[item];
            let suits =
                (of.sex == 0 || of.sex == patient.sex) && (!of.child || patient.child) && of.level <= level && (!of.inpatient || inpatient);
            if suits || dice.chance(4) {
                return item;
            }
        }
    }

    fn line(&mut self, dice: &mut Dice, ids: &[u32], item: usize, time: Moment, settlement: u32, prescription: i32) {
        let yuan = 1 + dice.below(90) as i64;
        let own = dice.chance(60);
        self.item.push(ids[item]);
        self.time.push(time);
        self.count.push(10_000);
        self.price.push(yuan * 1_000_000);
        self.amount.push(yuan * 100);
        self.scope.push(if own { 0 } else { yuan * 90 });
        self.own.push(if own { yuan * 100 } else { 0 });
        self.over_limit.push(0);
        self.price_cap.push(if dice.chance(5) { yuan * 900_000 } else { 0 });
        self.settlement.push(settlement);
        self.prescription.push(prescription);
        self.origin.push(0);
        self.flags.push(0);
        self.supply_days.push(3 + dice.below(5) as i32);
        self.route.push(1);
        self.dept_class.push(0);
        if dice.chance(5) {
            let last = self.item.len() - 1;
            for column in [&mut self.count, &mut self.amount, &mut self.scope, &mut self.own] {
                column.push(-column[last]);
            }
            self.item.push(ids[item]);
            self.time.push(time);
            self.price.push(yuan * 1_000_000);
            self.over_limit.push(0);
            self.price_cap.push(0);
            self.settlement.push(settlement);
            self.prescription.push(prescription);
            self.origin.push(-1);
            self.flags.push(0);
            self.supply_days.push(0);
            self.route.push(1);
            self.dept_class.push(0);
        }
    }

    fn timelines(&self) -> Timelines<'_> {
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

/// CPU seconds of this thread, where the system tells them.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<u64>().ok()? as f64 / 1e9)
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let lines = arguments.next().unwrap_or(2_000_000);
    let copies = arguments.next().unwrap_or(1).max(1);
    let passes = arguments.next().unwrap_or(5).max(1);
    let mut dice = Dice(7);
    let Library { rules, limits } = library(&mut dice, copies);
    let points: usize = rules.tables.iter().map(|table| table.points.len()).sum();

    let begin = Instant::now();
    let mut worker = Worker::new(&rules);
    let prices = [1, 2, 3].map(|level| ListPrice { level, begin: 0, end: Day::MAX, price: 95_000_000 });
    let entry = CatalogueEntry { charge_type: 3, unit: "次", prices: &prices };
    let ids: Vec<u32> = (0..limits.len()).map(|item| worker.item(&rules, &code_of(item), &entry)).collect();
    let dx: Vec<u32> = (0..500).map(|n| worker.code(&rules, &format!("{}{:02}.{:03}", ["I", "E", "K", "J"][n % 4], n % 97, n))).collect();
    println!("{} blocks, {points} points; {} items decided in {:?}", rules.blocks.len(), ids.len(), begin.elapsed());

    let mut city = City::default();
    while city.item.len() < lines {
        city.person(&mut dice, &ids, &dx, &limits);
    }
    let timelines = city.timelines();
    let screener = Screener::new(&rules, Options::default());
    let mut best = f64::INFINITY;
    let (mut hits, mut attrition) = (Vec::new(), Attrition::default());
    for _ in 0..passes {
        hits.clear();
        attrition = Attrition::new(rules.blocks.len());
        let begin = (Instant::now(), cpu_seconds());
        screener.screen(&mut worker, &timelines, &mut hits, &mut attrition);
        best = best.min(match (begin.1, cpu_seconds()) {
            (Some(begin), Some(end)) => end - begin,
            _ => begin.0.elapsed().as_secs_f64(),
        });
    }
    let total = city.item.len();
    let in_hits: BTreeSet<u32> =
        hits.iter().filter(|hit| hit.evidence == Evidence::Lines).flat_map(|hit| &hit.rows).map(|row| row.row).collect();
    println!(
        "{total} lines, {} visits, {} persons: {:.2} million lines per CPU second; {} hits, {:.1} % of lines in evidence",
        city.visits.len(),
        city.persons.len(),
        total as f64 / best / 1e6,
        hits.len(),
        in_hits.len() as f64 * 100.0 / total as f64
    );
    let not_judged: u64 = attrition.blocks.iter().map(|counts| counts.not_judged + counts.lacking.iter().sum::<u64>()).sum();
    let checksum = hits.iter().fold(0u64, |sum, hit| {
        sum.rotate_left(5) ^ hit.rows.iter().fold(u64::from(hit.block), |sum, row| sum.wrapping_mul(31) + u64::from(row.row))
    });
    println!("not judged {not_judged}, unknown {UNKNOWN:x}, checksum {checksum:x}");
    if std::env::args().any(|argument| argument == "blocks") {
        for (number, block) in rules.blocks.iter().enumerate() {
            let found = hits.iter().filter(|hit| usize::from(hit.block) == number).count();
            println!("{number:4} {:?} {:?} {found}", block.source, block.window);
        }
    }
}
