//! What a user reads when something fails: what, why (the whole chain), and what to do.

use std::error::Error;
use std::fmt::Write as _;
use std::io;

/// A failed command: a sentence, its causes, and advice.
#[derive(Debug)]
pub struct Failure {
    what: String,
    causes: Vec<String>,
    advice: Option<String>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Exit code 1.
    Failed,
    /// Exit code 2.
    WrongUse,
    /// Exit code 5: what was to be proved does not hold.
    Unproved,
    /// The reader of our output has gone (`| head`): nothing to say.
    ReaderGone,
}

pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// Something did not work, for a reason of our own.
    pub fn new(what: impl Into<String>) -> Failure {
        Failure { what: what.into(), causes: Vec::new(), advice: None, kind: Kind::Failed }
    }

    /// The command was written wrongly in a way clap cannot see.
    pub fn wrong_use(what: impl Into<String>) -> Failure {
        Failure { kind: Kind::WrongUse, ..Failure::new(what) }
    }

    /// A check ran to its end, and what it checks does not hold.
    pub fn unproved(what: impl Into<String>) -> Failure {
        Failure { kind: Kind::Unproved, ..Failure::new(what) }
    }

    /// What to do about it.
    pub fn advise(mut self, advice: impl Into<String>) -> Failure {
        self.advice = Some(advice.into());
        self
    }

    pub fn is_silent(&self) -> bool {
        self.kind == Kind::ReaderGone
    }

    /// What, causes and advice in one line, for a page.
    pub fn in_a_line(&self) -> String {
        let causes = self.causes.iter().map(|cause| format!("：{cause}"));
        let advice = self.advice.iter().map(|advice| format!("。{advice}"));
        std::iter::once(self.what.clone()).chain(causes).chain(advice).collect()
    }

    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Failed => 1,
            Kind::WrongUse => 2,
            Kind::Unproved => 5,
            Kind::ReaderGone => 0,
        }
    }

    /// The text for standard error.
    pub fn render(&self) -> String {
        let mut text = format!("错误：{}", self.what);
        for cause in &self.causes {
            let _ = write!(text, "\n  原因：{cause}");
        }
        if let Some(advice) = &self.advice {
            let _ = write!(text, "\n  办法：{advice}");
        }
        text
    }
}

/// Every error of the crates below comes in here with its chain of sources.
impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Failure {
        let mut failure = Failure::new(told(&error));
        // The crates below say themselves what to do; a bare I/O error does not.
        let bare = (&error as &(dyn Error + 'static)).downcast_ref::<io::Error>().map(io::Error::kind);
        let mut io_kind = bare;
        let mut source = error.source();
        while let Some(cause) = source {
            io_kind = io_kind.or_else(|| cause.downcast_ref::<io::Error>().map(io::Error::kind));
            let text = told(cause);
            if failure.causes.last().unwrap_or(&failure.what) != &text {
                failure.causes.push(text);
            }
            source = cause.source();
        }
        if io_kind == Some(io::ErrorKind::BrokenPipe) {
            failure.kind = Kind::ReaderGone;
        }
        failure.advice = bare.and_then(advice_for);
        failure
    }
}

/// The error's text; of an error of the system a Chinese one.
fn told(error: &(dyn Error + 'static)) -> String {
    error.downcast_ref::<io::Error>().map_or_else(|| error.to_string(), mingjian_lake::told)
}

/// Says where, in front of what failed.
pub trait During<T> {
    fn during(self, doing: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T, E: Into<Failure>> During<T> for Result<T, E> {
    fn during(self, doing: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|error| {
            let mut failure = error.into();
            let was = std::mem::replace(&mut failure.what, doing());
            failure.causes.insert(0, was);
            failure
        })
    }
}

fn advice_for(kind: io::ErrorKind) -> Option<String> {
    let advice = match kind {
        io::ErrorKind::NotFound => "检查路径是否写对、文件是否还在",
        io::ErrorKind::PermissionDenied => "检查这个路径的读写权限，或换一个有权限的用户、目录（--workspace）",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "磁盘满了：清出空间后重新执行；数据湖仍是上一个版本，没有损坏",
        io::ErrorKind::ReadOnlyFilesystem => "这个位置只读：换一个可写的目录（--workspace 或 --out）",
        io::ErrorKind::IsADirectory => "这里要写文件，给出的是目录",
        io::ErrorKind::NotADirectory => "这里要写目录，给出的是文件",
        _ => return None,
    };
    Some(advice.to_owned())
}

/// Replaces the standard report of a panic: a user reads what to do, not a backtrace.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line())).unwrap_or_default();
        let why = panic.payload_as_str().unwrap_or("没有说明");
        eprintln!("程序内部出错，不是您的操作有误。数据湖仍是上一个版本，没有损坏。");
        eprintln!("  位置：{place}\n  原因：{why}\n  办法：重试一次；仍然出错，请把以上几行和所用的命令告诉开发者。");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_told_once_with_advice() {
        let failure = Err::<(), _>(io::Error::from(io::ErrorKind::StorageFull)).during(|| "写不成 报告.html".to_owned());
        let text = failure.map_err(|failure| failure.render()).unwrap_err();
        assert!(text.starts_with("错误：写不成 报告.html\n  原因："), "{text}");
        assert!(text.contains("磁盘满了"), "{text}");
    }

    #[test]
    fn a_gone_reader_is_no_failure() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(failure.is_silent());
        assert_eq!(failure.exit_code(), 0);
    }
}
