//! The commands, one module each.

mod aside;
mod audit;
mod backup;
mod city;
mod completions;
pub mod explain;
mod findings;
mod his_sim;
mod history;
pub mod import;
mod lake;
mod leads;
mod report;
mod rules;
pub mod screen;
pub mod serve;
mod users;

use crate::args::Command;
use crate::errors::Outcome;
use crate::output::Context;

/// Runs what was typed.
pub fn run(command: Command, context: &mut Context) -> Outcome {
    match command {
        Command::City(arguments) => city::run(&arguments, context),
        Command::Import(arguments) => import::run(&arguments, context),
        Command::Rejected(arguments) => aside::rejected(&arguments, context),
        Command::Quality(arguments) => aside::quality(&arguments, context),
        Command::Lake(arguments) => lake::run(&arguments.command, context),
        Command::Rules(arguments) => rules::run(&arguments, context),
        Command::Screen(arguments) => screen::run(&arguments, context),
        Command::Findings(arguments) => findings::run(&arguments, context),
        Command::Explain(arguments) => explain::run(&arguments, context),
        Command::Report(arguments) => report::run(&arguments, context),
        Command::Serve(arguments) => serve::run(&arguments, context),
        Command::HisSim(arguments) => his_sim::run(&arguments, context),
        Command::History(arguments) => history::run(&arguments.command, context),
        Command::Leads(arguments) => leads::run(&arguments, context),
        Command::Users(arguments) => users::run(&arguments, context),
        Command::Audit(arguments) => audit::run(&arguments, context),
        Command::Backup(arguments) => backup::run(&arguments, context),
        Command::Completions(arguments) => completions::run(&arguments, context),
        Command::HelpPage => context.say(crate::help::page().trim_end()),
    }
}
