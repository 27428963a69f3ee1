//! Passwords: what is asked of them, and their hashes (argon2id).

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::secret::{random, readable};
use crate::{PeopleError, Settings};

/// The hash of a password, and whether it was made up for somebody. It prints nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Hashed {
    /// A PHC string.
    pub(crate) phc: String,
    /// Of [`one_time`]: others have seen the password.
    pub(crate) one_time: bool,
}

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hashed(***)")
    }
}

/// Longer ones only cost time.
const BYTES_MAX: usize = 256;

/// Hashes a password of one's own choice, if it is good enough for this account. Slow: tens of milliseconds.
pub fn hash(account: &str, password: &str, settings: &Settings) -> Result<Hashed, PeopleError> {
    let faults = faults(account, password, settings);
    if faults.is_empty() { hash_as_is(password, settings) } else { Err(PeopleError::Weak(faults)) }
}

/// A password to be given to somebody, who must change it at once, and its hash. Slow.
pub fn one_time(settings: &Settings) -> Result<(String, Hashed), PeopleError> {
    let password = [readable(5)?, readable(5)?, readable(5)?].join("-");
    let hashed = Hashed { one_time: true, ..hash_as_is(&password, settings)? };
    Ok((password, hashed))
}

fn hash_as_is(password: &str, settings: &Settings) -> Result<Hashed, PeopleError> {
    let params = Params::new(settings.argon2_memory_kib, settings.argon2_passes, 1, None).map_err(|_| PeopleError::Hash)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password_with_salt(password.as_bytes(), &random::<16>()?).map_err(|_| PeopleError::Hash)?;
    Ok(Hashed { phc: hash.to_string(), one_time: false })
}

/// Whether a password has this hash; by the cost that the hash states. Slow.
pub(crate) fn verify(password: &str, hash: &str) -> bool {
    password.len() <= BYTES_MAX && Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
}

/// A hash that no password has and that costs as much to find out: who tries account names learns nothing from the time it takes.
pub(crate) fn nobodys(settings: &Settings) -> String {
    let (memory, passes) = (settings.argon2_memory_kib, settings.argon2_passes);
    format!("$argon2id$v=19$m={memory},t={passes},p=1$bWluZ2ppYW4tbm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
}

/// A change of one's own password: what was read for it, and the slow part.
pub struct PasswordTask {
    pub(crate) account: String,
    /// The present hash first, then those before it.
    pub(crate) hashes: Vec<String>,
    pub(crate) settings: Settings,
}

/// A new password that was found good, for [`crate::People::set_password`].
pub struct NewPassword {
    pub(crate) account: String,
    /// The hash it takes the place of.
    pub(crate) replaces: String,
    pub(crate) hashed: Hashed,
}

impl PasswordTask {
    /// Checks the old password, the new one against the rules and the last ones, and hashes it. Slow: several hashes.
    pub fn run(&self, old: &str, new: &str) -> Result<NewPassword, PeopleError> {
        let Some(present) = self.hashes.first().filter(|hash| verify(old, hash)) else { return Err(PeopleError::WrongPassword) };
        let mut faults = faults(&self.account, new, &self.settings);
        if faults.is_empty() && self.hashes.iter().any(|hash| verify(new, hash)) {
            faults.push(format!("不能与最近 {} 次用过的相同", self.settings.password_history));
        }
        if !faults.is_empty() {
            return Err(PeopleError::Weak(faults));
        }
        let hashed = hash_as_is(new, &self.settings)?;
        Ok(NewPassword { account: self.account.clone(), replaces: present.clone(), hashed })
    }
}

/// Everything that is wrong with a password, in words; nothing: it is good.
pub fn faults(account: &str, password: &str, settings: &Settings) -> Vec<String> {
    let mut faults = Vec::new();
    if password.chars().count() < settings.password_length_min {
        faults.push(format!("至少 {} 个字符", settings.password_length_min));
    }
    if password.len() > BYTES_MAX {
        faults.push(format!("最长 {BYTES_MAX} 个字节"));
    }
    let classes: [fn(char) -> bool; 4] = [
        |character| character.is_ascii_uppercase(),
        |character| character.is_ascii_lowercase(),
        |character| character.is_ascii_digit(),
        |character| !character.is_ascii_alphanumeric(),
    ];
    if classes.iter().filter(|class| password.chars().any(class)).count() < settings.password_classes_min {
        faults.push(format!("大写字母、小写字母、数字、符号中至少有 {} 种", settings.password_classes_min));
    }
    let lower = password.to_lowercase();
    // Two letters stand in many words.
    if account.len() > 2 && lower.contains(account) {
        faults.push("不能含有账号".to_owned());
    }
    if COMMON.iter().any(|common| lower.contains(common)) || longest_run(&lower) >= RUN {
        faults.push("太容易猜到：不能用常见的词、连号或重复的字符".to_owned());
    }
    faults
}

/// What Chinese password lists begin with, in small letters; a password that holds one of them falls first.
const COMMON: &[&str] = &[
    "password", "passw0rd", "p@ssw0rd", "p@ssword", "admin", "root123", "qwert", "1qaz", "asdfg", "zxcvb", "woaini", "5201314", "iloveyou",
    "letmein", "welcome", "abc123", "a123456", "123123", "112233", "888888", "666666", "yibao", "mingjian", "ylbz",
];

/// How many characters in a row may not go up, down or stay by one.
const RUN: usize = 5;

fn longest_run(text: &str) -> usize {
    let codes: Vec<i64> = text.chars().map(|character| i64::from(u32::from(character))).collect();
    let steps = codes.windows(2).map(|pair| pair[1] - pair[0]);
    let (mut longest, mut run, mut last) = (usize::from(!codes.is_empty()), 1, None);
    for step in steps {
        run = match step {
            -1..=1 if last == Some(step) => run + 1,
            -1..=1 => 2,
            _ => 1,
        };
        last = Some(step);
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> Settings {
        Settings { argon2_memory_kib: 64, argon2_passes: 1, ..Settings::default() }
    }

    #[test]
    fn good_passwords_are_let_through_and_bad_ones_are_told_why() {
        let check = |password: &str| faults("zhoujg", password, &cheap()).join("；");
        assert_eq!(check("Tianma-xing7kong"), "");
        assert_eq!(check("山高月小，水落石出 Q1"), "");
        assert_eq!(check("Ab1-"), "至少 10 个字符");
        assert_eq!(check("tianmaxingkong7"), "大写字母、小写字母、数字、符号中至少有 3 种");
        assert_eq!(check("ZhouJG-tianma7"), "不能含有账号");
        for easy in ["Passw0rd-2026x", "Tianma-12345", "Tianma-edcba1", "Tianma-aaaaa1", "YiBao-tianma7"] {
            assert_eq!(check(easy), "太容易猜到：不能用常见的词、连号或重复的字符", "{easy}");
        }
        assert_eq!(faults("zhoujg", &"Ab1-".repeat(65), &cheap()), ["最长 256 个字节"]);
    }

    #[test]
    fn a_hash_is_of_its_password_alone() {
        let hashed = hash("zhoujg", "Tianma-xing7kong", &cheap()).unwrap();
        assert!(hashed.phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", hashed.phc);
        assert!(verify("Tianma-xing7kong", &hashed.phc) && !verify("Tianma-xing7konG", &hashed.phc) && !verify("", &hashed.phc));
        assert_ne!(hash("zhoujg", "Tianma-xing7kong", &cheap()).unwrap(), hashed, "salted");
        assert_eq!(format!("{hashed:?}"), "Hashed(***)");
        assert!(matches!(hash("zhoujg", "short", &cheap()), Err(PeopleError::Weak(_))));
    }

    #[test]
    fn nobodys_hash_is_computed_in_full_and_fits_nobody() {
        let hash = nobodys(&cheap());
        let parsed = argon2::PasswordHash::new(&hash).unwrap();
        assert_eq!(parsed.hash.map(|output| output.as_bytes().len()), Some(32));
        assert!(!verify("", &hash));
    }

    #[test]
    fn a_password_that_is_given_can_be_typed() {
        let (password, hashed) = one_time(&cheap()).unwrap();
        assert!(verify(&password, &hashed.phc));
        assert_eq!(password.len(), 17);
        assert!(password.chars().all(|character| character == '-' || character.is_ascii_lowercase() || character.is_ascii_digit()));
    }

    #[test]
    fn runs_are_counted() {
        for (text, run) in [("", 0), ("a", 1), ("ab", 2), ("abc", 3), ("abd", 2), ("aab", 2), ("cba1", 3), ("1111x", 4), ("13579", 1)] {
            assert_eq!(longest_run(text), run, "{text}");
        }
    }
}
