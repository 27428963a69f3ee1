//! 团组 of the newest data, the most surprising × money first.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mingjian_model::day::{Day, format_day};
use mingjian_platform::contract::Coded;
use mingjian_platform::contract::relations::{RelationDealt, RelationGroup, RelationGroups};
use mingjian_platform::{DataError, DrawnGroups, Sees};
use mingjian_relations::{Ask, CORE_MAX, CROWD, GROUP_MIN, Group, Index, Kind, LEAST_STAYS, View, Visit};

use super::super::{Opened, told};
use super::{SEED, rows};

/// Groups listed at most, and of how many of the most surprising the money is read.
const LISTED: usize = 100;
/// Dealings of all stays anew: how many groups come about by chance in a city like this.
const DEALS: u32 = 20;
/// Names and institutions of a group that are listed.
const NAMES: usize = 10;
const PLACES: usize = 4;

pub fn groups(opened: &Opened, index: &Index, sees: Sees<'_>) -> Result<DrawnGroups, DataError> {
    let ask = Ask::default();
    let view = View::new(index, &ask, sees);
    let found = view.groups();
    let total = found.groups.len();
    let large = found.groups.iter().filter(|group| group.chance.is_none()).count();
    let listed: Vec<&Group> = found.groups.iter().filter(|group| group.chance.is_some()).take(LISTED).collect();
    let numbers: Vec<String> = listed.iter().flat_map(|group| &group.members).map(|who| index.person_no(*who).to_owned()).collect();
    let known = rows::of_persons(opened, &numbers).map_err(told)?;
    let mut visits: HashMap<&str, Vec<&Visit>> = HashMap::new();
    for visit in known.visits.iter().filter(|visit| ask.counts(visit.kind, visit.begin)) {
        visits.entry(visit.person.as_str()).or_default().push(visit);
    }
    let mut items: Vec<(RelationGroup, Vec<String>)> = listed
        .iter()
        .map(|group| {
            let members: Vec<String> = group.members.iter().map(|who| index.person_no(*who).to_owned()).collect();
            let of = |code: &str| index.place(code).is_some_and(|place| group.members.iter().any(|who| view.sees_visit(*who, place)));
            let own: Vec<&Visit> =
                members.iter().filter_map(|no| visits.get(no.as_str())).flatten().copied().filter(|visit| of(&visit.place)).collect();
            let names = members.iter().take(NAMES).filter_map(|no| Some(known.persons.get(no)?.label.clone())).collect();
            let name = |code: &str| opened.peers.name(code).or(known.places.get(code).map(String::as_str)).unwrap_or(code).to_owned();
            (item(group, &members, names, &own, name), members)
        })
        .collect();
    // Both count: what is certain and cheap, and what is dear and common, are not what an inspector goes for.
    let worth = |group: &RelationGroup| group.surprise * group.joint_fund_fen.max(0) as f64;
    items.sort_by(|a, b| worth(&b.0).total_cmp(&worth(&a.0)).then_with(|| a.0.person.cmp(&b.0.person)));
    let mut cut = Vec::new();
    if total - large > LISTED {
        cut.push(format!("共 {} 个团组，只列出最不像偶然的 {LISTED} 个", total - large));
    }
    if large > 0 {
        cut.push(format!("另有 {large} 个超过 {CORE_MAX} 人的大团，多半是同一机构的常客，没有列出"));
    }
    if found.crowds > 0 {
        cut.push(format!("机构一天超过 {CROWD} 人入院的 {} 天不计同日", found.crowds));
    }
    let (first, last) = index.span().unwrap_or_default();
    let (items, members) = items.into_iter().unzip();
    let groups = RelationGroups {
        items,
        total: total as i64,
        as_of: opened.peers.last_day().map(format_day).unwrap_or_default(),
        data_version: i64::try_from(opened.snapshot.version()).unwrap_or(i64::MAX),
        from: format_day(first),
        to: format_day(last),
        least: i64::from(LEAST_STAYS),
        persons_least: GROUP_MIN as i64,
        persons: i64::from(index.persons()),
        stays: index.count(Kind::Stay) as i64,
        by_chance: view.dealt(DEALS, SEED).map(|dealt| RelationDealt {
            rounds: i64::from(dealt.rounds),
            mean: f64::from(dealt.sum) / f64::from(dealt.rounds.max(1)),
            most: i64::from(dealt.most),
        }),
        cut,
    };
    Ok(DrawnGroups { groups, members })
}

fn item(group: &Group, members: &[String], names: Vec<String>, own: &[&Visit], name: impl Fn(&str) -> String) -> RelationGroup {
    let mut cells: BTreeMap<(Day, &str), BTreeSet<&str>> = BTreeMap::new();
    for visit in own {
        cells.entry((visit.begin, &visit.place)).or_default().insert(&visit.person);
    }
    cells.retain(|_, there| there.len() >= 2);
    let joint = own.iter().filter(|visit| cells.contains_key(&(visit.begin, visit.place.as_str())));
    let (mut count, mut total, mut fund) = (0, 0, 0);
    for visit in joint {
        (count, total, fund) = (count + 1, total + visit.total_fen, fund + visit.fund_fen);
    }
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, place) in cells.keys() {
        *places.entry(place).or_default() += 1;
    }
    let mut places: Vec<(&str, usize)> = places.into_iter().collect();
    places.sort_by_key(|(code, days)| (std::cmp::Reverse(*days), *code));
    let chance = group.chance.unwrap_or_default();
    RelationGroup {
        person: members.first().cloned().unwrap_or_default(),
        persons: members.len() as i64,
        names,
        days: cells.len() as i64,
        most: cells.values().map(BTreeSet::len).max().unwrap_or(0) as i64,
        first: cells.keys().next().map(|(day, _)| format_day(*day)).unwrap_or_default(),
        last: cells.keys().next_back().map(|(day, _)| format_day(*day)).unwrap_or_default(),
        institutions: places.into_iter().take(PLACES).map(|(code, _)| Coded { code: code.to_owned(), name: name(code) }).collect(),
        observed: i64::try_from(chance.observed).unwrap_or(i64::MAX),
        expected: chance.expected,
        surprise: group.surprise(),
        joint_visits: count,
        joint_amount_fen: total,
        joint_fund_fen: fund,
        leads: 0,
    }
}
