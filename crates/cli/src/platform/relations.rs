//! 关系图谱 from the lake: the index of all persons' days at institutions, and the rows of the few a picture is of.
//!
//! The index is read at the first question of a version (six columns of the visits) and kept as long as the version is.
//! Groups are found for each reach of a scope once. Measured sizes stand in `docs/relations.md`.

mod groups;
mod rows;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use mingjian_lake::Snapshot;
use mingjian_model::day::{self, Day, format_day};
use mingjian_platform::contract::Coded;
use mingjian_platform::contract::relations::{
    RelationBar, RelationChance, RelationEdge, RelationEvent, RelationLeftOut, RelationMoney, RelationNode, Relations, RelationsAsked,
};
use mingjian_platform::{DataError, Drawn, DrawnGroups, RelationsAsk, Sees};
use mingjian_relations::{
    Around, Ask, Builder, CORE_MAX, CROWD, Chance, Draft, FRINGE_MAX, Graph, HEIGHT, Index, Kind, Kinds, LEAST_ALL, LEAST_STAYS, Link,
    NodeKind, Standing, View, WIDTH, Who,
};

use super::profile::Peers;
use super::{Opened, failed, told};
use crate::codes;
use crate::columns::Rows;
use crate::errors::Outcome;

/// Seed of the permutation test: the same for everybody, so that the same question has the same answer.
const SEED: u64 = 20_260_101;

/// What of a version answers questions about relations.
pub struct Together {
    index: Index,
    /// Groups by what a scope sees of the index's regions.
    groups: Mutex<HashMap<Vec<bool>, Arc<DrawnGroups>>>,
}

impl Together {
    /// One pass over the visits.
    pub fn read(snapshot: &Snapshot, peers: &Peers) -> Outcome<Together> {
        let mut builder = Builder::default();
        if snapshot.has_table("mdtrt_d") {
            for bucket in 0..snapshot.buckets() {
                for batch in snapshot.read_bucket("mdtrt_d", bucket, COLUMNS)?.into_iter().flatten() {
                    read_visits(&Rows::new(&batch), peers, &mut builder);
                }
            }
        }
        Ok(Together { index: builder.finish(), groups: Mutex::default() })
    }
}

const COLUMNS: &[&str] = &["psn_no", "insu_admdvs", "fixmedins_code", "med_type", "begntime", "vali_flag"];

fn read_visits(rows: &Rows<'_>, peers: &Peers, builder: &mut Builder) {
    let column = |name: &str| rows.column(name);
    let (person, region, place, kind, begin, valid) =
        (column("psn_no"), column("insu_admdvs"), column("fixmedins_code"), column("med_type"), column("begntime"), column("vali_flag"));
    for row in 0..rows.len() {
        let Some(moment) = begin.int(row).filter(|_| valid.text(row) != "0") else { continue };
        let place = place.text(row);
        let there = peers.region(place).unwrap_or_default();
        builder.add(person.text(row), region.text(row), place, there, kind_of(kind.text(row)), day::day_of(moment));
    }
}

fn kind_of(med_type: &str) -> Kind {
    match med_type {
        stay if codes::is_stay(stay) => Kind::Stay,
        shop if shop.starts_with("41") => Kind::Pharmacy,
        _ => Kind::Visit,
    }
}

pub fn relations(opened: &Opened, persons: &[String], asked: &RelationsAsk, sees: Sees<'_>) -> Result<Option<Drawn>, DataError> {
    let together = opened.together().map_err(told)?;
    let index = &together.index;
    let seeds: Vec<Who> = persons.iter().filter_map(|no| index.person(no)).collect();
    let Some(first) = seeds.first() else { return unseen(opened, persons) };
    let ask = ask_of(index, asked);
    let view = View::new(index, &ask, sees);
    let around = view.around(&seeds);
    let region = index.region_of(*first).to_owned();
    let picture = picture(opened, &view, &around, asked)?;
    Ok(Some(Drawn { region, picture }))
}

/// Somebody who is in the register and was never treated has a picture, with nothing on it.
fn unseen(opened: &Opened, persons: &[String]) -> Result<Option<Drawn>, DataError> {
    let Some(no) = persons.first() else { return Ok(None) };
    let register = mingjian_screening::register(&opened.snapshot, no).map_err(failed)?;
    Ok(register.map(|row| Drawn {
        region: row.get("insu_admdvs").to_owned(),
        picture: Relations { cut: vec!["数据里没有此人的就诊".to_owned()], ..Relations::default() },
    }))
}

pub fn relation_groups(opened: &Opened, sees: Sees<'_>) -> Result<Arc<DrawnGroups>, DataError> {
    let together = opened.together().map_err(told)?;
    let seen: Vec<bool> = together.index.regions().iter().map(|region| sees(region)).collect();
    let mut kept = together.groups.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(groups) = kept.get(&seen) {
        return Ok(groups.clone());
    }
    let groups = Arc::new(groups::groups(opened, &together.index, sees)?);
    kept.insert(seen, groups.clone());
    Ok(groups)
}

fn ask_of(index: &Index, asked: &RelationsAsk) -> Ask {
    let named = |kinds: &[&str]| {
        asked.without.iter().filter(|(kind, _)| kinds.contains(&kind.as_str())).map(|(_, code)| code.as_str()).collect::<Vec<_>>()
    };
    Ask {
        kinds: if asked.all_kinds { Kinds::All } else { Kinds::Stays },
        least: asked.least.unwrap_or(if asked.all_kinds { LEAST_ALL } else { LEAST_STAYS }),
        from: asked.from,
        to: asked.to,
        degree: asked.degree,
        without_persons: named(&["person"]).into_iter().filter_map(|no| index.person(no)).collect(),
        without_places: named(&["hospital", "pharmacy"]).into_iter().filter_map(|code| index.place(code)).collect(),
    }
}

fn picture(opened: &Opened, view: &View<'_>, around: &Around, asked: &RelationsAsk) -> Result<Relations, DataError> {
    let index = view.index;
    let chance = view.chance(&around.core, asked.rounds, SEED);
    let numbers: Vec<String> = around.persons().into_iter().map(|who| index.person_no(who).to_owned()).collect();
    let found = rows::of_persons(opened, &numbers).map_err(told)?;
    let mut known = found.persons;
    let standing = |at: usize| match at {
        at if at < around.core.len() => Standing::Core,
        at if at < around.core.len() + around.outside.len() => Standing::Outside,
        _ => Standing::Fringe,
    };
    let persons = numbers.iter().enumerate().map(|(at, no)| {
        let person =
            known.remove(no).unwrap_or_else(|| mingjian_relations::Person { no: no.clone(), label: no.clone(), ..Default::default() });
        (person, standing(at))
    });
    let persons: Vec<_> = persons.collect();
    let seen = |visit: &mingjian_relations::Visit| {
        index
            .person(&visit.person)
            .zip(index.place(&visit.place))
            .is_some_and(|(who, place)| view.sees_visit(who, place) && !view.ask.without_places.contains(&place))
    };
    let visits: Vec<_> = found.visits.into_iter().filter(seen).collect();
    let codes: BTreeSet<&str> = visits.iter().map(|visit| visit.place.as_str()).collect();
    let name = |code: &str| opened.peers.name(code).or(found.places.get(code).map(String::as_str)).unwrap_or(code).to_owned();
    let places: BTreeMap<String, String> = codes.iter().map(|code| ((*code).to_owned(), name(code))).collect();
    let volumes = codes.iter().filter_map(|code| Some(((*code).to_owned(), view.volumes(index.place(code)?)))).collect();
    let without_doctors = asked.without.iter().filter(|(kind, _)| kind == "doctor").map(|(_, code)| code.clone()).collect();
    let draft = Draft { persons, visits, places, volumes, ask: view.ask, without_doctors, crowd: CROWD };
    let graph = mingjian_relations::draw(&draft);
    let sentences = mingjian_relations::told(&draft, &graph, &chance);
    let (first, last) = index.span().unwrap_or_default();
    let left_out = |(kind, code): &(String, String)| RelationLeftOut {
        id: format!("{kind}:{code}"),
        label: match kind.as_str() {
            "person" | "doctor" => code.clone(),
            _ => name(code),
        },
    };
    let mut picture = shown(&graph, &draft.places);
    picture.asked = RelationsAsked {
        degree: i64::from(view.ask.degree),
        least: i64::from(view.ask.least),
        kinds: if asked.all_kinds { "all" } else { "stays" }.to_owned(),
        from: format_day(view.ask.from.unwrap_or(first)),
        to: format_day(view.ask.to.unwrap_or(last)),
        without: asked.without.iter().map(left_out).collect(),
    };
    picture.data_version = i64::try_from(opened.snapshot.version()).unwrap_or(i64::MAX);
    picture.as_of = opened.peers.last_day().map(format_day).unwrap_or_default();
    picture.core = around.core.len() as i64;
    (picture.why, picture.against) = (sentences.why, sentences.against);
    picture.chance = chance_of(&chance);
    picture.cut = cut(view, around, &graph);
    Ok(picture)
}

fn chance_of(chance: &Chance) -> RelationChance {
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    RelationChance {
        observed: whole(chance.observed),
        expected: chance.expected,
        rounds: i64::from(chance.rounds),
        reached: i64::from(chance.reached),
        mean: chance.mean,
        most: whole(chance.most),
        seed: whole(chance.seed),
    }
}

/// What is not shown, in words.
fn cut(view: &View<'_>, around: &Around, graph: &Graph) -> Vec<String> {
    let mut cut = Vec::new();
    if around.cut {
        cut.push(format!("团组超过 {CORE_MAX} 人，只画出先找到的 {CORE_MAX} 人：可提高最少共现次数，或缩短期间"));
    }
    if around.other_groups > 0 {
        cut.push(format!("所问的人还分属另外 {} 个团组，没有画出：可从各人的画像打开", around.other_groups));
    }
    if around.fringe_left > 0 {
        cut.push(format!("另有 {} 人与核心成员同日较少，只画出最多的 {FRINGE_MAX} 人", around.fringe_left));
    }
    if graph.left > 0 {
        cut.push(format!("另有 {} 家机构、药店或医师只与其中一人有关，或关联较少，没有画出", graph.left));
    }
    let crowded = graph.nodes.iter().filter(|node| node.kind == NodeKind::Hospital).filter_map(|node| view.index.place(&node.code));
    let days: usize = crowded.map(|place| view.volumes(place).iter().filter(|(_, count)| *count as usize > CROWD).count()).sum();
    if days > 0 {
        cut.push(format!("机构一天超过 {CROWD} 人的 {days} 天不计同日"));
    }
    cut
}

fn shown(graph: &Graph, places: &BTreeMap<String, String>) -> Relations {
    let id = |at: usize| node_id(graph, at);
    let coded = |code: &str| Coded { code: code.to_owned(), name: places.get(code).cloned().unwrap_or_else(|| code.to_owned()) };
    let days = |days: &[Day]| days.iter().map(|day| format_day(*day)).collect();
    let nodes = graph.nodes.iter().enumerate().map(|(at, node)| RelationNode {
        id: id(at),
        kind: kind_id(node.kind).to_owned(),
        code: node.code.clone(),
        label: node.label.clone(),
        note: node.note.clone(),
        standing: node.standing.map(|standing| standing_id(standing).to_owned()),
        x: node.x,
        y: node.y,
        visits: i64::from(node.visits),
        amount_fen: node.total_fen,
        fund_fen: node.fund_fen,
    });
    let edges = graph.edges.iter().map(|edge| RelationEdge {
        from: id(edge.one),
        to: id(edge.other),
        link: match edge.link {
            Link::Together => "together",
            Link::Treated => "treated",
            Link::Cared => "cared",
            Link::Bought => "bought",
        }
        .to_owned(),
        count: i64::from(edge.count),
        days: days(&edge.days),
        visits: edge.visits.clone(),
        places: edge.places.clone(),
        fund_fen: edge.fund_fen,
    });
    let events = graph.events.iter().map(|event| RelationEvent {
        day: format_day(event.day),
        institution: coded(&event.place),
        persons: event.persons.iter().map(|at| id(*at)).collect(),
        core: event.core as i64,
        volume: i64::from(event.volume),
        median: i64::from(event.median),
    });
    let bars = graph.bars.iter().map(|bar| RelationBar {
        person: id(bar.person),
        visit: bar.visit.clone(),
        kind: bar.kind.id().to_owned(),
        institution: coded(&bar.place),
        begin: format_day(bar.begin),
        end: format_day(bar.end),
        label: bar.diagnosis.clone(),
        practitioner: bar.doctor.clone(),
        amount_fen: bar.total_fen,
        fund_fen: bar.fund_fen,
        joint: bar.joint,
    });
    let sums = &graph.sums;
    Relations {
        nodes: nodes.collect(),
        edges: edges.collect(),
        events: events.collect(),
        bars: bars.collect(),
        order: graph.order.iter().map(|at| id(*at)).collect(),
        money: RelationMoney {
            visits: i64::from(sums.visits),
            amount_fen: sums.total_fen,
            fund_fen: sums.fund_fen,
            joint_visits: i64::from(sums.joint_visits),
            joint_amount_fen: sums.joint_total_fen,
            joint_fund_fen: sums.joint_fund_fen,
        },
        width: WIDTH,
        height: HEIGHT,
        ..Relations::default()
    }
}

fn kind_id(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Person => "person",
        NodeKind::Hospital => "hospital",
        NodeKind::Pharmacy => "pharmacy",
        NodeKind::Doctor => "doctor",
    }
}

fn standing_id(standing: Standing) -> &'static str {
    match standing {
        Standing::Core => "core",
        Standing::Outside => "outside",
        Standing::Fringe => "fringe",
    }
}

fn node_id(graph: &Graph, at: usize) -> String {
    let node = &graph.nodes[at];
    format!("{}:{}", kind_id(node.kind), node.code)
}
