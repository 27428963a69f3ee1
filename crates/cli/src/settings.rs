//! `mingjian.toml` of the workspace: the region's settings. An unknown key is refused with the nearest known one.

pub mod casework;

use std::collections::BTreeMap;
use std::path::Path;

use mingjian_model::day::{self, Day};
use mingjian_rules::ParamOverrides;
use serde::Deserialize;

use crate::errors::{During, Failure, Outcome};

/// All settings; each has a default, the file may be absent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub lake: LakeSettings,
    pub rules: RuleSettings,
    pub store: StoreSettings,
    pub people: PeopleSettings,
    pub exports: ExportSettings,
    pub casework: casework::CaseworkSettings,
    /// `[regions]`: names of 统筹区 and 区划 by the beginning of their code, `"6103" = "明州市"`.
    pub regions: BTreeMap<String, String>,
}

/// `[people]`: limits of passwords and sessions; unset ones are as [`mingjian_people::Settings`] has them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PeopleSettings {
    /// Days after which a password must be changed.
    pub password_days_max: Option<i64>,
    /// Wrong tries in a row that lock an account, and for how many minutes.
    pub failures_max: Option<i64>,
    pub lock_minutes: Option<i64>,
    /// A session ends after so many minutes without a request, and after so many at the latest.
    pub idle_minutes: Option<i64>,
    pub session_minutes: Option<i64>,
    /// Sessions of one account at once.
    pub sessions_max: Option<i64>,
    /// Roles that must have a second factor: `["sysadmin", "secadmin", "auditadmin"]`.
    pub totp_roles: Vec<String>,
    /// Browsers come over TLS though this program does not speak it: a proxy before it does. Cookies are then for TLS alone.
    pub https: bool,
    /// Logging in by an identity provider.
    pub oidc: Option<OidcSection>,
}

/// `[people.oidc]`
#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct OidcSection {
    /// As it stands in the provider's tokens, `https://id.example.cn/realms/gov`.
    pub issuer: String,
    pub client_id: String,
    /// Where the client's secret is: the name of an environment variable, or a file of the workspace. Neither: a public client.
    pub secret_env: Option<String>,
    pub secret_file: Option<String>,
    /// Where browsers reach this platform, `https://jg.example.cn`; the provider sends them back to `/api/v1/session/oidc/back` below it.
    pub address: String,
    /// On the button.
    pub title: String,
    pub scopes: String,
    /// The claim that names the account.
    pub claim: String,
    /// Values of `acr` and `amr` that say a second factor was used.
    pub acr: Vec<String>,
    pub amr: Vec<String>,
    /// Seconds by which clocks may differ.
    pub skew_seconds: i64,
    /// The role of accounts that come into being by themselves; none do unless it is set.
    pub makes: Option<String>,
}

impl Default for OidcSection {
    fn default() -> OidcSection {
        OidcSection {
            issuer: String::new(),
            client_id: String::new(),
            secret_env: None,
            secret_file: None,
            address: String::new(),
            title: "单点登录".to_owned(),
            scopes: "openid profile".to_owned(),
            claim: "preferred_username".to_owned(),
            acr: Vec::new(),
            amr: Vec::new(),
            skew_seconds: 60,
            makes: None,
        }
    }
}

impl PeopleSettings {
    /// The limits as accounts take them.
    pub fn limits(&self) -> Outcome<mingjian_people::Settings> {
        let wrong =
            |why: String| Failure::new(format!("设置 mingjian.toml 的 [people] {why}")).advise("可写的设置见 docs/configuration.md");
        let mut limits = mingjian_people::Settings { password_days_max: self.password_days_max, ..mingjian_people::Settings::default() };
        for (name, value, limit) in [
            ("failures_max", self.failures_max, &mut limits.failures_max),
            ("lock_minutes", self.lock_minutes, &mut limits.lock_minutes),
            ("idle_minutes", self.idle_minutes, &mut limits.idle_minutes),
            ("session_minutes", self.session_minutes, &mut limits.session_minutes),
            ("sessions_max", self.sessions_max, &mut limits.sessions_max),
        ] {
            if let Some(value) = value {
                if !(1..=100_000).contains(&value) {
                    return Err(wrong(format!("{name} 要在 1 到 100000 之间，写的是 {value}")));
                }
                *limit = value;
            }
        }
        for id in &self.totp_roles {
            let role = mingjian_people::Role::from_id(id).ok_or_else(|| wrong(format!("totp_roles 里没有角色 {id}")))?;
            limits.totp_roles.push(role);
        }
        Ok(limits)
    }
}

/// `[exports]`: when a second person is asked before a list leaves; unset ones are as [`mingjian_people::ExportRules`] has them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExportSettings {
    /// More rows than this need approval.
    pub approve_rows: Option<i64>,
    /// Every export needs approval; names in clear always do.
    pub approve_all: bool,
    /// Hours within which an approved file can be taken, days after which a request lapses.
    pub take_hours: Option<i64>,
    pub wait_days: Option<i64>,
}

impl ExportSettings {
    /// The rules as the platform takes them.
    pub fn rules(&self) -> Outcome<mingjian_people::ExportRules> {
        let mut rules = mingjian_people::ExportRules { approve_all: self.approve_all, ..mingjian_people::ExportRules::default() };
        for (name, least, value, rule) in [
            ("approve_rows", 0, self.approve_rows, &mut rules.approve_rows),
            ("take_hours", 1, self.take_hours, &mut rules.take_hours),
            ("wait_days", 1, self.wait_days, &mut rules.wait_days),
        ] {
            if let Some(value) = value {
                if !(least..=100_000).contains(&value) {
                    return Err(Failure::new(format!(
                        "设置 mingjian.toml 的 [exports] {name} 要在 {least} 到 100000 之间，写的是 {value}"
                    ))
                    .advise("可写的设置见 docs/configuration.md"));
                }
                *rule = value;
            }
        }
        Ok(rules)
    }
}

/// `[store]`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct StoreSettings {
    /// 业务库: `postgres://…`; unset: a SQLite file in the workspace.
    pub url: Option<String>,
    /// What personal text is sealed with: `aes-256-gcm` (default) or `sm4-gcm`.
    pub cipher: Option<String>,
}

/// `[lake]`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LakeSettings {
    /// 分桶数, 1 to 4096; holds when the lake is made, one that is there keeps its own. Unset: by the size of the first import.
    pub buckets: Option<u32>,
}

/// `[rules]`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RuleSettings {
    /// Rules that do not run here. Example: `off = ["N050"]`.
    pub off: Vec<String>,
    /// Parameters this region sets otherwise, by rule. Example: `[rules.params.N009]` `days_ordinary = 14`, or with dates
    /// `days_ordinary = [{ from = "2026-01-01", value = 14 }]`.
    pub params: BTreeMap<String, toml::Table>,
}

impl RuleSettings {
    /// The region's parameters, as texts: the library knows what each must be.
    pub fn overrides(&self) -> Outcome<ParamOverrides> {
        let mut overrides = ParamOverrides::default();
        for (rule, params) in &self.params {
            for (name, value) in params {
                let wrong = |why: String| {
                    Failure::new(format!("设置 mingjian.toml 的 [rules.params.{rule}] {name} 不对：{why}"))
                        .advise("按日期写成 [{ from = \"2026-01-01\", value = 14 }, …]，见 docs/configuration.md")
                };
                match value.as_array().filter(|list| list.iter().any(toml::Value::is_table)) {
                    None => overrides.set(rule, name, &as_text(value)),
                    Some(list) => {
                        for (from, value) in list.iter().map(dated).collect::<Result<BTreeMap<_, _>, _>>().map_err(wrong)? {
                            overrides.set_from(rule, name, from, &value);
                        }
                        if overrides.values[rule][name].len() < list.len() {
                            return Err(wrong("同一个起始日期写了两次".to_owned()));
                        }
                    }
                }
            }
        }
        Ok(overrides)
    }
}

/// `{ from = "2026-01-01", value = 14 }`
fn dated(entry: &toml::Value) -> Result<(Day, String), String> {
    let Some(entry) = entry.as_table() else {
        return Err(format!("带日期的值和不带日期的值不能混写（{entry}）；以前就有的默认值不用写"));
    };
    if let Some(unknown) = entry.keys().find(|key| !["from", "value"].contains(&key.as_str())) {
        return Err(format!("没有 {unknown} 这一项，只有 from（起始日期）和 value（值）"));
    }
    let (Some(from), Some(value)) = (entry.get("from"), entry.get("value")) else {
        return Err("每一项都要有 from（起始日期）和 value（值）".to_owned());
    };
    let text = as_text(from);
    let day = day::parse_day(&text).ok_or_else(|| format!("from 要是日期，写的是“{text}”"))?;
    Ok((day, as_text(value)))
}

fn as_text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(values) => values.iter().map(as_text).collect::<Vec<_>>().join(";"),
        value => value.to_string(),
    }
}

const KEYS: &[(&str, &[&str])] = &[
    ("", &["lake", "rules", "store", "people", "exports", "casework", "regions"]),
    ("lake", &["buckets"]),
    ("rules", &["off", "params"]),
    ("store", &["url", "cipher"]),
    (
        "people",
        &[
            "password_days_max",
            "failures_max",
            "lock_minutes",
            "idle_minutes",
            "session_minutes",
            "sessions_max",
            "totp_roles",
            "https",
            "oidc",
        ],
    ),
    (
        "people.oidc",
        &["issuer", "client_id", "secret_env", "secret_file", "address", "title", "scopes", "claim", "acr", "amr", "skew_seconds", "makes"],
    ),
    ("exports", &["approve_rows", "approve_all", "take_hours", "wait_days"]),
    ("casework", casework::KEYS[0]),
    ("casework.limits", casework::KEYS[1]),
];

impl Settings {
    /// Reads the workspace's file; defaults where there is none.
    pub fn load(workspace: &Path) -> Outcome<Settings> {
        let path = workspace.join("mingjian.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Settings::default()),
            Err(error) => return Err(error).during(|| format!("读不成设置 {}", path.display())),
        };
        Settings::parse(&text)
            .map_err(|why| Failure::new(format!("设置 {} 不对：{why}", path.display())).advise("可写的设置见 docs/configuration.md"))
    }

    fn parse(text: &str) -> Result<Settings, String> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| place(text, &error))?;
        for (section, known) in KEYS {
            let mut parts = section.split('.').filter(|part| !part.is_empty());
            let keys = parts.try_fold(&table, |table, part| table.get(part)?.as_table());
            if let Some(unknown) = keys.into_iter().flat_map(toml::Table::keys).find(|key| !known.contains(&key.as_str())) {
                return Err(unknown_key(section, unknown, known));
            }
        }
        let settings: Settings = toml::from_str(text).map_err(|error| place(text, &error))?;
        if let Some(buckets) = settings.lake.buckets.filter(|buckets| !(1..=4096).contains(buckets)) {
            return Err(format!("lake.buckets 要在 1 到 4096 之间，写的是 {buckets}"));
        }
        Ok(settings)
    }
}

fn unknown_key(section: &str, unknown: &str, known: &[&str]) -> String {
    let place = if section.is_empty() { "最上层".to_owned() } else { format!("[{section}] 里") };
    let nearest = known.iter().min_by_key(|key| distance(key, unknown)).copied().unwrap_or_default();
    format!("{place}没有 {unknown} 这一项；可以写 {}，最像的是 {nearest}", known.join("、"))
}

/// Edit distance, for names of a few letters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let best = (row[j] + 1).min(row[j + 1] + 1).min(diagonal + usize::from(letter != *other));
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row.last().copied().unwrap_or_default()
}

fn place(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("第 {line} 行第 {column} 列：{}", error.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let why = Settings::parse("[lake]\nbucket = 8\n").unwrap_err();
        assert!(why.contains("没有 bucket 这一项") && why.contains("最像的是 buckets"), "{why}");
        assert_eq!(Settings::parse("").map(|settings| settings.lake.buckets), Ok(None));
    }

    #[test]
    fn limits_of_accounts_are_checked() {
        let limits = |text: &str| Settings::parse(&format!("[people]\n{text}\n")).unwrap().people.limits();
        let set = limits("idle_minutes = 10\ntotp_roles = [\"secadmin\"]").unwrap();
        assert_eq!((set.idle_minutes, set.totp_roles, set.failures_max), (10, vec![mingjian_people::Role::Secadmin], 5));
        assert!(limits("sessions_max = 0").unwrap_err().render().contains("sessions_max 要在 1 到"));
        assert!(limits("totp_roles = [\"boss\"]").unwrap_err().render().contains("没有角色 boss"));
    }

    #[test]
    fn a_provider_is_read_key_by_key() {
        let read = Settings::parse("[people.oidc]\nissuer = \"https://id.example.cn\"\n").unwrap().people.oidc.unwrap();
        assert_eq!((read.issuer.as_str(), read.claim.as_str(), read.skew_seconds), ("https://id.example.cn", "preferred_username", 60));
        assert!(Settings::parse("[people.oidc]\nclient = \"x\"\n").unwrap_err().contains("最像的是 client_id"));
        assert!(Settings::parse("").unwrap().people.oidc.is_none());
    }

    #[test]
    fn exports_are_set() {
        let rules = |text: &str| Settings::parse(&format!("[exports]\n{text}\n")).unwrap().exports.rules();
        let set = rules("approve_rows = 0\napprove_all = true").unwrap();
        assert_eq!((set.approve_rows, set.approve_all, set.take_hours, set.wait_days), (0, true, 72, 7));
        assert!(rules("take_hours = 0").unwrap_err().render().contains("take_hours 要在 1 到"));
    }

    #[test]
    fn regions_have_names() {
        let read = Settings::parse("[regions]\n\"6103\" = \"明州市\"\n").unwrap();
        assert_eq!(read.regions["6103"], "明州市");
    }

    #[test]
    fn parameters_may_change_with_dates() {
        let overrides =
            |value: &str| Settings::parse(&format!("[rules.params.N009]\ndays_ordinary = {value}\n")).unwrap().rules.overrides();
        let dated = overrides("[{ from = 2026-01-01, value = 14 }, { from = \"2025-07-01\", value = 10 }]").unwrap();
        let days: Vec<String> =
            dated.values["N009"]["days_ordinary"].iter().map(|(from, value)| format!("{} {value}", day::format_day(*from))).collect();
        assert_eq!(days, ["2025-07-01 10", "2026-01-01 14"]);
        for (value, why) in [
            ("[{ from = \"2026-01-01\", value = 14 }, 7]", "不能混写"),
            ("[{ from = \"2026-01-01\", value = 14 }, { from = 2026-01-01, value = 7 }]", "写了两次"),
            ("[{ from = \"2026-13-01\", value = 14 }]", "from 要是日期，写的是“2026-13-01”"),
            ("[{ from = \"2026-01-01\", vaule = 14 }]", "没有 vaule 这一项"),
            ("[{ value = 14 }]", "都要有 from"),
        ] {
            let told = overrides(value).unwrap_err().render();
            assert!(told.contains(why) && told.contains("[rules.params.N009] days_ordinary"), "{told}");
        }
    }

    #[test]
    fn a_broken_file_names_the_place() {
        let why = Settings::parse("[lake]\nbuckets = many\n").unwrap_err();
        assert!(why.starts_with("第 2 行第 11 列"), "{why}");
    }
}
