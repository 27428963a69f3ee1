//! Makes the history of many persons out of that of few: `grow_history FROM.redb TO.redb PERSONS`. Everybody comes again under other
//! numbers (`…-1`, `…-2`) with the same visits, until there are so many. Prints what came of it as JSON.

use std::path::Path;
use std::time::Instant;

use mingjian_counter::{History, HistoryError, Meeting};
use mingjian_screening::person::PersonRows;

/// Persons a transaction stores.
const AT_ONCE: usize = 5_000;

fn main() -> Result<(), HistoryError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, wanted] = arguments.as_slice() else {
        println!("grow_history FROM.redb TO.redb PERSONS");
        return Ok(());
    };
    let wanted: usize = wanted.parse().unwrap_or(0);
    let begun = Instant::now();
    let from = History::open(Path::new(from))?;
    let mut to = History::open(Path::new(to))?;
    let persons = from.persons()?;
    // By number, as a load from the lake comes too.
    let copies = wanted.div_ceil(persons.len().max(1));
    let mut named = persons.iter().flat_map(|person| (0..copies).map(move |copy| (person, copy))).take(wanted).peekable();
    while named.peek().is_some() {
        let stored: Result<(), HistoryError> = to.bulk(|bulk| {
            for (person, copy) in named.by_ref().take(AT_ONCE) {
                let name = if copy == 0 { person.clone() } else { format!("{person}-{copy}") };
                from.with_person(person, |rows| bulk.put(&PersonRows { psn_no: &name, ..rows }, Meeting::Fresh))??;
            }
            Ok(())
        })?;
        stored?;
    }
    to.compact()?;
    let (size, (stored, free)) = (to.size()?, to.fill()?);
    let bytes = std::fs::metadata(to.path()).map_or(0, |file| file.len());
    println!(
        "{{\"persons\":{},\"visits\":{},\"bytes\":{bytes},\"stored_bytes\":{stored},\"free_bytes\":{free},\"seconds\":{:.1}}}",
        size.persons,
        size.visits,
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}
