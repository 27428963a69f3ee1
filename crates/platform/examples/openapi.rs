//! Prints the description of the interface, from which clients are generated:
//! `cargo run -p mingjian-platform --example openapi > openapi.json`

fn main() {
    print!("{}", mingjian_platform::openapi());
}
