//! Persons, visits, settlements, diagnoses, operations and registrations of a bucket.
//!
//! Rows are gathered as they come ([`Gathered`]), visits that only a settlement or a line knows of are made from those, and
//! then all is put in order ([`Gathered::arrange`]): persons by psn_no, visits by (begin, mdtrt_id), settlements by (visit, time, setl_id).

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::{DefaultHashBuilder, HashTable};
use mingjian_engine::timeline::{
    Care, Diagnosis, Operation, Person, Registration, SEX_FEMALE, SEX_MALE, SEX_UNKNOWN, Settlement, Visit, is_unlevelled, join_sessions,
    level_of_hosp_lv,
};
use mingjian_engine::{NONE, Worker};
use mingjian_model::day::{Day, Moment};

use super::catalogue::{Reference, is_pharmacy_code};
use super::pool::{Interner, Pool};

/// What is known of a person beside their visits.
#[derive(Debug, Clone, Default)]
pub(crate) struct PersonFacts {
    pub sex: u8,
    pub birth: Option<Day>,
    pub certificate: String,
    pub name: String,
    /// The day of death that came with the person.
    pub died: Option<Day>,
}

impl PersonFacts {
    /// Takes what it lacks from another record.
    pub fn complete(&mut self, other: PersonFacts) {
        if self.sex == SEX_UNKNOWN {
            self.sex = other.sex;
        }
        self.birth = self.birth.or(other.birth);
        if self.certificate.is_empty() {
            self.certificate = other.certificate;
        }
        if self.name.is_empty() {
            self.name = other.name;
        }
    }
}

/// gend: 1 男, 2 女, else unknown.
pub(crate) fn sex_of(gend: &str) -> u8 {
    match gend.trim() {
        "1" | "男" => SEX_MALE,
        "2" | "女" => SEX_FEMALE,
        _ => SEX_UNKNOWN,
    }
}

/// The first two digits of med_type; 0 where there are none.
pub(crate) fn two_digits(med_type: &str) -> i16 {
    med_type.trim().get(..2).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// insutype as a number; 0 where there is none.
pub(crate) fn insurance_of(insutype: &str) -> i16 {
    insutype.trim().parse().unwrap_or(0)
}

/// A visit as gathered.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawVisit {
    pub person: u32,
    /// Position in [`Gathered::ids`].
    pub id: u32,
    pub institution: Place,
    pub med_type: i16,
    pub insurance: i16,
    /// hosp_lv of the visit or its settlement; where empty, the institution's counts.
    pub level: Option<Level>,
    pub discharge_way: u8,
    pub begin: Option<Moment>,
    pub end: Option<Moment>,
    /// The main diagnosis the visit states itself, as a worker's code.
    pub main_dx: Option<u32>,
    /// Position of refl_old_mdtrt_id in [`Gathered::ids`].
    pub referred_from: Option<u32>,
}

impl RawVisit {
    /// Whether the visit leaves open what its settlement may say. An empty level is mostly that of a clinic without one, so it
    /// is asked for only where visits have no such column.
    pub fn is_open(&self, levels_told: bool) -> bool {
        self.med_type == 0 || self.insurance == 0 || (!levels_told && self.level.is_none())
    }

    /// Takes what it leaves open from its settlement.
    pub fn complete(&mut self, told: &RawVisit, levels_told: bool) {
        if self.med_type == 0 {
            self.med_type = told.med_type;
        }
        if self.insurance == 0 {
            self.insurance = told.insurance;
        }
        if !levels_told {
            self.level = self.level.or(told.level);
        }
    }
}

/// 机构等级 and whether there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Level {
    pub level: u8,
    pub unlevelled: bool,
}

impl Level {
    pub fn of(hosp_lv: &str) -> Level {
        Level { level: level_of_hosp_lv(hosp_lv), unlevelled: is_unlevelled(hosp_lv) }
    }
}

/// An institution as visits refer to it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    /// The worker's id.
    pub id: u32,
    pub level: Level,
    pub pharmacy: bool,
}

impl Place {
    pub fn of(code: &str, worker: &mut Worker, reference: &Reference) -> Place {
        let id = worker.institution(code);
        match reference.institutions.get(code) {
            Some(known) if known.level > 0 => {
                Place { id, level: Level { level: known.level, unlevelled: known.unlevelled }, pharmacy: known.pharmacy }
            }
            known => Place { id, level: Level::of(""), pharmacy: known.map_or_else(|| is_pharmacy_code(code), |known| known.pharmacy) },
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct RawSettlement {
    pub visit: u32,
    pub id: u32,
    pub settlement: Settlement,
}

#[derive(Debug, Clone)]
pub(crate) struct RawDiagnosis {
    pub visit: u32,
    pub main: bool,
    /// Position of setl_list_diag_id in [`Gathered::ids`].
    pub id: u32,
    pub code: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct RawOperation {
    pub visit: u32,
    pub operation: Operation,
    pub end: Option<Moment>,
}

/// Rows of a bucket in the order they came.
#[derive(Default)]
pub(crate) struct Gathered {
    pub persons: Interner,
    pub facts: Vec<PersonFacts>,
    /// mdtrt_id, setl_id, setl_list_diag_id.
    pub ids: Pool,
    pub visits: Vec<RawVisit>,
    pub settlements: Vec<RawSettlement>,
    pub diagnoses: Vec<RawDiagnosis>,
    pub operations: Vec<RawOperation>,
    pub registrations: Vec<(u32, Registration)>,
    by_id: HashTable<u32>,
    /// How many visits `by_id` holds.
    indexed: usize,
    hasher: DefaultHashBuilder,
    hint: usize,
}

impl Gathered {
    pub fn person(&mut self, psn_no: &str) -> u32 {
        let (person, new) = self.persons.intern(psn_no);
        if new {
            self.facts.push(PersonFacts::default());
        }
        person
    }

    pub fn add_visit(&mut self, mut visit: RawVisit, mdtrt_id: &str) -> u32 {
        visit.id = self.ids.push(mdtrt_id);
        self.visits.push(visit);
        self.visits.len() as u32 - 1
    }

    /// The visit of a person. Tables are sorted alike, so it is mostly the one found last or the one after it.
    pub fn find_visit(&mut self, person: u32, mdtrt_id: &str) -> Option<u32> {
        for at in [self.hint, self.hint + 1] {
            if let Some(visit) = self.visits.get(at)
                && visit.person == person
                && self.ids.get(visit.id) == mdtrt_id
            {
                self.hint = at;
                return Some(at as u32);
            }
        }
        let Gathered { visits, ids, by_id, hasher, indexed, .. } = self;
        let hash = |person: u32, id: &str| hasher.hash_one((person, id));
        while *indexed < visits.len() {
            let visit = &visits[*indexed];
            by_id.insert_unique(hash(visit.person, ids.get(visit.id)), *indexed as u32, |&at| {
                let visit = &visits[at as usize];
                hash(visit.person, ids.get(visit.id))
            });
            *indexed += 1;
        }
        let found = by_id
            .find(hash(person, mdtrt_id), |&at| {
                let visit = &visits[at as usize];
                visit.person == person && ids.get(visit.id) == mdtrt_id
            })
            .copied();
        if let Some(at) = found {
            self.hint = at as usize;
        }
        found
    }
}

/// A bucket's persons in order, ready for the kernel but for their lines.
#[derive(Default)]
pub(crate) struct People {
    pub persons: Vec<Person>,
    pub visits: Vec<Visit>,
    pub settlements: Vec<Settlement>,
    pub diagnoses: Vec<Diagnosis>,
    pub operations: Vec<Operation>,
    pub registrations: Vec<Registration>,
    /// Per person, visit, settlement, diagnosis: where its id stands.
    person_nos: Vec<u32>,
    visit_ids: Vec<u32>,
    settlement_ids: Vec<u32>,
    /// [`NONE`] where the diagnosis is the visit's own main diagnosis, without a row in setl_list_diag_d.
    diagnosis_ids: Vec<u32>,
    /// The person of each visit.
    pub person_of: Vec<u32>,
    texts: Interner,
    ids: Pool,
    /// Position here of each visit as it was gathered.
    pub place: Vec<u32>,
}

impl People {
    pub fn psn_no(&self, person: u32) -> &str {
        self.texts.get(self.person_nos[person as usize])
    }

    pub fn mdtrt_id(&self, visit: u32) -> &str {
        self.ids.get(self.visit_ids[visit as usize])
    }

    pub fn setl_id(&self, settlement: u32) -> &str {
        self.ids.get(self.settlement_ids[settlement as usize])
    }

    /// setl_list_diag_id, or the visit's id where the diagnosis stands on the visit itself.
    pub fn diagnosis_key(&self, diagnosis: u32, visit: u32) -> &str {
        match self.diagnosis_ids[diagnosis as usize] {
            NONE => self.mdtrt_id(visit),
            at => self.ids.get(at),
        }
    }

    /// The settlement of a visit that has this id.
    pub fn find_settlement(&self, visit: u32, setl_id: &str) -> Option<u32> {
        let range = self.visits[visit as usize].settlements.clone();
        range.into_iter().find(|&at| self.setl_id(at) == setl_id)
    }

    /// The settlement that stands for lines that name none: the newest of the visit that is not void, else the newest.
    pub fn default_settlement(&self, visit: u32) -> u32 {
        let range = self.visits[visit as usize].settlements.clone();
        let standing = range.clone().rev().find(|&at| !self.settlements[at as usize].void);
        standing.or_else(|| range.last()).unwrap_or(NONE)
    }
}

impl Gathered {
    /// Puts everything in order. `first_line` gives the earliest line of a visit (as gathered) where nothing else says when it began.
    pub fn arrange(mut self, reference: &Reference, first_line: &BTreeMap<u32, Moment>) -> People {
        self.date_visits(first_line);
        let mut person_order: Vec<u32> = (0..self.persons.len() as u32).collect();
        person_order.sort_unstable_by(|&a, &b| self.persons.get(a).cmp(self.persons.get(b)));
        let mut person_rank = vec![0u32; person_order.len()];
        person_order.iter().enumerate().for_each(|(rank, &person)| person_rank[person as usize] = rank as u32);

        let mut order: Vec<u32> = (0..self.visits.len() as u32).collect();
        let key = |at: u32| {
            let visit = &self.visits[at as usize];
            (person_rank[visit.person as usize], visit.begin, self.ids.get(visit.id))
        };
        order.sort_unstable_by(|&a, &b| key(a).cmp(&key(b)));
        let mut place = vec![0u32; order.len()];
        order.iter().enumerate().for_each(|(rank, &at)| place[at as usize] = rank as u32);

        let mut people = People { place, ..People::default() };
        self.arrange_settlements(&mut people);
        self.arrange_diagnoses(&mut people);
        let mut operations = std::mem::take(&mut self.operations);
        operations.sort_by_key(|raw| (people.place[raw.visit as usize], raw.operation.begin));
        for of_visit in operations.chunk_by_mut(|a, b| a.visit == b.visit) {
            join_sessions(of_visit.iter_mut().map(|raw| (&mut raw.operation, raw.end)));
        }

        let (mut at_settlement, mut at_diagnosis, mut at_operation) = (0, 0, 0);
        let settlement_visit: Vec<u32> = self.settlements.iter().map(|raw| people.place[raw.visit as usize]).collect();
        let diagnosis_visit: Vec<u32> = self.diagnoses.iter().map(|raw| people.place[raw.visit as usize]).collect();
        for (rank, &at) in order.iter().enumerate() {
            let raw = &self.visits[at as usize];
            let rank = rank as u32;
            let settlements = run(&settlement_visit, &mut at_settlement, rank);
            let diagnoses = run(&diagnosis_visit, &mut at_diagnosis, rank);
            let start = at_operation;
            while at_operation < operations.len() && people.place[operations[at_operation].visit as usize] == rank {
                at_operation += 1;
            }
            people.visit_ids.push(raw.id);
            people.person_of.push(person_rank[raw.person as usize]);
            people.visits.push(visit_of(raw, settlements, diagnoses, start as u32..at_operation as u32));
        }
        people.operations = operations.into_iter().map(|raw| raw.operation).collect();
        self.link_referrals(&mut people, &order);
        self.arrange_persons(&mut people, &person_order, &person_rank, reference);
        people.texts = self.persons;
        people.ids = self.ids;
        people
    }

    /// A visit without a begin takes that of its first settlement, else of its first line.
    fn date_visits(&mut self, first_line: &BTreeMap<u32, Moment>) {
        if self.visits.iter().all(|visit| visit.begin.is_some()) {
            return;
        }
        let mut first: BTreeMap<u32, Moment> = BTreeMap::new();
        for raw in &self.settlements {
            let held = first.entry(raw.visit).or_insert(raw.settlement.time);
            *held = raw.settlement.time.min(*held);
        }
        for (at, visit) in self.visits.iter_mut().enumerate() {
            if visit.begin.is_none() {
                let at = at as u32;
                visit.begin = [first.get(&at), first_line.get(&at)].into_iter().flatten().min().copied();
            }
        }
    }

    fn arrange_settlements(&mut self, people: &mut People) {
        let ids = &self.ids;
        self.settlements.sort_by(|a, b| {
            (people.place[a.visit as usize], a.settlement.time, ids.get(a.id)).cmp(&(
                people.place[b.visit as usize],
                b.settlement.time,
                ids.get(b.id),
            ))
        });
        people.settlement_ids = self.settlements.iter().map(|raw| raw.id).collect();
        people.settlements = self.settlements.iter().map(|raw| raw.settlement.clone()).collect();
    }

    /// Main diagnoses first. A visit without rows in setl_list_diag_d has the main diagnosis it states itself.
    fn arrange_diagnoses(&mut self, people: &mut People) {
        let mut known = vec![false; self.visits.len()];
        self.diagnoses.iter().for_each(|raw| known[raw.visit as usize] = true);
        for (at, visit) in self.visits.iter().enumerate() {
            if let Some(code) = visit.main_dx.filter(|_| !known[at]) {
                self.diagnoses.push(RawDiagnosis { visit: at as u32, main: true, id: NONE, code });
            }
        }
        let ids = &self.ids;
        let id = |at: u32| if at == NONE { "" } else { ids.get(at) };
        self.diagnoses
            .sort_by(|a, b| (people.place[a.visit as usize], !a.main, id(a.id)).cmp(&(people.place[b.visit as usize], !b.main, id(b.id))));
        people.diagnosis_ids = self.diagnoses.iter().map(|raw| raw.id).collect();
        people.diagnoses = self.diagnoses.iter().map(|raw| Diagnosis { code: raw.code, main: raw.main }).collect();
    }

    fn link_referrals(&mut self, people: &mut People, order: &[u32]) {
        for (rank, &at) in order.iter().enumerate() {
            let raw = &self.visits[at as usize];
            let Some(id) = raw.referred_from else { continue };
            let (person, id) = (raw.person, self.ids.get(id).to_owned());
            if let Some(found) = self.find_visit(person, &id).filter(|&found| found != at) {
                people.visits[rank].referred_from = people.place[found as usize];
            }
        }
    }

    fn arrange_persons(&mut self, people: &mut People, order: &[u32], rank: &[u32], reference: &Reference) {
        let mut registrations = std::mem::take(&mut self.registrations);
        registrations.sort_by_key(|(person, registration)| (rank[*person as usize], registration.begin, registration.end));
        let (mut at_visit, mut at_registration) = (0, 0);
        let owner: Vec<u32> = registrations.iter().map(|(person, _)| rank[*person as usize]).collect();
        for (rank, &person) in order.iter().enumerate() {
            let facts = &self.facts[person as usize];
            people.persons.push(Person {
                sex: facts.sex,
                birth: facts.birth,
                death: reference.deaths.of(&facts.certificate, &facts.name, facts.birth).or(facts.died),
                visits: run(&people.person_of, &mut at_visit, rank as u32),
                registrations: run(&owner, &mut at_registration, rank as u32),
            });
            people.person_nos.push(person);
        }
        people.registrations = registrations.into_iter().map(|(_, registration)| registration).collect();
    }
}

/// The run of `of` in an ascending list, from where the last run ended.
fn run(list: &[u32], at: &mut usize, of: u32) -> Range<u32> {
    let start = *at;
    while *at < list.len() && list[*at] == of {
        *at += 1;
    }
    start as u32..*at as u32
}

fn visit_of(raw: &RawVisit, settlements: Range<u32>, diagnoses: Range<u32>, operations: Range<u32>) -> Visit {
    let level = raw.level.unwrap_or(raw.institution.level);
    Visit {
        institution: raw.institution.id,
        med_type: raw.med_type,
        care: Care::of_med_type(raw.med_type),
        insurance: raw.insurance,
        level: level.level,
        unlevelled: level.unlevelled,
        pharmacy: raw.institution.pharmacy,
        discharge_way: raw.discharge_way,
        begin: raw.begin.unwrap_or(0),
        end: raw.end,
        referred_from: NONE,
        lines: 0..0,
        settlements,
        diagnoses,
        operations,
    }
}
