//! `cargo run -p mingjian-rules --example fuzz -- SECONDS [SEED]`: mutates rule and knowledge files for so long. What makes it
//! panic is printed with its seed.

mod mutate;

use std::time::{Duration, Instant};

use mutate::{Random, mutated, seeds};

fn main() {
    let mut args = std::env::args().skip(1);
    let seconds = args.next().and_then(|text| text.parse().ok()).unwrap_or(60);
    let first: u64 = args.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let seeds = seeds();
    let begun = Instant::now();
    let mut seed = first;
    while begun.elapsed() < Duration::from_secs(seconds) {
        let files = mutated(&seeds, &mut Random::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let read = std::panic::catch_unwind(|| mutate::read(&files));
        if read.is_err() {
            println!("种子 {seed} 使读取崩溃：\n{}", files[0].1);
            std::process::exit(1);
        }
        seed += 1;
    }
    println!("{} 个变异文件，没有崩溃（下一个种子 {seed}）", seed - first);
}
