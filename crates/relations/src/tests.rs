//! A small town of made-up persons; what is asked of it is read off the rows by hand.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Rows of care, as `person place day`; S before the place is no part of it.
type Row = (&'static str, &'static str, i32);

fn index(rows: &[(String, String, i32)]) -> Index {
    let mut builder = Builder::default();
    for (person, place, day) in rows {
        let region = if place.starts_with("far") { "44" } else { "33" };
        builder.add(person, if person.starts_with('X') { "44" } else { "33" }, place, region, Kind::Stay, *day);
    }
    builder.finish()
}

fn owned(rows: &[Row]) -> Vec<(String, String, i32)> {
    rows.iter().map(|(person, place, day)| ((*person).to_owned(), (*place).to_owned(), *day)).collect()
}

/// One admission a day over a year of strangers, then companions on five days.
fn town() -> Vec<(String, String, i32)> {
    let mut rows: Vec<(String, String, i32)> = Vec::new();
    for day in 0..365 {
        for n in 0..5 {
            rows.push((format!("S{day:03}{n}"), "H1".to_owned(), day));
        }
    }
    for day in [20, 60, 110, 200, 300] {
        for person in ["A", "B", "C", "D"] {
            rows.push((person.to_owned(), "H1".to_owned(), day));
        }
    }
    // Once together with them.
    rows.push(("E".to_owned(), "H1".to_owned(), 20));
    rows
}

fn everything(_: &str) -> bool {
    true
}

fn nos(index: &Index, members: &[Who]) -> Vec<String> {
    members.iter().map(|who| index.person_no(*who).to_owned()).collect()
}

#[test]
fn companions_form_a_group_and_strangers_do_not() {
    let index = index(&town());
    let ask = Ask::default();
    let view = View::new(&index, &ask, everything);
    let around = view.around(&[index.person("B").unwrap()]);
    assert_eq!(nos(&index, &around.core), ["A", "B", "C", "D"]);
    assert!(around.outside.is_empty() && around.fringe.is_empty() && !around.cut);
    let alone = view.around(&[index.person("E").unwrap()]);
    assert_eq!((nos(&index, &alone.core), nos(&index, &alone.outside)), (vec![], vec!["E".to_owned()]));
    let wide = Ask { degree: 2, ..Ask::default() };
    let around = View::new(&index, &wide, everything).around(&[index.person("B").unwrap()]);
    assert_eq!(nos(&index, &around.fringe)[0], "E", "the fringe is led by who came most often");
    assert_eq!(around.fringe.len() + around.fringe_left, 26);
}

#[test]
fn the_whole_city_gives_the_same_group() {
    let index = index(&town());
    let ask = Ask::default();
    let found = View::new(&index, &ask, everything).groups();
    assert_eq!(found.groups.len(), 1);
    let group = &found.groups[0];
    assert_eq!((nos(&index, &group.members), group.pairs), (vec!["A".into(), "B".into(), "C".into(), "D".into()], 6));
    assert_eq!(group.chance.unwrap().observed, 30, "five days of four persons, six pairs each");
    assert!(group.surprise() > 80.0, "{}", group.surprise());
}

#[test]
fn dealt_out_anew_there_is_hardly_a_group() {
    let index = index(&town());
    let ask = Ask::default();
    let view = View::new(&index, &ask, everything);
    let dealt = view.dealt(50, 1).unwrap();
    assert_eq!((dealt.rounds, dealt.sum), (50, 0));
    assert_eq!(view.dealt(50, 1), Some(dealt));
    // Where everybody comes on the same few days, dealing changes nothing.
    let mut rows = Vec::new();
    for day in [0, 100, 200] {
        rows.extend((0..20).map(|n| (format!("D{n:02}"), "H1".to_owned(), day)));
    }
    let few = self::index(&rows);
    let dealt = View::new(&few, &ask, everything).dealt(10, 1).unwrap();
    assert!(dealt.sum > 0 && dealt.most >= 1, "{dealt:?}");
}

#[test]
fn a_crowd_joins_nobody() {
    let mut rows = Vec::new();
    for day in [10, 40, 70, 100] {
        for n in 0..=CROWD {
            rows.push((format!("P{n:03}"), "H1".to_owned(), day));
        }
    }
    let index = index(&rows);
    let ask = Ask::default();
    let view = View::new(&index, &ask, everything);
    let found = view.groups();
    assert_eq!((found.groups.len(), found.crowds), (0, 4));
    assert!(view.around(&[0]).core.is_empty());
}

#[test]
fn a_village_admitted_once_is_no_group() {
    let mut rows = town();
    rows.retain(|row| row.0.starts_with('S'));
    for n in 0..12 {
        rows.push((format!("V{n:02}"), "H1".to_owned(), 77));
    }
    let index = index(&rows);
    let ask = Ask::default();
    assert!(View::new(&index, &ask, everything).groups().groups.is_empty());
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let rows = town();
    let mut turned = rows.clone();
    turned.reverse();
    let (one, other) = (index(&rows), index(&turned));
    let ask = Ask { degree: 2, ..Ask::default() };
    let (here, there) = (View::new(&one, &ask, everything), View::new(&other, &ask, everything));
    assert_eq!(here.groups(), there.groups());
    let members = here.around(&[one.person("A").unwrap()]);
    assert_eq!(members, there.around(&[other.person("A").unwrap()]));
    assert_eq!(here.chance(&members.core, 500, 7), there.chance(&members.core, 500, 7));
}

#[test]
fn by_chance_as_many_come_as_the_formula_says() {
    let index = index(&town());
    let ask = Ask::default();
    let view = View::new(&index, &ask, everything);
    let members: Vec<Who> = ["A", "B", "C", "D"].iter().map(|no| index.person(no).unwrap()).collect();
    let chance = view.chance(&members, 2_000, 1);
    assert_eq!((chance.observed, chance.rounds, chance.reached), (30, 2_000, 0));
    // Six pairs of persons with 5 × 5 pairs of visits each; 360 days of five, four of nine, one of ten, in 1,846 visits.
    let same = 360.0 * 20.0 + 4.0 * 72.0 + 90.0;
    let expected = 150.0 * same / (1_846.0 * 1_845.0);
    assert!((chance.expected - expected).abs() < 1e-9, "{} {expected}", chance.expected);
    assert!(chance.most < 10);
    assert!((chance.mean - expected).abs() < 0.1, "{} {expected}", chance.mean);
    assert!(chance.surprise() > 80.0);
}

#[test]
fn what_is_common_is_not_surprising() {
    // Two days in a year are admission days; everybody who comes comes then.
    let mut rows = Vec::new();
    for day in (0..365).step_by(61) {
        for n in 0..40 {
            rows.push((format!("D{n:02}"), "H1".to_owned(), day));
        }
    }
    let index = index(&rows);
    let ask = Ask::default();
    let view = View::new(&index, &ask, everything);
    let found = view.groups();
    assert_eq!(found.groups.len(), 1);
    let members = found.groups[0].members[..6].to_vec();
    let chance = view.chance(&members, 1_000, 3);
    // Of 6 days each came on all 6: 15 pairs × 6.
    assert_eq!(chance.observed, 90);
    assert!(chance.expected > 85.0 && chance.reached > 0, "{chance:?}");
    assert!(chance.surprise() < 1.0);
}

#[test]
fn what_lies_out_of_scope_is_not_seen() {
    let mut rows = owned(&[]);
    for day in [20, 60, 110] {
        for person in ["A", "X1", "X2"] {
            rows.push((person.to_owned(), "far".to_owned(), day));
        }
    }
    let index = index(&rows);
    let ask = Ask::default();
    let own = View::new(&index, &ask, |region| region == "33");
    let a = index.person("A").unwrap();
    // A is insured here, so A's visits are seen; those of the others are neither of a person nor of a place here.
    assert!(own.around(&[a]).core.is_empty());
    assert!(own.groups().groups.is_empty());
    assert_eq!(View::new(&index, &ask, everything).around(&[a]).core.len(), 3);
    assert_eq!(View::new(&index, &ask, |region| region == "44").groups().groups.len(), 1, "all of it happened there");
}

#[test]
fn left_out_is_left_out() {
    let index = index(&town());
    let c = index.person("C").unwrap();
    let ask = Ask { without_persons: BTreeSet::from([c]), ..Ask::default() };
    let around = View::new(&index, &ask, everything).around(&[index.person("A").unwrap(), c]);
    assert_eq!(nos(&index, &around.core), ["A", "B", "D"]);
    let ask = Ask { without_places: BTreeSet::from([index.place("H1").unwrap()]), ..Ask::default() };
    assert!(View::new(&index, &ask, everything).around(&[c]).core.is_empty());
    let ask = Ask { from: Some(50), to: Some(250), ..Ask::default() };
    assert_eq!(View::new(&index, &ask, everything).around(&[c]).core.len(), 4);
    let ask = Ask { from: Some(100), to: Some(250), ..Ask::default() };
    assert!(View::new(&index, &ask, everything).around(&[c]).core.is_empty(), "two common days are no group");
}

fn visit(id: usize, person: &str, place: &str, kind: Kind, begin: i32, days: i32) -> Visit {
    Visit {
        id: format!("V{id:04}"),
        person: person.into(),
        place: place.into(),
        kind,
        begin,
        end: begin + days,
        doctor: if kind == Kind::Stay { "D1".into() } else { String::new() },
        doctor_name: if kind == Kind::Stay { "孙**".into() } else { String::new() },
        department: if kind == Kind::Stay { "康复科".into() } else { String::new() },
        diagnosis: "M51".into(),
        diagnosis_name: "腰椎间盘突出".into(),
        total_fen: 10_000,
        fund_fen: 7_500,
    }
}

fn draft(ask: &Ask) -> Draft<'_> {
    let mut visits = Vec::new();
    for day in [20, 60, 110] {
        for person in ["A", "B", "C"] {
            visits.push(visit(visits.len(), person, "H1", Kind::Stay, day, 9));
            visits.push(visit(visits.len(), person, "P1", Kind::Pharmacy, day + 11, 0));
        }
    }
    visits.push(visit(900, "E", "H1", Kind::Stay, 20, 4));
    visits.push(visit(901, "E", "H2", Kind::Stay, 200, 4));
    let person = |no: &str, age: i64, address: &str| Person {
        no: no.into(),
        label: format!("{no}**"),
        age: Some(age),
        address: address.into(),
        ..Person::default()
    };
    Draft {
        persons: vec![
            (person("A", 67, "明州市凤鸣村1号"), Standing::Core),
            (person("B", 71, "明州市凤鸣村2号"), Standing::Core),
            (person("C", 64, "明州市东城路1号"), Standing::Core),
            (person("E", 50, ""), Standing::Outside),
        ],
        visits,
        places: BTreeMap::from([("H1".to_owned(), "仁济康复医院".to_owned()), ("P1".to_owned(), "益民堂药店".to_owned())]),
        volumes: BTreeMap::from([("H1".to_owned(), vec![(20, 12), (60, 4), (110, 4)])]),
        ask,
        without_doctors: BTreeSet::new(),
        crowd: CROWD,
    }
}

#[test]
fn a_picture_holds_who_came_together_where_and_at_what_cost() {
    let ask = Ask::default();
    let draft = draft(&ask);
    let graph = draw(&draft);
    let labels: Vec<&str> = graph.nodes.iter().map(|node| node.label.as_str()).collect();
    assert_eq!(labels, ["A**", "B**", "C**", "E**", "孙**", "仁济康复医院", "益民堂药店"]);
    let ab = graph.edges.iter().find(|edge| (edge.one, edge.other) == (0, 1)).unwrap();
    assert_eq!((ab.count, ab.days.as_slice(), ab.visits.len(), ab.fund_fen), (3, &[20, 60, 110][..], 6, 45_000));
    assert_eq!(graph.left, 1, "H2 has one person alone");
    assert_eq!((graph.sums.visits, graph.sums.joint_visits, graph.sums.joint_fund_fen), (9, 9, 67_500));
    assert_eq!(
        graph.events.iter().map(|event| (event.day, event.core, event.persons.len())).collect::<Vec<_>>(),
        [(20, 3, 4), (60, 3, 3), (110, 3, 3)]
    );
    assert_eq!(graph.order, [0, 1, 2, 3]);
    assert_eq!(graph.bars.iter().filter(|bar| bar.kind == Kind::Pharmacy).count(), 9);
    assert!(graph.bars.iter().all(|bar| !bar.joint || graph.nodes[bar.person].standing == Some(Standing::Core)));
}

#[test]
fn what_speaks_for_and_against_is_told() {
    let ask = Ask::default();
    let draft = draft(&ask);
    let graph = draw(&draft);
    let told = told(&draft, &graph, &Chance { observed: 9, expected: 0.4, ..Chance::default() });
    assert_eq!(
        told.why,
        [
            "3 人在 91 天内 3 次同日入院，涉仁济康复医院",
            "人数最多的一次：1970-01-21 仁济康复医院 3 人同日入院，占当日该机构 12 人的 25%",
            "出院后 1 至 3 日在益民堂药店购药的有 3 人，合计 9 次",
            "9 人次中 9 人次的主管医师是孙**",
        ]
    );
    assert_eq!(
        told.against,
        [
            "E**与核心成员同日入院不到 3 次，未列入核心",
            "1970-01-21 仁济康复医院共 12 人入院，平日中位数 4 人：可能有集中体检、义诊或转诊，可解释其中 1 次",
            "2 人登记住在明州市凤鸣村，邻里相约或同车就医可解释一部分",
        ]
    );
}

#[test]
fn care_by_a_plan_speaks_against() {
    let ask = Ask::default();
    let mut draft = draft(&ask);
    for visit in &mut draft.visits {
        visit.diagnosis_name = "慢性肾功能衰竭（血液透析）".into();
    }
    let graph = draw(&draft);
    let told = told(&draft, &graph, &Chance { observed: 9, expected: 5.0, ..Chance::default() });
    assert!(told.against.contains(&"A**、B**、C**的就诊多为透析或放化疗，按期治疗，同日就诊属常见".to_owned()), "{:?}", told.against);
    assert!(told.against.iter().any(|fact| fact.contains("按随机就可有 5.0 人对日")));
}

#[test]
fn the_same_graph_is_laid_out_the_same() {
    let ask = Ask::default();
    let one = draw(&draft(&ask));
    let mut turned = draft(&ask);
    turned.visits.reverse();
    assert_eq!(one, draw(&turned));
    for node in &one.nodes {
        assert!((0.0..=WIDTH).contains(&node.x) && (0.0..=HEIGHT).contains(&node.y), "{node:?}");
    }
    for (at, node) in one.nodes.iter().enumerate() {
        for other in &one.nodes[at + 1..] {
            assert!((node.x - other.x).abs() > 80.0 || (node.y - other.y).abs() > 40.0, "{node:?} lies on {other:?}");
        }
    }
    // Set down once: a change of the layout moves every picture that was filed, and must be meant.
    let places: Vec<(f64, f64)> = one.nodes.iter().take(2).map(|node| (node.x, node.y)).collect();
    assert_eq!(places, PLACES);
}

const PLACES: [(f64, f64); 2] = [(591.2, 261.6), (476.1, 107.2)];

#[test]
fn a_picture_stays_readable() {
    let ask = Ask { degree: 2, ..Ask::default() };
    let mut draft = draft(&ask);
    for n in 0..200 {
        let no = format!("F{n:03}");
        draft.persons.push((Person { no: no.clone(), label: "钱**".into(), ..Person::default() }, Standing::Fringe));
        for place in 0..90 {
            draft.visits.push(visit(10_000 + n * 100 + place, &no, &format!("K{place:02}"), Kind::Stay, 400 + n as i32, 3));
        }
    }
    let graph = draw(&draft);
    assert!(graph.nodes.len() <= NODES_MAX, "{}", graph.nodes.len());
    assert!(graph.left > 50);
}
