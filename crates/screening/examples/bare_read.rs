//! The yardstick of `make bench`: reads the columns that the kernel's rules look at, of every bucket, and nothing else.
//!
//! `cargo run -p mingjian-screening --example bare_read -- WORKSPACE`; prints `{"lines": …}`.

use std::path::Path;

use mingjian_lake::Lake;
use mingjian_rules::{Library, Status};
use mingjian_screening::Plan;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let workspace = std::env::args().nth(1).ok_or("name a workspace")?;
    let snapshot = Lake::open(Path::new(&workspace))?.snapshot(None)?;
    let library = Library::built_in();
    let kernel = library.rules.iter().filter(|rule| rule.sql.is_none() && rule.status == Status::Live);
    let plan = Plan::new(kernel.flat_map(|rule| &rule.reads).copied());
    let mut lines = 0;
    for bucket in 0..snapshot.buckets() {
        for table in plan.tables().filter(|table| snapshot.has_table(table)) {
            let columns = plan.columns(&snapshot, table);
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            if columns.is_empty() {
                continue;
            }
            let runs = snapshot.read_bucket(table, bucket, &columns)?;
            if table == "fee_list_d" {
                lines += runs.iter().flatten().map(|batch| batch.num_rows()).sum::<usize>();
            }
            std::hint::black_box(&runs);
        }
    }
    println!("{{\"lines\": {lines}}}");
    Ok(())
}
