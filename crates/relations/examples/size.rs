//! How large the index is and how long its questions take: `cargo run --release -p mingjian-relations --example size [persons]`. Five visits a
//! person and year, a tenth of them stays, at as many institutions as a region of that size has; a group of companions planted.

use std::time::Instant;

use mingjian_relations::{Ask, Builder, Kind, Kinds, View};

fn main() {
    let persons: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let mut state = 1u64;
    let mut lot = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let (hospitals, clinics, days) = ((persons / 12_000).max(3), (persons / 800).max(20), 365);
    let begun = Instant::now();
    let mut builder = Builder::default();
    for no in 0..persons {
        let person = format!("3309{no:011}");
        let home = lot(hospitals);
        for _ in 0..5 {
            let (day, stay) = (lot(days) as i32, lot(10) == 0);
            let place = if stay { format!("H{home:011}") } else { format!("C{:011}", (no / 800 + lot(3)) % clinics) };
            builder.add(&person, "330902", &place, "330902", if stay { Kind::Stay } else { Kind::Visit }, day);
        }
    }
    for no in 0..6 {
        for day in [30, 90, 150, 210] {
            builder.add(&format!("3309{:011}", no * 7), "330902", "H00000000000", "330902", Kind::Stay, day);
        }
    }
    let index = builder.finish();
    println!("{persons} persons, {} rows, read and sorted in {:.1?}, {} bytes", index.visits(), begun.elapsed(), index.bytes());
    let ask = Ask::default();
    let view = View::new(&index, &ask, |_| true);
    let timed = Instant::now();
    let found = view.groups();
    println!(
        "{} groups in {:.1?}, the first of {} persons",
        found.groups.len(),
        timed.elapsed(),
        found.groups.first().map_or(0, |group| group.members.len())
    );
    let timed = Instant::now();
    println!("dealt out anew: {:?} in {:.1?}", view.dealt(20, 1), timed.elapsed());
    let timed = Instant::now();
    let around = view.around(&[0]);
    let chance = view.chance(&around.core, 10_000, 1);
    println!("around one: {} persons, {chance:?} in {:.1?}", around.core.len(), timed.elapsed());
    let all = Ask { kinds: Kinds::All, least: 5, degree: 2, ..Ask::default() };
    let timed = Instant::now();
    let around = View::new(&index, &all, |_| true).around(&[0]);
    println!(
        "all kinds, two steps: {} and {} persons in {:.1?}",
        around.core.len(),
        around.fringe.len() + around.fringe_left,
        timed.elapsed()
    );
}
