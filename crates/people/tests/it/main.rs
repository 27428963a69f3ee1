//! People on SQLite and on PostgreSQL: every case that needs a store runs on both.

mod accounts;
mod exports;
mod passwords;
mod policy;
mod scope;
mod sessions;
#[path = "../../../store/testing/stores.rs"]
mod stores;
mod totp;
mod vouched;

use mingjian_people::{Checked, Grant, NewAccount, People, Person, Role, Settings, SignInError, SignedIn, password};
use mingjian_store::{Actor, Cipher, Sealer, Store, audit};

/// Declares the cases, each as a test on SQLite, and one test that runs all of them on PostgreSQL.
macro_rules! cases {
    ($($module:ident::$case:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let (_folder, url) = crate::stores::sqlite();
                crate::$module::$case(crate::town(&url).await).await;
            })*
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn postgres() {
            let Some(server) = stores::Server::start() else { return };
            $(
                println!("{}::{}", stringify!($module), stringify!($case));
                $module::$case(town(&server.database()).await).await;
            )*
        }
    };
}

cases! {
    scope::the_condition_is_the_judge
    sessions::who_signs_in_is_known_by_the_token
    sessions::wrong_tries_lock_and_time_unlocks
    sessions::who_is_not_there_learns_nothing
    sessions::a_session_ends_idle_and_at_the_latest
    sessions::one_session_more_ends_the_oldest
    sessions::signing_out_ends_this_session_alone
    sessions::nothing_secret_is_stored_or_told
    accounts::the_administrator_makes_and_changes_accounts
    accounts::nobody_else_does_and_not_the_own
    accounts::rights_taken_away_are_gone_at_once
    accounts::a_reset_opens_the_account_for_one_thing
    accounts::colleagues_are_those_of_the_region
    accounts::a_lead_granted_runs_out
    accounts::the_first_accounts_are_administrators
    accounts::the_cast_of_a_demonstration_signs_in
    accounts::names_in_clear_leave_a_reason
    exports::a_second_person_lets_it_once
    exports::nobody_lets_the_own_and_nobody_of_elsewhere_decides
    exports::what_waits_too_long_lapses
    exports::rights_taken_away_take_the_file_away
    passwords::ones_own_password_is_changed
    passwords::an_old_password_must_be_changed_first
    passwords::who_is_in_guesses_no_password
    totp::who_is_in_guesses_no_code
    sessions::tries_at_nobody_are_answered_as_tries_at_somebody
    accounts::a_name_is_one_line_in_one_direction
    totp::a_second_factor_is_asked_for_once_it_is_set
    totp::a_recovery_code_works_once
    vouched::an_identity_is_one_account
    vouched::locks_limits_and_ends_hold_for_them_too
    vouched::a_second_factor_of_the_provider_counts
    vouched::accounts_come_by_themselves_only_where_they_see_no_business
    totp::a_role_may_have_to_set_it_up_first
    accounts::a_store_keeps_to_its_keys
}

/// 2026-01-05 09:00:00.
const NINE: i64 = 1_767_603_600_000_000;
const MINUTE: i64 = 60_000_000;
const GOOD: &str = "Tianma-xing7kong";

fn cheap() -> Settings {
    Settings { argon2_memory_kib: 64, argon2_passes: 1, ..Settings::default() }
}

fn cli() -> Actor {
    Actor { account: "system".into(), role: "".into(), origin: "cli".into(), at: NINE }
}

/// An empty store and a security administrator.
struct Town {
    store: Store,
    sealer: Sealer,
    people: People,
    _keys: tempfile::TempDir,
}

async fn town(url: &str) -> Town {
    let keys = tempfile::tempdir().unwrap();
    let sealer = Sealer::open_keys(&keys.path().join("business.key"), Cipher::Sm4Gcm).unwrap();
    let store = Store::open(url).await.unwrap();
    let people = People::new(store.clone(), sealer.clone(), cheap());
    Town { store, sealer, people, _keys: keys }
}

impl Town {
    /// The security administrator, made at the first call.
    async fn admin(&self) -> Person {
        if let Some(person) = self.people.person("keeper", NINE).await.unwrap() {
            return person;
        }
        let first = mingjian_people::First {
            account: "keeper".into(),
            name: "华少峰".into(),
            role: Role::Secadmin,
            region: "3309".into(),
            password: password::hash("keeper", GOOD, &cheap()).unwrap(),
        };
        mingjian_people::create_first(&self.store, &self.sealer, &[first], &cli()).await.unwrap();
        self.people.person("keeper", NINE).await.unwrap().unwrap()
    }

    async fn add(&self, account: &str, roles: &[Role], grants: &[Grant]) -> Person {
        let admin = self.admin().await;
        self.people.create(&admin, &new(account, roles, grants), "10.0.0.1").await.unwrap();
        self.people.person(account, NINE).await.unwrap().unwrap()
    }

    async fn try_in(&self, account: &str, password: &str, code: Option<&str>, at: i64) -> Result<SignedIn, SignInError> {
        let checked: Checked = self.people.challenge(account).await.unwrap().check(password);
        self.people.sign_in(checked, code, "10.0.0.2", at).await
    }

    /// The acts of the trail from the newest, with the detail of each.
    async fn trail(&self, count: i64) -> Vec<(String, String)> {
        let records = audit::page(&self.store, &audit::Filter::default(), None, count).await.unwrap();
        records.into_iter().map(|record| (format!("{} {}", record.act, record.object), record.detail)).collect()
    }
}

fn new(account: &str, roles: &[Role], grants: &[Grant]) -> NewAccount {
    NewAccount {
        account: account.into(),
        name: "周建国".into(),
        phone: Some("13800001111".into()),
        region: "330902".into(),
        institution: None,
        roles: roles.to_vec(),
        grants: grants.to_vec(),
        ends: None,
        password: password::hash(account, GOOD, &cheap()).unwrap(),
        password_given: false,
    }
}

fn city() -> [Grant; 1] {
    [Grant::region("3309")]
}
