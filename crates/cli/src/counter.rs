//! 柜台的设置: `counter.toml` of the workspace, and where the history lies; what fills it ([`filling`]) and keeps it up ([`feed`]); what is renewed
//! while it serves ([`renewal`]).

pub mod feed;
pub mod filling;
pub mod renewal;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mingjian_counter::{Level, Policy, Trial};
use mingjian_server::{Rate, Turnover};
use serde::Deserialize;

use crate::errors::{During, Failure, Outcome};

/// The region's manners, and how the counter is run.
#[derive(Debug)]
pub struct Settings {
    pub policy: Policy,
    /// `rule_id` carries the national rule code, where a rule has one.
    pub national_rule_ids: bool,
    /// Calls of one institution; `None`: not set here.
    pub rate: Option<Rate>,
    /// Whether calls are written down.
    pub calls: bool,
    pub traces: bool,
    pub turnover: Turnover,
    /// 3103 is taken for so many days after the reminder.
    pub feedback_days: u32,
}

/// Default of `[feedback] days`.
const FEEDBACK_DAYS: u32 = 7;

impl Default for Settings {
    fn default() -> Settings {
        let policy = Policy::default();
        Settings {
            policy,
            national_rule_ids: false,
            rate: None,
            calls: true,
            traces: false,
            turnover: Turnover::default(),
            feedback_days: FEEDBACK_DAYS,
        }
    }
}

/// The file as written. Unknown keys are refused by name.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    /// 每位医师每日最多打断几次. Default 30.
    budget: Option<u32>,
    /// `N067 = "stop"`: stop 拦截, confirm 说明理由, quiet 只记录.
    levels: BTreeMap<String, String>,
    /// `[institutions.H44190000001]` `N067 = "quiet"`.
    institutions: BTreeMap<String, BTreeMap<String, String>>,
    trial: WrittenTrial,
    /// rule_id 写什么: `"own"` 本库编号 (default), `"national"` 国家规则编码.
    rule_id: Option<String>,
    limit: Option<WrittenLimit>,
    log: WrittenLog,
    feedback: WrittenFeedback,
}

/// `[feedback]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenFeedback {
    /// 提醒之后几日内收 3103. Default 7.
    days: Option<u32>,
}

/// `[limit]`: calls of one institution.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLimit {
    per_second: f64,
    /// Default: twice `per_second`.
    burst: Option<f64>,
}

/// `[log]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenLog {
    /// 调用记录 `counter/calls.jsonl`. Default true.
    calls: Option<bool>,
    /// 追踪 `counter/traces.jsonl`. Default false.
    traces: bool,
    /// 一个文件多大，MB. Default 64.
    file_mb: Option<u64>,
    /// 留几个旧文件. Default 20.
    files: Option<u32>,
}

/// `[trial]`: when a 可疑 rule may speak.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenTrial {
    /// 至少多少个有结果的静默提醒. Default 50.
    least: Option<u64>,
    /// 遵从率下限达到百分之几才开口. Default 60.
    speak: Option<u64>,
    /// 遵从率上限低于百分之几就转静默. Default 40.
    silent: Option<u64>,
}

impl Settings {
    pub fn load(workspace: &Path) -> Outcome<Settings> {
        let path = workspace.join("counter.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Settings::default()),
            Err(error) => return Err(error).during(|| format!("读不成设置 {}", path.display())),
        };
        Settings::parse(&text)
            .map_err(|why| Failure::new(format!("设置 {} 不对：{why}", path.display())).advise("可写的设置见 docs/counter.md“分寸”一节"))
    }

    fn parse(text: &str) -> Result<Settings, String> {
        let written: Written = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let default = Policy::default();
        let levels = |all: &BTreeMap<String, String>| -> Result<BTreeMap<String, Level>, String> {
            all.iter()
                .map(|(rule, level)| {
                    let parsed = Level::parse(level).ok_or_else(|| format!("{rule} 的方式“{level}”不认识；可写 stop、confirm、quiet"));
                    parsed.map(|level| (rule.clone(), level))
                })
                .collect()
        };
        let of_institutions = written.institutions.iter().map(|(code, all)| levels(all).map(|all| (code.clone(), all)));
        let policy = Policy {
            levels: levels(&written.levels)?,
            of_institutions: of_institutions.collect::<Result<_, _>>()?,
            budget: written.budget.unwrap_or(default.budget),
            trial: Trial {
                least: written.trial.least.unwrap_or(default.trial.least),
                speak: written.trial.speak.unwrap_or(default.trial.speak),
                silent: written.trial.silent.unwrap_or(default.trial.silent),
            },
        };
        let national_rule_ids = match written.rule_id.as_deref() {
            None | Some("own") => false,
            Some("national") => true,
            Some(other) => return Err(format!("rule_id 不认识“{other}”；可写 own（本库编号）、national（国家规则编码）")),
        };
        let rate = written.limit.map(|limit| Rate { per_second: limit.per_second, burst: limit.burst.unwrap_or(limit.per_second * 2.0) });
        if rate.is_some_and(|rate| !(rate.per_second > 0.0 && rate.burst >= 1.0)) {
            return Err("[limit] 的 per_second 要大于 0，burst 至少 1".to_owned());
        }
        let turnover = Turnover {
            bytes_max: written.log.file_mb.map_or(Turnover::default().bytes_max, |megabytes| megabytes.clamp(1, 1 << 20) << 20),
            kept: written.log.files.unwrap_or(Turnover::default().kept),
        };
        let calls = written.log.calls.unwrap_or(true);
        let feedback_days = written.feedback.days.unwrap_or(FEEDBACK_DAYS);
        Ok(Settings { policy, national_rule_ids, rate, calls, traces: written.log.traces, turnover, feedback_days })
    }
}

/// The history's file; its folder is made.
pub fn history_path(workspace: &Path) -> Outcome<PathBuf> {
    let folder = workspace.join("counter");
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    // Who was treated for what, unsealed.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder).during(|| format!("建不成目录 {}", folder.display()))?;
    Ok(folder.join("history.redb"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_and_others_refused() {
        let settings = Settings::parse("budget = 5\n[levels]\nN067 = \"stop\"\n[institutions.H1]\nN067 = \"只记录\"\n").unwrap();
        assert_eq!(settings.policy.level("N067", "H1"), Level::Quiet);
        assert_eq!(settings.policy.level("N067", "H2"), Level::Stop);
        assert_eq!(settings.policy.level("N001", ""), Level::Confirm);
        assert_eq!(settings.policy.budget, 5);
        assert!(Settings::parse("[levels]\nN067 = \"block\"\n").unwrap_err().contains("可写 stop、confirm、quiet"));
        assert!(Settings::parse("bugdet = 5\n").is_err());
        assert!(settings.calls && !settings.traces && !settings.national_rule_ids && settings.rate.is_none());
    }

    #[test]
    fn how_the_counter_is_run_is_read() {
        let text = "rule_id = \"national\"\n[limit]\nper_second = 50\n[log]\ntraces = true\nfile_mb = 2\nfiles = 3\n[feedback]\ndays = 3\n";
        let settings = Settings::parse(text).unwrap();
        assert!(settings.national_rule_ids && settings.traces && settings.calls);
        assert_eq!(settings.feedback_days, 3);
        assert_eq!(settings.rate, Some(Rate { per_second: 50.0, burst: 100.0 }));
        assert_eq!(settings.turnover, Turnover { bytes_max: 2 << 20, kept: 3 });
        for (text, why) in [("rule_id = \"state\"", "可写 own"), ("[limit]\nper_second = 0\n", "要大于 0"), ("[log]\nfile = 1\n", "file")]
        {
            assert!(Settings::parse(text).unwrap_err().contains(why), "{text}");
        }
    }
}
