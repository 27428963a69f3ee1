//! `mingjian completions`: scripts with which a shell completes commands and options.

use crate::args::Completions;
use crate::errors::Outcome;
use crate::help;
use crate::output::Context;

pub fn run(arguments: &Completions, context: &mut Context) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut help::command(), "mingjian", &mut script);
    context.raw().write_all(&script)?;
    Ok(())
}
