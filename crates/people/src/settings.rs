//! Limits of passwords and sessions, which a region may set.

use mingjian_model::day::MICROS_PER_SECOND;

use crate::{ExportRules, Role};

/// Minutes as microseconds.
const MINUTE: i64 = 60 * MICROS_PER_SECOND;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Characters a password has at least.
    pub password_length_min: usize,
    /// How many of capitals, small letters, digits, others it has at least.
    pub password_classes_min: usize,
    /// How many of the last passwords, the present one too, must not be taken again.
    pub password_history: usize,
    /// Days after which a password must be changed; `None`: never.
    pub password_days_max: Option<i64>,
    /// Memory of argon2id, KiB; passes over it.
    pub argon2_memory_kib: u32,
    pub argon2_passes: u32,
    /// Wrong tries in a row after which an account is locked, and for how many minutes.
    pub failures_max: i64,
    pub lock_minutes: i64,
    /// Minutes after which a session ends when nothing is asked, and at the latest.
    pub idle_minutes: i64,
    pub session_minutes: i64,
    /// Sessions of one account at once; one more ends the oldest.
    pub sessions_max: i64,
    /// Roles that must have a second factor before they can do anything. 等保三级 asks for it of the administrators.
    pub totp_roles: Vec<Role>,
    /// When an export needs a second person.
    pub exports: ExportRules,
}

impl Default for Settings {
    /// The cost of argon2id is OWASP's (19 MiB, two passes); lockout, idle and absolute limits as in 等保三级 practice.
    fn default() -> Settings {
        Settings {
            password_length_min: 10,
            password_classes_min: 3,
            password_history: 5,
            password_days_max: None,
            argon2_memory_kib: 19 * 1024,
            argon2_passes: 2,
            failures_max: 5,
            lock_minutes: 15,
            idle_minutes: 30,
            session_minutes: 12 * 60,
            sessions_max: 3,
            totp_roles: Vec::new(),
            exports: ExportRules::default(),
        }
    }
}

impl Settings {
    pub(crate) fn lock(&self) -> i64 {
        self.lock_minutes * MINUTE
    }

    pub(crate) fn idle(&self) -> i64 {
        self.idle_minutes * MINUTE
    }

    pub(crate) fn longest(&self) -> i64 {
        self.session_minutes * MINUTE
    }
}

/// How stale the record of a session's last sight may be.
pub(crate) const SIGHT: i64 = MINUTE;
