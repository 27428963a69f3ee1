//! 明鉴, the one binary. Goes in: what is typed. Comes out: results on standard output, remarks and errors on standard error, an exit code
//! (0 done, 1 failed, 2 wrong use, 130 interrupted).
//!
//! Start reading at [`args`] for what may be typed, at [`commands`] for what it does. All that knows of terminals, files of other programs
//! and Chinese phrases of help stands here; the crates below know data.

mod args;
mod cells;
mod codes;
mod columns;
mod commands;
mod counter;
mod errors;
mod findings;
mod format;
mod help;
mod memory;
mod output;
mod platform;
mod progress;
mod report;
mod runs;
mod settings;
mod table;
mod workspace;

use std::process::ExitCode;

use clap::FromArgMatches;
use clap::error::ErrorKind;

use args::Cli;
use errors::Failure;
use output::Context;

fn main() -> ExitCode {
    errors::install_panic_hook();
    std::panic::catch_unwind(run).unwrap_or(ExitCode::FAILURE)
}

fn run() -> ExitCode {
    let cli = match help::command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return answer_clap(&error),
    };
    if matches!(cli.command, args::Command::Serve(_)) {
        memory::keep_heaps();
    } else {
        memory::share_heaps();
        // A server ends its calls first, by itself.
        watch_for_interrupt();
    }
    let mut context = Context::new(&cli.common);
    let outcome = commands::run(cli.command, &mut context).and_then(|()| context.flush());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure),
    }
}

fn report(failure: &Failure) -> ExitCode {
    if !failure.is_silent() {
        eprintln!("{}", failure.render());
    }
    ExitCode::from(failure.exit_code())
}

/// Help and version are asked for; everything else is wrong use.
fn answer_clap(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let shown = match error.kind() {
            ErrorKind::DisplayVersion => format!("明鉴 {}\n", error.to_string().trim()),
            _ => error.to_string(),
        };
        // A reader that has gone (`| head`) is no failure.
        let _ = std::io::Write::write_all(&mut std::io::stdout(), shown.as_bytes());
        return ExitCode::SUCCESS;
    }
    report(&Failure::wrong_use(help::explain_wrong_use(error)).advise("看帮助：mingjian --help，或 mingjian <命令> --help"))
}

/// A version of the lake is there whole or not at all, so that one may stop at any moment; this only says so.
fn watch_for_interrupt() {
    let set = ctrlc::set_handler(|| {
        eprintln!("\n已中断。数据湖仍是上一个版本，没有损坏；重新执行刚才的命令即可。");
        std::process::exit(130);
    });
    if let Err(error) = set {
        eprintln!("提示：不能接管 Ctrl-C（{error}），中断仍然安全，只是没有说明。");
    }
}
