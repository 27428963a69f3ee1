//! 图: nodes, edges, common days and bars of the persons found, out of their visits.

use std::collections::{BTreeMap, BTreeSet};

use mingjian_model::day::Day;

use crate::layout::place_nodes;
use crate::view::Ask;
use crate::visit::{Kind, Person, Visit};

/// Nodes of a picture at most: more cannot be read.
pub const NODES_MAX: usize = 300;
/// Of each kind at most beside the persons, those that most of them share.
const HOSPITALS_MAX: usize = 40;
const PHARMACIES_MAX: usize = 8;
const DOCTORS_MAX: usize = 12;
/// With fewer persons everything they have is drawn, with more only what two of them share.
const FEW: usize = 3;

/// Where a person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Core,
    /// Asked about, and not of the core.
    Outside,
    Fringe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    /// 参保人
    Person,
    /// 医院
    Hospital,
    /// 药店
    Pharmacy,
    /// 医师
    Doctor,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub kind: NodeKind,
    pub code: String,
    pub label: String,
    /// Age of a person, department of a doctor; may be empty.
    pub note: String,
    /// Of persons.
    pub standing: Option<Standing>,
    /// In a picture of [`crate::WIDTH`] × [`crate::HEIGHT`], to a tenth.
    pub x: f64,
    pub y: f64,
    /// Visits of the persons shown, as far as they count.
    pub visits: u32,
    pub total_fen: i64,
    pub fund_fen: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// 同日共现
    Together,
    /// 在该机构就诊
    Treated,
    /// 由该医师主管
    Cared,
    /// 在该药店购药
    Bought,
}

/// Two nodes by their places; of a person and something else the person first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    pub one: usize,
    pub other: usize,
    pub link: Link,
    /// Common days; visits.
    pub count: u32,
    pub days: Vec<Day>,
    /// 就诊ID of both, of the person.
    pub visits: Vec<String>,
    /// The institutions they came together at; empty for other links.
    pub places: Vec<String>,
    pub fund_fen: i64,
}

/// 同日: an institution's day on which at least two of the persons came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub day: Day,
    pub place: String,
    /// Nodes, ascending.
    pub persons: Vec<usize>,
    /// How many of them are of the core.
    pub core: usize,
    /// Everybody the institution had that day, and its median over days.
    pub volume: u32,
    pub median: u32,
}

/// A bar or mark of a person's lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    pub person: usize,
    pub visit: String,
    pub kind: Kind,
    pub place: String,
    pub begin: Day,
    pub end: Day,
    pub diagnosis: String,
    pub doctor: String,
    pub total_fen: i64,
    pub fund_fen: i64,
    /// Begins on a common day of the core.
    pub joint: bool,
}

/// 金额 of the core.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Visits that count, with their money.
    pub visits: u32,
    pub total_fen: i64,
    pub fund_fen: i64,
    /// Of them those that began on a common day.
    pub joint_visits: u32,
    pub joint_total_fen: i64,
    pub joint_fund_fen: i64,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    /// Persons first, in the order given.
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    /// Ascending by day.
    pub events: Vec<Event>,
    pub bars: Vec<Bar>,
    /// Persons as a matrix shows them: who comes together stands together; the core first.
    pub order: Vec<usize>,
    pub sums: Sums,
    /// Institutions, pharmacies and doctors that are not drawn.
    pub left: usize,
}

/// What a picture is made from.
#[derive(Debug)]
pub struct Draft<'a> {
    pub persons: Vec<(Person, Standing)>,
    /// Of these persons, within the scope; those outside the period are shown on the lanes by nobody.
    pub visits: Vec<Visit>,
    /// Names by code.
    pub places: BTreeMap<String, String>,
    /// Persons each day of an institution, days ascending.
    pub volumes: BTreeMap<String, Vec<(Day, u32)>>,
    pub ask: &'a Ask,
    pub without_doctors: BTreeSet<String>,
    /// More persons than this on a day join nobody.
    pub crowd: usize,
}

impl Draft<'_> {
    pub(crate) fn place_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.places.get(code).map(String::as_str).filter(|name| !name.is_empty()).unwrap_or(code)
    }

    pub(crate) fn counts(&self, visit: &Visit) -> bool {
        self.ask.counts(visit.kind, visit.begin)
    }

    /// Shown at all: purchases are, whatever counts as coming together.
    fn shows(&self, visit: &Visit) -> bool {
        self.counts(visit)
            || (visit.kind == Kind::Pharmacy
                && self.ask.from.is_none_or(|from| visit.begin >= from)
                && self.ask.to.is_none_or(|to| visit.begin <= to))
    }

    /// Everybody an institution had on a day, and its median day.
    pub(crate) fn volume(&self, place: &str, day: Day) -> (u32, u32) {
        let Some(volumes) = self.volumes.get(place) else { return (0, 0) };
        let on = volumes.binary_search_by_key(&day, |(known, _)| *known).map_or(0, |at| volumes[at].1);
        let mut counts: Vec<u32> = volumes.iter().map(|(_, count)| *count).collect();
        counts.sort_unstable();
        (on, counts.get(counts.len() / 2).copied().unwrap_or(0))
    }
}

/// Draws.
pub fn draw(draft: &Draft<'_>) -> Graph {
    let at: BTreeMap<&str, usize> = draft.persons.iter().enumerate().map(|(at, (person, _))| (person.no.as_str(), at)).collect();
    let mut visits: Vec<(usize, &Visit)> =
        draft.visits.iter().filter(|visit| draft.shows(visit)).filter_map(|visit| Some((*at.get(visit.person.as_str())?, visit))).collect();
    visits.sort_by(|a, b| (a.0, a.1.begin, &a.1.id).cmp(&(b.0, b.1.begin, &b.1.id)));
    let mut graph =
        Graph { nodes: draft.persons.iter().map(|(person, standing)| person_node(person, *standing)).collect(), ..Graph::default() };
    let core: Vec<bool> = draft.persons.iter().map(|(_, standing)| *standing == Standing::Core).collect();
    together(draft, &visits, &core, &mut graph);
    around(draft, &visits, &mut graph);
    let joint: BTreeSet<(&str, Day)> =
        graph.events.iter().filter(|event| event.core >= 2).map(|event| (event.place.as_str(), event.day)).collect();
    let mut sums = Sums::default();
    let mut bars = Vec::new();
    for (person, visit) in &visits {
        let counts = draft.counts(visit);
        let is_joint = counts && core[*person] && joint.contains(&(visit.place.as_str(), visit.begin));
        if counts && core[*person] {
            sums.visits += 1;
            sums.total_fen += visit.total_fen;
            sums.fund_fen += visit.fund_fen;
        }
        if is_joint {
            sums.joint_visits += 1;
            sums.joint_total_fen += visit.total_fen;
            sums.joint_fund_fen += visit.fund_fen;
        }
        if counts {
            let node = &mut graph.nodes[*person];
            node.visits += 1;
            node.total_fen += visit.total_fen;
            node.fund_fen += visit.fund_fen;
        }
        bars.push(Bar {
            person: *person,
            visit: visit.id.clone(),
            kind: visit.kind,
            place: visit.place.clone(),
            begin: visit.begin,
            end: visit.end,
            diagnosis: visit.diagnosis_name.clone(),
            doctor: visit.doctor_name.clone(),
            total_fen: visit.total_fen,
            fund_fen: visit.fund_fen,
            joint: is_joint,
        });
    }
    (graph.sums, graph.bars) = (sums, bars);
    graph.order = ordered(draft, &graph);
    place_nodes(&mut graph);
    graph
}

fn person_node(person: &Person, standing: Standing) -> Node {
    Node {
        kind: NodeKind::Person,
        code: person.no.clone(),
        label: person.label.clone(),
        note: person.age.map(|age| age.to_string()).unwrap_or_default(),
        standing: Some(standing),
        x: 0.0,
        y: 0.0,
        visits: 0,
        total_fen: 0,
        fund_fen: 0,
    }
}

/// Common days and the edges between persons.
fn together(draft: &Draft<'_>, visits: &[(usize, &Visit)], core: &[bool], graph: &mut Graph) {
    let mut cells: BTreeMap<(Day, &str), BTreeMap<usize, Vec<&Visit>>> = BTreeMap::new();
    for (person, visit) in visits.iter().filter(|(_, visit)| draft.counts(visit)) {
        cells.entry((visit.begin, visit.place.as_str())).or_default().entry(*person).or_default().push(visit);
    }
    let mut edges: BTreeMap<(usize, usize), Edge> = BTreeMap::new();
    for ((day, place), there) in cells.iter().filter(|(_, there)| there.len() >= 2) {
        let (volume, median) = draft.volume(place, *day);
        if volume as usize > draft.crowd {
            continue;
        }
        let persons: Vec<usize> = there.keys().copied().collect();
        for (at, one) in persons.iter().enumerate() {
            for other in &persons[at + 1..] {
                let edge = edges.entry((*one, *other)).or_insert_with(|| Edge {
                    one: *one,
                    other: *other,
                    link: Link::Together,
                    count: 0,
                    days: Vec::new(),
                    visits: Vec::new(),
                    places: Vec::new(),
                    fund_fen: 0,
                });
                edge.count += 1;
                edge.days.push(*day);
                if !edge.places.iter().any(|known| known == place) {
                    edge.places.push((*place).to_owned());
                }
                for visit in there[one].iter().chain(&there[other]) {
                    edge.visits.push(visit.id.clone());
                    edge.fund_fen += visit.fund_fen;
                }
            }
        }
        let core = persons.iter().filter(|person| core[**person]).count();
        graph.events.push(Event { day: *day, place: (*place).to_owned(), persons, core, volume, median });
    }
    graph.edges.extend(edges.into_values());
}

/// Institutions, pharmacies and doctors the persons share.
fn around(draft: &Draft<'_>, visits: &[(usize, &Visit)], graph: &mut Graph) {
    let shops: BTreeSet<&str> = {
        let other: BTreeSet<&str> =
            visits.iter().filter(|(_, visit)| visit.kind != Kind::Pharmacy).map(|(_, visit)| visit.place.as_str()).collect();
        visits.iter().map(|(_, visit)| visit.place.as_str()).filter(|place| !other.contains(place)).collect()
    };
    // By node: who with which visits.
    let mut nodes: BTreeMap<(NodeKind, &str), BTreeMap<usize, Vec<&Visit>>> = BTreeMap::new();
    for (person, visit) in visits {
        let shop = shops.contains(visit.place.as_str());
        if shop || draft.counts(visit) {
            let kind = if shop { NodeKind::Pharmacy } else { NodeKind::Hospital };
            nodes.entry((kind, visit.place.as_str())).or_default().entry(*person).or_default().push(visit);
        }
        if draft.counts(visit) && !shop && !visit.doctor.is_empty() && !draft.without_doctors.contains(&visit.doctor) {
            nodes.entry((NodeKind::Doctor, visit.doctor.as_str())).or_default().entry(*person).or_default().push(visit);
        }
    }
    let few = draft.persons.len() < FEW;
    let mut chosen: Vec<_> = nodes.iter().collect();
    let all = chosen.len();
    chosen.retain(|(_, of)| few || of.len() >= 2);
    chosen.sort_by_key(|(key, of)| (std::cmp::Reverse((of.len(), of.values().map(Vec::len).sum::<usize>())), **key));
    let mut room = [HOSPITALS_MAX, PHARMACIES_MAX, DOCTORS_MAX];
    let most = NODES_MAX.saturating_sub(graph.nodes.len());
    let mut drawn = 0;
    for ((kind, code), of) in chosen {
        let kind_room = match kind {
            NodeKind::Hospital => &mut room[0],
            NodeKind::Pharmacy => &mut room[1],
            NodeKind::Doctor | NodeKind::Person => &mut room[2],
        };
        if *kind_room == 0 || drawn >= most {
            continue;
        }
        *kind_room -= 1;
        drawn += 1;
        let node = graph.nodes.len();
        let own: Vec<&&Visit> = of.values().flatten().collect();
        let (label, note) = match kind {
            NodeKind::Doctor => (own.iter().map(|visit| visit.doctor_name.as_str()).max().unwrap_or_default(), most_often(&own)),
            _ => (draft.place_name(code), String::new()),
        };
        graph.nodes.push(Node {
            kind: *kind,
            code: (*code).to_owned(),
            label: label.to_owned(),
            note,
            standing: None,
            x: 0.0,
            y: 0.0,
            visits: own.len() as u32,
            total_fen: own.iter().map(|visit| visit.total_fen).sum(),
            fund_fen: own.iter().map(|visit| visit.fund_fen).sum(),
        });
        let link = match kind {
            NodeKind::Pharmacy => Link::Bought,
            NodeKind::Doctor => Link::Cared,
            _ => Link::Treated,
        };
        graph.edges.extend(of.iter().map(|(person, own)| Edge {
            one: *person,
            other: node,
            link,
            count: own.len() as u32,
            days: own.iter().map(|visit| visit.begin).collect(),
            visits: own.iter().map(|visit| visit.id.clone()).collect(),
            places: Vec::new(),
            fund_fen: own.iter().map(|visit| visit.fund_fen).sum(),
        }));
    }
    graph.left = all - drawn;
}

/// The department most visits name; of equal ones the first by name.
fn most_often(visits: &[&&Visit]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for visit in visits.iter().filter(|visit| !visit.department.is_empty()) {
        *counts.entry(&visit.department).or_default() += 1;
    }
    counts.into_iter().max_by(|a, b| (a.1, b.0).cmp(&(b.1, a.0))).map(|(name, _)| name.to_owned()).unwrap_or_default()
}

/// Begins with who has most common days, then takes who has most with those before; nearer neighbours weigh more.
fn ordered(draft: &Draft<'_>, graph: &Graph) -> Vec<usize> {
    let persons = draft.persons.len();
    let mut times = vec![vec![0u64; persons]; persons];
    for edge in graph.edges.iter().filter(|edge| edge.link == Link::Together) {
        times[edge.one][edge.other] = u64::from(edge.count);
        times[edge.other][edge.one] = u64::from(edge.count);
    }
    let mut order: Vec<usize> = Vec::new();
    let mut left: Vec<usize> = (0..persons).collect();
    while !left.is_empty() {
        let weight = |person: usize| -> (std::cmp::Reverse<Standing>, u64, u64, std::cmp::Reverse<usize>) {
            let near: u64 = order.iter().rev().take(3).map(|other| times[person][*other]).sum();
            let placed: u64 = order.iter().map(|other| times[person][*other]).sum();
            (std::cmp::Reverse(draft.persons[person].1), near + placed, times[person].iter().sum(), std::cmp::Reverse(person))
        };
        let Some((at, _)) = left.iter().enumerate().max_by_key(|(_, person)| weight(**person)) else { break };
        let next = left.remove(at);
        order.push(next);
    }
    order
}
