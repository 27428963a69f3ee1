//! 为什么成团 and 不利于成团的事实: what the data says for and against a group, one fact a sentence.

use std::collections::{BTreeMap, BTreeSet};

use mingjian_model::day::format_day;

use crate::chance::Chance;
use crate::draw::{Draft, Event, Graph, Standing};
use crate::visit::{Kind, Person, Visit};

/// Names listed in one sentence at most.
const NAMES: usize = 4;
/// Days after a discharge within which a purchase belongs to it.
const AFTER: i32 = 3;
/// An institution's day is out of the ordinary when beside the group it had so many times its median, and at least so many persons.
const RUSH: (u32, u32) = (2, 8);
/// Diagnoses treated by a plan: 透析, 放化疗, 康复 are not among them, for a course of 康复 is what such groups feign.
const PLANNED: [&str; 6] = ["透析", "化疗", "放疗", "化学治疗", "放射治疗", "尿毒症"];

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    pub why: Vec<String>,
    pub against: Vec<String>,
}

/// Tells of the group of a graph; nothing where there is none.
pub fn told(draft: &Draft<'_>, graph: &Graph, chance: &Chance) -> Told {
    let core: Vec<usize> = of_standing(draft, Standing::Core);
    let mut told = Told::default();
    if core.len() < 2 {
        told.against.extend(strangers(draft, &core));
        return told;
    }
    let events: Vec<&Event> = graph.events.iter().filter(|event| event.core >= 2).collect();
    let mine: Vec<&Visit> = draft.visits.iter().filter(|visit| core.iter().any(|at| draft.persons[*at].0.no == visit.person)).collect();
    told.why.extend(when(draft, &core, &events));
    told.why.extend(largest(draft, &events));
    told.why.extend(bought(draft, &mine));
    told.why.extend(same_hands(draft, graph, &mine));
    told.why.extend(shared(draft, &core, |person| &person.telephone, |n| format!("{n} 人登记同一联系电话")));
    let unit = |person: &Person| if person.unit_name.is_empty() { String::new() } else { format!("（{}）", person.unit_name) };
    told.why.extend(shared_named(draft, &core, |person| &person.unit, unit, |n, name| format!("{n} 人登记同一单位{name}")));

    told.against.extend(strangers(draft, &core));
    told.against.extend(rushes(draft, &events));
    told.against.extend(near(draft, &core));
    told.against.extend(planned(draft, &core, &mine));
    told.against.extend(weekday(&events));
    told.against.extend(many_hands(draft, &mine, &events));
    told.against.extend(likely(chance));
    told
}

fn of_standing(draft: &Draft<'_>, standing: Standing) -> Vec<usize> {
    (0..draft.persons.len()).filter(|at| draft.persons[*at].1 == standing).collect()
}

fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown = names.iter().take(NAMES).copied().collect::<Vec<_>>().join("、");
    if names.len() > NAMES { format!("{shown} 等 {} 个", names.len()) } else { shown }
}

fn word(draft: &Draft<'_>) -> &'static str {
    match draft.ask.kinds {
        crate::Kinds::Stays => "同日入院",
        crate::Kinds::All => "同日就诊",
    }
}

fn when(draft: &Draft<'_>, core: &[usize], events: &[&Event]) -> Option<String> {
    let (first, last) = (events.first()?.day, events.last()?.day);
    let places: BTreeSet<&str> = events.iter().map(|event| draft.place_name(&event.place)).collect();
    Some(format!("{} 人在 {} 天内 {} 次{}，涉{}", core.len(), last - first + 1, events.len(), word(draft), list(places)))
}

fn largest(draft: &Draft<'_>, events: &[&Event]) -> Option<String> {
    let most = events.iter().max_by_key(|event| (event.core, std::cmp::Reverse(event.day)))?;
    let share = if most.volume > 0 {
        format!("，占当日该机构 {} 人的 {}%", most.volume, most.core as u32 * 100 / most.volume)
    } else {
        String::new()
    };
    Some(format!("人数最多的一次：{} {} {} 人{}{share}", format_day(most.day), draft.place_name(&most.place), most.core, word(draft)))
}

/// Purchases soon after a discharge at the pharmacy most members bought at then.
fn bought(draft: &Draft<'_>, mine: &[&Visit]) -> Option<String> {
    let mut shops: BTreeMap<&str, (u32, BTreeSet<&str>)> = BTreeMap::new();
    for purchase in mine.iter().filter(|visit| visit.kind == Kind::Pharmacy) {
        let left = mine
            .iter()
            .any(|stay| stay.kind == Kind::Stay && stay.person == purchase.person && (1..=AFTER).contains(&(purchase.begin - stay.end)));
        if left {
            let shop = shops.entry(purchase.place.as_str()).or_default();
            shop.0 += 1;
            shop.1.insert(&purchase.person);
        }
    }
    let (shop, (times, persons)) = shops.into_iter().max_by(|a, b| (a.1.1.len(), a.1.0, b.0).cmp(&(b.1.1.len(), b.1.0, a.0)))?;
    (persons.len() >= 2)
        .then(|| format!("出院后 1 至 {AFTER} 日在{}购药的有 {} 人，合计 {times} 次", draft.place_name(shop), persons.len()))
}

/// The doctor in charge of most joint visits.
fn same_hands(draft: &Draft<'_>, graph: &Graph, mine: &[&Visit]) -> Option<String> {
    let joint: BTreeSet<&str> = graph.bars.iter().filter(|bar| bar.joint).map(|bar| bar.visit.as_str()).collect();
    let mut doctors: BTreeMap<&str, (u32, &str)> = BTreeMap::new();
    let visits: Vec<&&Visit> = mine.iter().filter(|visit| draft.counts(visit) && joint.contains(visit.id.as_str())).collect();
    for visit in visits.iter().filter(|visit| !visit.doctor.is_empty()) {
        let doctor = doctors.entry(&visit.doctor).or_insert((0, &visit.doctor_name));
        doctor.0 += 1;
    }
    let (_, (times, name)) = doctors.into_iter().max_by(|a, b| (a.1.0, b.0).cmp(&(b.1.0, a.0)))?;
    (times >= 2 && u64::from(times) * 5 >= visits.len() as u64 * 2)
        .then(|| format!("{} 人次中 {times} 人次的主管医师是{name}", visits.len()))
}

/// How many members share the most common value that is not empty.
fn shared(draft: &Draft<'_>, core: &[usize], of: impl Fn(&Person) -> &str, say: impl Fn(usize) -> String) -> Option<String> {
    shared_named(draft, core, of, |_| String::new(), |n, _| say(n))
}

fn shared_named(
    draft: &Draft<'_>,
    core: &[usize],
    of: impl Fn(&Person) -> &str,
    name: impl Fn(&Person) -> String,
    say: impl Fn(usize, &str) -> String,
) -> Option<String> {
    let mut counts: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    for person in core.iter().map(|at| &draft.persons[*at].0).filter(|person| !of(person).is_empty()) {
        counts.entry(of(person)).or_insert_with(|| (0, name(person))).0 += 1;
    }
    let (_, (most, name)) = counts.into_iter().max_by(|a, b| (a.1.0, b.0).cmp(&(b.1.0, a.0)))?;
    (most >= 2).then(|| say(most, &name))
}

/// Persons asked about, or at the edge, who never came together with the core.
fn strangers(draft: &Draft<'_>, core: &[usize]) -> Option<String> {
    let outside = of_standing(draft, Standing::Outside);
    if outside.is_empty() {
        return None;
    }
    let names = list(outside.iter().map(|at| draft.persons[*at].0.label.as_str()));
    let least = draft.ask.least;
    Some(if core.is_empty() {
        format!("{names}与别人{}都不到 {least} 次", word(draft))
    } else {
        format!("{names}与核心成员{}不到 {least} 次，未列入核心", word(draft))
    })
}

/// Days on which everybody came.
fn rushes(draft: &Draft<'_>, events: &[&Event]) -> Vec<String> {
    // Beside the group itself.
    let others = |event: &Event| event.volume.saturating_sub(event.core as u32);
    let rush = events.iter().filter(|event| others(event) >= RUSH.1 && others(event) >= RUSH.0 * event.median.max(1));
    rush.take(NAMES)
        .map(|event| {
            format!(
                "{} {}共 {} 人{}，平日中位数 {} 人：可能有集中体检、义诊或转诊，可解释其中 1 次",
                format_day(event.day),
                draft.place_name(&event.place),
                event.volume,
                word(draft).trim_start_matches("同日"),
                event.median
            )
        })
        .collect()
}

/// The village or estate of an address: without what stands behind 村, 社区 or 小区, else without its last number.
fn neighbourhood(address: &str) -> &str {
    for end in ["村", "社区", "小区"] {
        if let Some(at) = address.find(end) {
            return &address[..at + end.len()];
        }
    }
    address.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '号' | '室' | '栋' | '-' | '幢' | '单' | '元'))
}

fn near(draft: &Draft<'_>, core: &[usize]) -> Vec<String> {
    let mut facts = Vec::new();
    facts.extend(shared(draft, core, |person| &person.address, |n| format!("{n} 人登记住址相同，可能是一家人，相约就医不违规")));
    let village = shared_named(
        draft,
        core,
        |person| neighbourhood(&person.address),
        |person| neighbourhood(&person.address).to_owned(),
        |n, place| format!("{n} 人登记住在{place}，邻里相约或同车就医可解释一部分"),
    );
    if facts.is_empty() {
        facts.extend(village);
    }
    facts
}

/// Members whose visits follow a plan.
fn planned(draft: &Draft<'_>, core: &[usize], mine: &[&Visit]) -> Vec<String> {
    let (mut by_plan, mut regular) = (Vec::new(), Vec::new());
    for person in core.iter().map(|at| &draft.persons[*at].0) {
        let mut own: Vec<&&Visit> = mine.iter().filter(|visit| visit.person == person.no && draft.counts(visit)).collect();
        own.sort_by_key(|visit| visit.begin);
        let planned = own.iter().filter(|visit| PLANNED.iter().any(|word| visit.diagnosis_name.contains(word))).count();
        if planned * 2 > own.len() {
            by_plan.push(person.label.as_str());
        } else if own.len() >= 4 && own.iter().all(|visit| !visit.diagnosis.is_empty() && visit.diagnosis == own[0].diagnosis) && even(&own)
        {
            regular.push(person.label.as_str());
        }
    }
    let mut facts = Vec::new();
    if !by_plan.is_empty() {
        facts.push(format!("{}的就诊多为透析或放化疗，按期治疗，同日就诊属常见", list(by_plan)));
    }
    if !regular.is_empty() {
        facts.push(format!("{}每次主诊断相同、间隔相近，像是按疗程就诊", list(regular)));
    }
    facts
}

/// Whether visits follow each other at nearly equal steps: none further from their mean than a third of it.
fn even(own: &[&&Visit]) -> bool {
    let steps: Vec<i32> = own.windows(2).map(|two| two[1].begin - two[0].begin).collect();
    let mean = steps.iter().sum::<i32>() / steps.len().max(1) as i32;
    mean > 0 && steps.iter().all(|step| (step - mean).abs() * 3 <= mean)
}

fn weekday(events: &[&Event]) -> Option<String> {
    const NAMES: [&str; 7] = ["四", "五", "六", "日", "一", "二", "三"];
    let mut days = [0usize; 7];
    for event in events {
        // 1970-01-01 was a Thursday.
        days[event.day.rem_euclid(7) as usize] += 1;
    }
    let (day, times) = days.iter().enumerate().max_by_key(|(day, times)| (**times, std::cmp::Reverse(*day)))?;
    (events.len() >= 4 && times * 5 >= events.len() * 4)
        .then(|| format!("{} 次中 {times} 次在星期{}：可能是固定的收治日、专家日或班车日", events.len(), NAMES[day]))
}

/// Doctors and departments apart.
fn many_hands(draft: &Draft<'_>, mine: &[&Visit], events: &[&Event]) -> Option<String> {
    let apart = events
        .iter()
        .filter(|event| {
            let there = mine.iter().filter(|visit| draft.counts(visit) && visit.begin == event.day && visit.place == event.place);
            let departments: Vec<&str> = there.map(|visit| visit.department.as_str()).filter(|name| !name.is_empty()).collect();
            departments.len() >= 2 && departments.iter().collect::<BTreeSet<_>>().len() == departments.len()
        })
        .count();
    (apart > 0).then(|| format!("{apart} 次{}的人各在不同科室", word(draft)))
}

fn likely(chance: &Chance) -> Option<String> {
    (chance.expected * 3.0 >= chance.observed as f64)
        .then(|| format!("这些机构日常人多，按随机就可有 {:.1} 人对日同日，实际 {} 人对日", chance.expected, chance.observed))
}
