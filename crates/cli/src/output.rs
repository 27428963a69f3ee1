//! Where words go: results to standard output, progress and remarks to standard error; colours on a terminal only.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use crate::args::{Common, When};
use crate::errors::Outcome;
use crate::table::Table;

/// What every command is given.
pub struct Context {
    pub workspace: PathBuf,
    /// `--json`.
    pub json: bool,
    /// Progress bars: on a terminal, unless `--quiet`.
    pub progress: bool,
    /// Remarks on standard error: on a terminal, unless `--quiet`.
    pub remarks: bool,
    color: bool,
    /// Width of the terminal; `None` when the output goes elsewhere.
    pub room: Option<usize>,
    out: Box<dyn Write + Send>,
}

/// A style of text; on a terminal only.
#[derive(Clone, Copy)]
pub enum Style {
    Bold,
    Dim,
    /// 违规
    Red,
    /// 可疑
    Amber,
    /// 通过
    Green,
    /// 提醒、编号
    Blue,
}

impl Context {
    pub fn new(common: &Common) -> Context {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        let color = match common.color {
            When::Always => true,
            When::Never => false,
            When::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        let room = terminal.then(|| terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0).max(60)));
        let out = Box::new(io::BufWriter::with_capacity(1 << 16, stdout));
        let watched = !common.quiet && io::stderr().is_terminal();
        Context { workspace: common.workspace.clone(), json: common.json, progress: watched, remarks: watched, color, room, out }
    }

    /// One line of the result.
    pub fn say(&mut self, text: impl Display) -> Outcome {
        writeln!(self.out, "{text}")?;
        Ok(())
    }

    /// An empty line.
    pub fn gap(&mut self) -> Outcome {
        self.say("")
    }

    /// A heading.
    pub fn heading(&mut self, text: impl Display) -> Outcome {
        let text = self.paint(Style::Bold, text);
        self.say(text)
    }

    /// A table with its titles dimmed.
    pub fn table(&mut self, table: &Table) -> Outcome {
        let lines = table.lines(self.room);
        for (i, line) in lines.into_iter().enumerate() {
            let line = if i == 0 { self.paint(Style::Dim, line) } else { line };
            self.say(line)?;
        }
        Ok(())
    }

    /// The result as JSON.
    pub fn json_value(&mut self, value: &serde_json::Value) -> Outcome {
        serde_json::to_writer_pretty(&mut self.out, value)?;
        self.gap()
    }

    /// A remark for whoever sits there, on standard error.
    pub fn remark(&self, text: impl Display) {
        if self.remarks {
            // Nobody may be listening; a remark is not worth failing for.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Standard output itself, for streams.
    pub fn raw(&mut self) -> &mut (dyn Write + Send) {
        &mut self.out
    }

    pub fn flush(&mut self) -> Outcome {
        self.out.flush()?;
        Ok(())
    }

    pub fn paint(&self, style: Style, text: impl Display) -> String {
        if !self.color {
            return text.to_string();
        }
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Red => "31",
            Style::Amber => "33",
            Style::Green => "32",
            Style::Blue => "36",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}
