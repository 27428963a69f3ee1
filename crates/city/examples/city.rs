//! Makes a city as CSV files: `cargo run -p mingjian-city --example city -- OUT PERSONS SEED MONTHS [clean]`. With `-` for OUT the rows go nowhere,
//! which measures the generator alone.

use mingjian_city::{Block, CsvFolder, Options, Rates, Sink, generate};
use std::io;
use std::path::Path;

struct Nowhere;

impl Sink for Nowhere {
    fn write(&self, _: Block<'_>) -> io::Result<()> {
        Ok(())
    }

    fn truth(&self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, persons, seed, months, rest @ ..] = &arguments[..] else {
        return Err("usage: city OUT PERSONS SEED MONTHS [clean]".into());
    };
    let plant = if rest.first().is_some_and(|word| word == "clean") { Rates::none() } else { Rates::default() };
    let options = Options { persons: persons.parse()?, seed: seed.parse()?, months: months.parse()?, plant, ..Options::default() };
    let sink: Box<dyn Sink> = if out == "-" { Box::new(Nowhere) } else { Box::new(CsvFolder::create(Path::new(out))?) };
    let summary = generate(&options, sink.as_ref(), &|_| {})?;
    println!(
        "{} persons, {} institutions, {} settlements ({} stays), {} fee lines, {} acts, {} look-alikes",
        summary.persons, summary.institutions, summary.settlements, summary.stays, summary.fee_lines, summary.acts, summary.lookalikes
    );
    for (table, rows) in &summary.rows {
        println!("{rows:>12}  {table}");
    }
    Ok(())
}
