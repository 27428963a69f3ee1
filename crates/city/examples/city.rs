//! Makes a city as CSV files: `cargo run -p mingjian-city --example city -- OUT PERSONS SEED MONTHS [clean]`.

use mingjian_city::{CsvFolder, Options, Rates, generate};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, persons, seed, months, rest @ ..] = &arguments[..] else {
        return Err("usage: city OUT PERSONS SEED MONTHS [clean]".into());
    };
    let plant = if rest.first().is_some_and(|word| word == "clean") { Rates::none() } else { Rates::default() };
    let options = Options { persons: persons.parse()?, seed: seed.parse()?, months: months.parse()?, plant, ..Options::default() };
    let sink = CsvFolder::create(Path::new(out))?;
    let summary = generate(&options, &sink, &|_| {})?;
    println!(
        "{} persons, {} institutions, {} settlements ({} stays), {} fee lines, {} acts, {} look-alikes",
        summary.persons, summary.institutions, summary.settlements, summary.stays, summary.fee_lines, summary.acts, summary.lookalikes
    );
    for (table, rows) in &summary.rows {
        println!("{rows:>12}  {table}");
    }
    Ok(())
}
