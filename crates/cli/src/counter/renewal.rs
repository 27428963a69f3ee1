//! 换设置不停服: keys, dialects and the certificate are read anew when their files change; faulty ones are told and the old ones stay.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use mingjian_server::{Service, Tls};

use crate::args::Serve;
use crate::commands::serve::{access, dialects};
use crate::errors::{Failure, Outcome};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(2);

/// When a file was written last and how long it is; `None`: it is not there.
type Stamp = Option<(SystemTime, u64)>;

/// Something that files say.
struct Told {
    title: &'static str,
    files: Vec<PathBuf>,
    seen: Vec<Stamp>,
    /// Changed, and written so lately that more may follow.
    pending: bool,
}

impl Told {
    fn of(title: &'static str, files: Vec<PathBuf>) -> Told {
        let seen = stamps(&files);
        Told { title, files, seen, pending: false }
    }

    /// Whether the files have changed and stood still since the last look: who writes a certificate and then its key is let finish.
    fn is_due(&mut self) -> bool {
        let now = stamps(&self.files);
        let moved = now != self.seen;
        self.seen = now;
        let due = self.pending && !moved;
        self.pending = moved;
        due
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Stamp> {
    let stamp =
        |path: &PathBuf| std::fs::metadata(path).ok().map(|about| (about.modified().unwrap_or(SystemTime::UNIX_EPOCH), about.len()));
    files.iter().map(stamp).collect()
}

/// What is looked after while the server runs.
pub struct Renewal {
    workspace: PathBuf,
    keys: Told,
    dialects: Told,
    certificate: Told,
}

impl Renewal {
    /// To be begun before the files are read, lest a change between goes unseen.
    pub fn begin(workspace: &Path, arguments: &Serve) -> Renewal {
        Renewal {
            workspace: workspace.to_path_buf(),
            keys: Told::of("密钥文件", arguments.keys.iter().cloned().collect()),
            dialects: Told::of("方言表", vec![workspace.join("dialects.toml")]),
            certificate: Told::of("证书", arguments.cert.iter().chain(&arguments.key).cloned().collect()),
        }
    }

    pub fn watch(mut self, service: &Service, tls: Option<&Tls>) {
        loop {
            std::thread::sleep(EVERY);
            for line in self.look(service, tls) {
                eprintln!("{line}");
            }
        }
    }

    /// Takes up what has changed; tells what came of it.
    fn look(&mut self, service: &Service, tls: Option<&Tls>) -> Vec<String> {
        let mut said = Vec::new();
        if self.keys.is_due() {
            let path = self.keys.files.first().cloned();
            said.push(told(
                &self.keys,
                access(path.as_deref()).and_then(|fresh| {
                    if service.renew_access(fresh) {
                        Ok(())
                    } else {
                        Err(Failure::new("没有密钥；原来要密钥的，不能改成不要"))
                    }
                }),
            ));
        }
        if self.dialects.is_due() {
            said.push(told(&self.dialects, dialects(&self.workspace).map(|fresh| service.renew_dialects(fresh))));
        }
        if self.certificate.is_due()
            && let (Some(tls), [certificate, key]) = (tls, self.certificate.files.as_slice())
        {
            said.push(told(&self.certificate, Tls::load(certificate, key).map(|fresh| tls.renew(&fresh)).map_err(Failure::from)));
        }
        said
    }
}

fn told(of: &Told, outcome: Outcome<()>) -> String {
    match outcome {
        Ok(()) => format!("已换上新的{}", of.title),
        Err(failure) => format!("{}有改动，但没有换上，仍用原来的。\n{}", of.title, failure.render()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_taken_up_once_it_stands_still() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("证书.pem"), folder.path().join("私钥.pem"));
        std::fs::write(&certificate, "一").unwrap();
        let mut told = Told::of("证书", vec![certificate.clone(), key.clone()]);
        assert!(!told.is_due() && !told.is_due(), "nothing has changed");
        std::fs::write(&certificate, "一二").unwrap();
        assert!(!told.is_due(), "the key may follow");
        std::fs::write(&key, "一").unwrap();
        assert!(!told.is_due(), "it has just come");
        assert!(told.is_due());
        assert!(!told.is_due(), "once");
    }
}
