//! Makes the city block by block: workers make blocks, the calling thread writes them in order.

use crate::acts::{self, Scheduled};
use crate::calendar::Calendar;
use crate::care::Life;
use crate::catalogue::Catalogue;
use crate::cells::{Rows, at_column};
use crate::emit::{BlockRows, psn_no};
use crate::money::Wallet;
use crate::truth::Act;
use crate::world::{World, practitioner_name};
use crate::{Block, City, CityError, Options, Progress, SCENARIOS, Sink, Summary, people};
use mingjian_model::schema::PSN_RESTRICT_B;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// Persons of a block: a neighbourhood that shares clinic, pharmacy and hospitals.
const BLOCK: u32 = 500;
/// Blocks that may wait to be written, beyond one a worker.
const WAITING: usize = 3;

/// What a worker hands over.
struct Made {
    tables: Vec<Rows>,
    truth: Vec<u8>,
    persons: u64,
    stays: u64,
    acts: u64,
    lookalikes: u64,
}

#[derive(Default)]
struct Queue {
    made: Mutex<BTreeMap<usize, Made>>,
    changed: Condvar,
    written: AtomicUsize,
    stop: AtomicUsize,
}

/// Makes a city.
///
/// Rows go to `sink` from the calling thread: first the master tables, then the persons block by block in order. Equal
/// options give equal bytes whatever `threads` is. Memory: a few blocks of 500 persons a thread (a year of one is some
/// 15 MB), besides the institutions and the schedule of acts.
///
/// Errors: options out of range, or what the sink could not write.
pub fn generate(options: &Options, sink: &dyn Sink, progress: &dyn Fn(Progress)) -> Result<Summary, CityError> {
    check(options)?;
    let blocks = options.persons.div_ceil(BLOCK);
    let calendar = Calendar::new(options.from, options.months);
    let (schedule, specials) = acts::schedule(&options.plant, options.persons, options.months, calendar.days(), blocks, options.seed);
    let catalogue = Catalogue::embedded();
    let world = World::new(options.persons as usize, blocks as usize, &specials, options.seed, calendar.from, &catalogue);
    let doctors = world.institutions.iter().flat_map(|i| i.doctors()).map(|(id, _)| id).max().unwrap_or(0);
    let city = City {
        first_special: world.institutions.len() - specials.len(),
        practitioners: (0..=doctors).map(|id| practitioner_name(id, options.seed)).collect(),
        catalogue,
        world,
        calendar,
        seed: options.seed,
    };
    let mut summary = Summary { institutions: city.world.institutions.len() as u64, ..Summary::default() };
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    for rows in crate::masters::tables(&city) {
        write(sink, &rows, &mut counts)?;
    }
    let queue = Queue::default();
    let next = AtomicUsize::new(0);
    let threads = options.threads.max(1);
    let result = std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(&city, options.persons, blocks as usize, &schedule, &next, &queue, threads));
        }
        let result = collect(sink, blocks as usize, options.persons, &queue, &mut counts, &mut summary, progress);
        queue.stop.store(1, Ordering::Release);
        queue.changed.notify_all();
        result
    });
    result?;
    sink.finish().map_err(|source| CityError::Write { table: "truth", source })?;
    summary.fee_lines = counts.get("fee_list_d").copied().unwrap_or(0);
    summary.settlements = counts.get("setl_d").copied().unwrap_or(0);
    summary.rows = counts.into_iter().collect();
    Ok(summary)
}

fn check(options: &Options) -> Result<(), CityError> {
    if options.persons < BLOCK {
        return Err(CityError::TooFewPersons { persons: options.persons });
    }
    if options.persons > 15_000_000 {
        return Err(CityError::TooManyPersons { persons: options.persons });
    }
    let (year, month) = options.from;
    if !(2000..=2100).contains(&year) || !(1..=12).contains(&month) || !(1..=60).contains(&options.months) {
        return Err(CityError::Period { year, month, months: options.months });
    }
    for (name, _) in &options.plant.scenarios {
        if SCENARIOS.iter().all(|s| s.name != name) {
            return Err(CityError::UnknownScenario { name: name.clone() });
        }
    }
    Ok(())
}

fn write(sink: &dyn Sink, rows: &Rows, counts: &mut BTreeMap<&'static str, u64>) -> Result<(), CityError> {
    *counts.entry(rows.table.name).or_default() += rows.count;
    if rows.count == 0 {
        return Ok(());
    }
    sink.write(Block { table: rows.table, rows: rows.count, bytes: &rows.bytes })
        .map_err(|source| CityError::Write { table: rows.table.name, source })
}

fn work(city: &City, persons: u32, blocks: usize, schedule: &[Scheduled], next: &AtomicUsize, queue: &Queue, threads: usize) {
    loop {
        let block = next.fetch_add(1, Ordering::Relaxed);
        if block >= blocks {
            return;
        }
        // Wait until the writer has come near, so that memory stays small.
        let mut made = queue.made.lock().unwrap_or_else(PoisonError::into_inner);
        while block > queue.written.load(Ordering::Acquire) + threads + WAITING {
            if queue.stop.load(Ordering::Acquire) == 1 {
                return;
            }
            made = queue.changed.wait(made).unwrap_or_else(PoisonError::into_inner);
        }
        drop(made);
        if queue.stop.load(Ordering::Acquire) == 1 {
            return;
        }
        let first = block as u32 * BLOCK;
        let count = BLOCK.min(persons - first);
        let from = schedule.partition_point(|act| (act.block as usize) < block);
        let to = schedule.partition_point(|act| act.block as usize <= block);
        let result = make(city, block, first, count, &schedule[from..to], blocks);
        queue.made.lock().unwrap_or_else(PoisonError::into_inner).insert(block, result);
        queue.changed.notify_all();
    }
}

#[allow(clippy::too_many_arguments)]
fn collect(
    sink: &dyn Sink,
    blocks: usize,
    persons: u32,
    queue: &Queue,
    counts: &mut BTreeMap<&'static str, u64>,
    summary: &mut Summary,
    progress: &dyn Fn(Progress),
) -> Result<(), CityError> {
    for block in 0..blocks {
        let made = {
            let mut waiting = queue.made.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                if let Some(made) = waiting.remove(&block) {
                    break made;
                }
                waiting = queue.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            }
        };
        for rows in &made.tables {
            write(sink, rows, counts)?;
        }
        if !made.truth.is_empty() {
            sink.truth(&made.truth).map_err(|source| CityError::Write { table: "truth", source })?;
        }
        summary.persons += made.persons;
        summary.stays += made.stays;
        summary.acts += made.acts;
        summary.lookalikes += made.lookalikes;
        queue.written.store(block + 1, Ordering::Release);
        queue.changed.notify_all();
        progress(Progress {
            persons_done: summary.persons,
            persons: u64::from(persons),
            fee_lines: counts.get("fee_list_d").copied().unwrap_or(0),
        });
    }
    Ok(())
}

/// Makes one block: its persons, their lives, the acts, and all of it as rows.
fn make(city: &City, block: usize, first: u32, count: u32, scheduled: &[Scheduled], blocks: usize) -> Made {
    let district = block * city.catalogue.districts.len() / blocks.max(1);
    let mut persons = people::block(first, count as usize, block, district, city.seed, &city.calendar, &city.catalogue);
    let cast = acts::cast(city, &persons, scheduled);
    acts::disguise(&mut persons, &cast);
    let near = city.world.near(block);
    let mut rows = BlockRows::new();
    let mut restrictions = Rows::new(&PSN_RESTRICT_B);
    let mut truth = vec![Act::default(); scheduled.len()];
    let mut made = Made { tables: Vec::new(), truth: Vec::new(), persons: 0, stays: 0, acts: 0, lookalikes: 0 };
    for (person, plantings) in persons.iter().zip(&cast) {
        made.persons += 1;
        if person.born >= city.calendar.to {
            continue;
        }
        rows.person(city, person);
        let mut life = Life::new(city, person, near);
        life.live(&acts::quiet(plantings));
        for planting in plantings {
            acts::plant(&mut life, planting);
            if planting.scenario.name == "restricted_person" {
                restrictions
                    .row()
                    .text(at_column!(PSN_RESTRICT_B.code), &psn_no(person.index))
                    .day(at_column!(PSN_RESTRICT_B.begndate), planting.day - 20)
                    .day(at_column!(PSN_RESTRICT_B.enddate), planting.day + 70)
                    .text(at_column!(PSN_RESTRICT_B.reason), "欺诈骗保暂停医疗费用联网结算")
                    .end();
            }
        }
        let mut wallet = Wallet::new(person);
        let mut order: Vec<usize> = (0..life.claims.len()).collect();
        order.sort_by_key(|i| life.claims[*i].end);
        for i in order {
            let claim = &life.claims[i];
            made.stays += u64::from(claim.is_stay());
            rows.claim(city, block, person, &mut wallet, claim, &mut truth);
        }
    }
    for (scheduled, act) in scheduled.iter().zip(&truth) {
        if act.persons.is_empty() {
            continue;
        }
        let scenario = &SCENARIOS[scheduled.scenario as usize];
        if scenario.legal {
            made.lookalikes += 1;
        } else {
            made.acts += 1;
        }
        act.write(&mut made.truth, &format!("A{:07}", scheduled.number + 1), scenario);
    }
    let ledger = std::mem::take(&mut rows.ledger);
    ledger.close(city, block, &mut rows.stock);
    made.tables = rows.into_tables();
    made.tables.push(restrictions);
    made
}
