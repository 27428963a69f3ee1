//! 提醒的印记: a keyed mark behind each jr_id, by which 3103 knows what this service told this institution.
//!
//! Nothing is stored of what was sent, so that an answer costs no disk: the mark is a keyed digest of the institution and the id, and the
//! id carries its day. Who has not been told a reminder cannot make up its jr_id, and another institution's is worth nothing.
//!
//! True of it: a sealed id has at most [`ID_MAX`] characters, as the national field has, where the rule's id has at most nine; the key
//! outlives a restart where it is kept in a file ([`Seal::open`]).

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::io::{self, Write};
use std::path::Path;

use mingjian_model::day::{Moment, day_of, parse_day};

/// jr_id is C50.
pub const ID_MAX: usize = 50;
/// Characters of the mark: fifty bits, which nobody guesses one call at a time.
const MARK: usize = 10;
/// Thirty-two signs without those that are mistaken for another.
const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The key of the marks.
#[derive(Clone)]
pub struct Seal {
    key: [u8; 32],
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(***)")
    }
}

impl Default for Seal {
    /// A key of this process alone: what was told before a restart is not known after it.
    fn default() -> Seal {
        let mut hasher = blake3::Hasher::new();
        for number in 0..4_u8 {
            hasher.update(&RandomState::new().hash_one(number).to_le_bytes());
        }
        Seal { key: *hasher.finalize().as_bytes() }
    }
}

/// Why a jr_id is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsealed {
    /// Not told by this service to this institution.
    Unknown,
    /// Told too long ago.
    Old,
}

impl Seal {
    pub fn new(key: [u8; 32]) -> Seal {
        Seal { key }
    }

    /// The key in a file, made where there is none, for its owner alone to read. Errors: a file of another length, which is nobody's key.
    pub fn open(path: &Path) -> io::Result<Seal> {
        match std::fs::read(path) {
            Ok(bytes) => {
                let key = <[u8; 32]>::try_from(bytes.as_slice());
                key.map(Seal::new).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "不是 32 字节的密钥；删去它会另造一个"))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut key = [0; 32];
                getrandom::fill(&mut key).map_err(io::Error::other)?;
                // Whole or not there: a kill half way must not leave a key that is refused next time.
                let fresh = path.with_extension("new");
                let mut options = std::fs::OpenOptions::new();
                options.write(true).create(true).truncate(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let mut file = options.open(&fresh)?;
                file.write_all(&key)?;
                file.sync_all()?;
                std::fs::rename(&fresh, path)?;
                Ok(Seal::new(key))
            }
            Err(error) => Err(error),
        }
    }

    /// The id with its mark behind it.
    pub(crate) fn close(&self, institution: &str, id: &str) -> String {
        format!("{id}-{}", self.mark(institution, id))
    }

    /// The id without its mark, where it was told to this institution no more than `days` before the day of `now`.
    pub(crate) fn open_id<'i>(&self, institution: &str, sealed: &'i str, now: Moment, days: u32) -> Result<&'i str, Unsealed> {
        let (id, mark) = sealed.rsplit_once('-').ok_or(Unsealed::Unknown)?;
        let ours = self.mark(institution, id);
        // In time that tells nothing of where they differ.
        let differs = ours.len() != mark.len() || ours.bytes().zip(mark.bytes()).fold(0, |found, (l, r)| found | (l ^ r)) != 0;
        if differs {
            return Err(Unsealed::Unknown);
        }
        let digits = id.rsplit_once('-').map(|(_, day)| day).filter(|day| day.len() == 8 && day.is_ascii()).ok_or(Unsealed::Unknown)?;
        let told = parse_day(&format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..])).ok_or(Unsealed::Unknown)?;
        if i64::from(day_of(now)) - i64::from(told) > i64::from(days) { Err(Unsealed::Old) } else { Ok(id) }
    }

    fn mark(&self, institution: &str, id: &str) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(institution.as_bytes()).update(b"\x1f").update(id.as_bytes());
        let digest = hasher.finalize();
        digest.as_bytes()[..MARK].iter().map(|byte| char::from(SIGNS[usize::from(byte & 31)])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mingjian_model::day::parse_moment;

    const ID: &str = "N067-0123456789abcdef0123-20260701";

    fn at(text: &str) -> Moment {
        parse_moment(text).unwrap()
    }

    #[test]
    fn a_mark_is_of_one_institution_one_key_and_some_days() {
        let seal = Seal::new([7; 32]);
        let sealed = seal.close("H44190000001", ID);
        assert!(sealed.len() <= ID_MAX && sealed.starts_with(ID), "{sealed}");
        let open =
            |seal: &Seal, institution: &str, sealed: &str, now: &str| seal.open_id(institution, sealed, at(now), 7).map(str::to_owned);
        assert_eq!(open(&seal, "H44190000001", &sealed, "2026-07-01 09:00:00").as_deref(), Ok(ID));
        assert_eq!(open(&seal, "H44190000001", &sealed, "2026-07-08 23:59:59").as_deref(), Ok(ID));
        assert_eq!(open(&seal, "H44190000001", &sealed, "2026-07-09 00:00:00"), Err(Unsealed::Old));
        // A clock that was set back refuses nothing it has told.
        assert_eq!(open(&seal, "H44190000001", &sealed, "2026-06-30 00:00:00").as_deref(), Ok(ID));
        for (institution, text) in [
            ("H44190000002", sealed.clone()),
            ("H44190000001", ID.to_owned()),
            ("H44190000001", sealed.replace("N067", "N068")),
            ("H44190000001", sealed.replace("20260701", "20260702")),
            ("H44190000001", format!("{ID}-")),
            ("H44190000001", "-".to_owned()),
            ("H44190000001", "提醒".to_owned()),
        ] {
            assert_eq!(open(&seal, institution, &text, "2026-07-01 09:00:00"), Err(Unsealed::Unknown), "{text}");
        }
        assert_eq!(open(&Seal::new([8; 32]), "H44190000001", &sealed, "2026-07-01 09:00:00"), Err(Unsealed::Unknown));
        // What has a true mark and no day is none of ours.
        assert_eq!(open(&seal, "", &seal.close("", "提醒-一二三"), "2026-07-01 09:00:00"), Err(Unsealed::Unknown));
    }

    #[test]
    fn the_key_outlives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seal.key");
        let (first, again) = (Seal::open(&path).unwrap(), Seal::open(&path).unwrap());
        assert_eq!(first.close("", ID), again.close("", ID));
        assert_ne!(first.close("", ID), Seal::default().close("", ID));
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
        std::fs::write(&path, b"short").unwrap();
        assert!(Seal::open(&path).unwrap_err().to_string().contains("32 字节"));
    }
}
