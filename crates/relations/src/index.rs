//! 索引: every person's days at institutions, so that who was there together is found without reading the lake again.
//!
//! Memory: 17 bytes a visit, and a person's number with 10 bytes: 17 MB a million visits and 25 MB a million persons (measured by
//! `examples/size.rs`: 110 MB for a million persons with five million visits).

use std::collections::HashMap;
use std::ops::Range;

use mingjian_model::day::Day;

use crate::visit::Kind;

/// A person, by the order of their numbers.
pub type Who = u32;
/// An institution, by the order of their codes.
pub type Place = u32;

/// Texts one behind another, ascending, each once.
#[derive(Debug, Default)]
struct Codes {
    text: String,
    ends: Vec<u32>,
}

impl Codes {
    /// Sorts the texts; tells the new place of each old one.
    fn of(texts: HashMap<String, u32>) -> (Codes, Vec<u32>) {
        let mut old: Vec<(String, u32)> = texts.into_iter().collect();
        old.sort_unstable();
        let mut places = vec![0; old.len()];
        let mut codes = Codes { text: String::with_capacity(old.iter().map(|(text, _)| text.len()).sum()), ends: Vec::new() };
        codes.ends.reserve_exact(old.len());
        for (at, (text, before)) in old.into_iter().enumerate() {
            codes.text.push_str(&text);
            codes.ends.push(u32::try_from(codes.text.len()).unwrap_or(u32::MAX));
            places[before as usize] = at as u32;
        }
        (codes, places)
    }

    fn get(&self, at: u32) -> &str {
        let at = at as usize;
        let begin = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.text[begin..self.ends[at] as usize]
    }

    fn find(&self, text: &str) -> Option<u32> {
        let (mut low, mut high) = (0u32, self.ends.len() as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle).cmp(text) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// Gathers rows in any order.
#[derive(Debug, Default)]
pub struct Builder {
    persons: HashMap<String, u32>,
    places: HashMap<String, u32>,
    person_region: Vec<u16>,
    place_region: Vec<u16>,
    regions: Vec<String>,
    known: HashMap<String, u16>,
    rows: Vec<(u32, u32, Day, Kind)>,
    last: (String, u32),
}

impl Builder {
    /// A visit. The regions (参保地, 就医地) may be empty; the last one told of a person or an institution that is not counts.
    pub fn add(&mut self, person: &str, region: &str, place: &str, place_region: &str, kind: Kind, day: Day) {
        if person.is_empty() || place.is_empty() {
            return;
        }
        // Rows of a person lie together.
        let who = if self.last.0 == person { self.last.1 } else { named(&mut self.persons, person) };
        if self.last.0 != person {
            self.last = (person.to_owned(), who);
        }
        let at = named(&mut self.places, place);
        for (list, of, region) in [(&mut self.person_region, who, region), (&mut self.place_region, at, place_region)] {
            let known = match self.known.get(region) {
                Some(known) => *known,
                None => {
                    let known = self.regions.len() as u16;
                    self.known.insert(region.to_owned(), known);
                    self.regions.push(region.to_owned());
                    known
                }
            };
            let of = of as usize;
            if list.len() <= of {
                list.resize(of + 1, u16::MAX);
            }
            // The greater code of two, so that the order of rows does not matter.
            let before = self.regions.get(list[of] as usize).map_or("", String::as_str);
            if list[of] == u16::MAX || before < region {
                list[of] = known;
            }
        }
        self.rows.push((who, at, day, kind));
    }

    pub fn finish(self) -> Index {
        let Builder { persons, places, person_region, place_region, regions, mut rows, .. } = self;
        let (persons, person_at) = Codes::of(persons);
        let (places, place_at) = Codes::of(places);
        let moved = |list: Vec<u16>, at: &[u32]| {
            let mut to = vec![0u16; list.len()];
            for (before, region) in list.into_iter().enumerate() {
                to[at[before] as usize] = region;
            }
            to
        };
        for row in &mut rows {
            (row.0, row.1) = (person_at[row.0 as usize], place_at[row.1 as usize]);
        }
        rows.sort_unstable_by_key(|row| (row.0, row.2, row.1, row.3));
        rows.dedup();
        let mut index = Index {
            person_region: moved(person_region, &person_at),
            place_region: moved(place_region, &place_at),
            regions,
            person_first: firsts(rows.iter().map(|row| row.0), persons.ends.len()),
            places,
            persons,
            ..Index::default()
        };
        for list in [&mut index.who, &mut index.place] {
            list.reserve_exact(rows.len());
        }
        index.day.reserve_exact(rows.len());
        index.kind.reserve_exact(rows.len());
        for (who, place, day, kind) in rows {
            index.who.push(who);
            index.place.push(place);
            index.day.push(day);
            index.kind.push(kind);
        }
        let mut order: Vec<u32> = (0..index.who.len() as u32).collect();
        order.sort_unstable_by_key(|row| (index.place[*row as usize], index.day[*row as usize], *row));
        index.place_first = firsts(order.iter().map(|row| index.place[*row as usize]), index.places.ends.len());
        index.order = order;
        index
    }
}

fn named(names: &mut HashMap<String, u32>, name: &str) -> u32 {
    if let Some(at) = names.get(name) {
        return *at;
    }
    let at = names.len() as u32;
    names.insert(name.to_owned(), at);
    at
}

/// Where the rows of each begin, and behind the last one where they end.
fn firsts(of: impl Iterator<Item = u32>, count: usize) -> Vec<u32> {
    let mut first = vec![0u32; count + 1];
    for one in of {
        first[one as usize + 1] += 1;
    }
    for at in 0..count {
        first[at + 1] += first[at];
    }
    first
}

/// All persons' days at institutions: one row a person, institution, day and kind, by person and day.
#[derive(Debug, Default)]
pub struct Index {
    persons: Codes,
    places: Codes,
    pub(crate) person_region: Vec<u16>,
    pub(crate) place_region: Vec<u16>,
    regions: Vec<String>,
    person_first: Vec<u32>,
    place_first: Vec<u32>,
    pub(crate) who: Vec<u32>,
    pub(crate) place: Vec<u32>,
    pub(crate) day: Vec<Day>,
    pub(crate) kind: Vec<Kind>,
    /// Rows by institution and day.
    order: Vec<u32>,
}

impl Index {
    pub fn person(&self, no: &str) -> Option<Who> {
        self.persons.find(no)
    }

    pub fn place(&self, code: &str) -> Option<Place> {
        self.places.find(code)
    }

    pub fn person_no(&self, who: Who) -> &str {
        self.persons.get(who)
    }

    pub fn place_code(&self, place: Place) -> &str {
        self.places.get(place)
    }

    /// What it holds in memory.
    pub fn bytes(&self) -> usize {
        let codes = |codes: &Codes| codes.text.capacity() + codes.ends.capacity() * 4;
        let words = [&self.person_first, &self.place_first, &self.who, &self.place, &self.order]
            .iter()
            .map(|list| list.capacity() * 4)
            .sum::<usize>();
        let regions = (self.person_region.capacity() + self.place_region.capacity()) * 2;
        codes(&self.persons) + codes(&self.places) + words + regions + self.day.capacity() * 4 + self.kind.capacity()
    }

    pub fn persons(&self) -> u32 {
        self.persons.ends.len() as u32
    }

    pub fn places(&self) -> u32 {
        self.places.ends.len() as u32
    }

    pub fn visits(&self) -> usize {
        self.who.len()
    }

    /// Codes of the regions that persons and institutions are of; their places are what a [`crate::View`] is told to see.
    pub fn regions(&self) -> &[String] {
        &self.regions
    }

    /// 参保地 of a person; may be empty.
    pub fn region_of(&self, who: Who) -> &str {
        self.regions.get(self.person_region[who as usize] as usize).map_or("", String::as_str)
    }

    /// Rows of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.kind.iter().filter(|own| **own == kind).count()
    }

    /// First and last day of all; `None` without visits.
    pub fn span(&self) -> Option<(Day, Day)> {
        Some((*self.day.iter().min()?, *self.day.iter().max()?))
    }

    pub(crate) fn of_person(&self, who: Who) -> Range<usize> {
        self.person_first[who as usize] as usize..self.person_first[who as usize + 1] as usize
    }

    /// Rows of an institution, by day.
    pub(crate) fn of_place(&self, place: Place) -> &[u32] {
        &self.order[self.place_first[place as usize] as usize..self.place_first[place as usize + 1] as usize]
    }

    /// Rows of an institution's day.
    pub(crate) fn cell(&self, place: Place, day: Day) -> &[u32] {
        let all = self.of_place(place);
        let begin = all.partition_point(|row| self.day[*row as usize] < day);
        let length = all[begin..].partition_point(|row| self.day[*row as usize] == day);
        &all[begin..begin + length]
    }
}
