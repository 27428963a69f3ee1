//! A city with companions planted in it: they are found, and those who only look like them are not.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Mutex;

use mingjian_city::{Block, Options, Rates, Sink, TRUTH_COLUMNS, generate};
use mingjian_model::day::{day_of, parse_moment};
use mingjian_relations::{Ask, Builder, Index, Kind, Kinds, View};

/// Keeps visits and the truth.
#[derive(Default)]
struct Kept {
    builder: Mutex<Builder>,
    truth: Mutex<Vec<u8>>,
}

impl Sink for Kept {
    fn write(&self, block: Block<'_>) -> io::Result<()> {
        if block.table.name != "mdtrt_d" {
            return Ok(());
        }
        let place = |name: &str| block.table.columns.iter().position(|column| column.name == name).unwrap();
        let [person, region, house, kind, begin] = ["psn_no", "insu_admdvs", "fixmedins_code", "med_type", "begntime"].map(place);
        let mut builder = self.builder.lock().unwrap();
        for record in block.records() {
            let cells: Vec<&str> = record.map(|cell| std::str::from_utf8(cell).unwrap()).collect();
            let kind = match cells[kind] {
                stay if stay.starts_with('2') || stay.starts_with("52") => Kind::Stay,
                shop if shop.starts_with("41") => Kind::Pharmacy,
                _ => Kind::Visit,
            };
            builder.add(cells[person], cells[region], cells[house], "", kind, day_of(parse_moment(cells[begin]).unwrap()));
        }
        Ok(())
    }

    fn truth(&self, bytes: &[u8]) -> io::Result<()> {
        self.truth.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }
}

/// The index of a city, and the persons of each act by scenario.
fn city(persons: u32, plant: Rates) -> (Index, BTreeMap<String, Vec<BTreeSet<String>>>) {
    let kept = Kept::default();
    generate(&Options { persons, plant, seed: 20_250_101, ..Options::default() }, &kept, &|_| {}).unwrap();
    let place = |name: &str| TRUTH_COLUMNS.iter().position(|column| *column == name).unwrap();
    let mut acts: BTreeMap<String, Vec<BTreeSet<String>>> = BTreeMap::new();
    for row in String::from_utf8(kept.truth.into_inner().unwrap()).unwrap().lines() {
        let cells: Vec<&str> = row.split(',').collect();
        let persons = cells[place("psn_no")].split(';').map(str::to_owned).collect();
        acts.entry(cells[place("scenario")].to_owned()).or_default().push(persons);
    }
    (kept.builder.into_inner().unwrap().finish(), acts)
}

fn members(index: &Index, group: &[u32]) -> BTreeSet<String> {
    group.iter().map(|who| index.person_no(*who).to_owned()).collect()
}

#[test]
fn planted_companions_are_the_groups_of_the_city() {
    let (index, acts) = city(6_000, Rates { least: 2, ..Rates::default() });
    let ask = Ask::default();
    let view = View::new(&index, &ask, |_| true);
    let found = view.groups();
    let planted: BTreeSet<BTreeSet<String>> = acts["joint_admissions"].iter().cloned().collect();
    assert!(planted.len() >= 2 && planted.iter().all(|act| act.len() == 6), "{planted:?}");
    let first: BTreeSet<BTreeSet<String>> = found.groups.iter().take(planted.len()).map(|group| members(&index, &group.members)).collect();
    assert_eq!(first, planted, "the most surprising groups are those planted, each whole and nobody else");
    let least = found.groups[planted.len() - 1].surprise();
    let next = found.groups.get(planted.len()).map_or(0.0, |group| group.surprise());
    assert!(least > 60.0 && next < least / 4.0, "{least} {next}");

    // A street that came once, lured or not, is no group: three common days are asked for.
    for street in &acts["free_bed_campaign"] {
        let seeds: Vec<u32> = street.iter().filter_map(|no| index.person(no)).collect();
        assert!(view.around(&seeds).core.is_empty());
    }
    // Whoever is on dialysis comes on the same weekdays all year, and is in no group of stays.
    let dialysis: BTreeSet<String> = acts["dialysis_regular"].iter().flatten().cloned().collect();
    assert!(!dialysis.is_empty());
    assert!(found.groups.iter().all(|group| members(&index, &group.members).is_disjoint(&dialysis)));
}

#[test]
fn patients_on_the_same_weekdays_rank_far_below_companions() {
    let (index, acts) = city(6_000, Rates { least: 2, ..Rates::default() });
    let ask = Ask { kinds: Kinds::All, least: 3, ..Ask::default() };
    let view = View::new(&index, &ask, |_| true);
    let seed = |act: &BTreeSet<String>| act.iter().filter_map(|no| index.person(no)).collect::<Vec<_>>();
    let companions = view.chance(&seed(&acts["joint_admissions"][0]), 1_000, 1);
    assert_eq!(companions.reached, 0, "{companions:?}");
    for act in &acts["dialysis_regular"] {
        let around = view.around(&seed(act));
        let by_plan = view.chance(&around.core, 1_000, 1);
        assert!(by_plan.surprise() < companions.surprise() / 3.0, "{by_plan:?} {companions:?}");
    }
}

#[test]
fn without_acts_there_is_no_group() {
    let (index, _) = city(6_000, Rates::none());
    let ask = Ask::default();
    let found = View::new(&index, &ask, |_| true).groups();
    assert!(found.groups.is_empty(), "{:?}", found.groups);
}
