//! `[casework]`: limits of each step in working days, by region, and what the order of the list goes by; with the holidays of
//! `holidays.csv` beside the settings.

use std::path::Path;

use mingjian_casework::Calendar;
use mingjian_casework::settings::{Limits, RegionLimits, Settings};
use serde::Deserialize;

use crate::errors::{During, Failure, Outcome};

/// What may be set; unset ones are as [`Settings`] has them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CaseworkSettings {
    pub limits: LimitsPart,
    pub regions: Vec<RegionPart>,
    /// Leads one auditor reads in a day.
    pub per_day: Option<i64>,
    /// A rule makes no new leads once so many of its findings were decided, and less than this share of them (per mille) was upheld.
    pub floor_checked: Option<i64>,
    pub floor_permille: Option<i64>,
    /// What is to be recovered this year (yuan).
    pub target_yuan: Option<i64>,
}

/// `[casework.limits]`, and those of a region.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsPart {
    pub first_review: Option<i64>,
    pub feedback: Option<i64>,
    pub review: Option<i64>,
    pub appeal: Option<i64>,
    pub panel: Option<i64>,
    pub last_word: Option<i64>,
    pub payment: Option<i64>,
    pub longest: Option<i64>,
    pub panel_members: Option<i64>,
    /// An appeal against less (yuan) may go to the last word without a panel.
    pub panel_from_yuan: Option<i64>,
}

/// `[[casework.regions]]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegionPart {
    /// Beginning of the region's code.
    pub region: String,
    pub limits: LimitsPart,
}

/// Keys of `[casework]`, and of its limits.
pub const KEYS: [&[&str]; 2] = [
    &["limits", "regions", "per_day", "floor_checked", "floor_permille", "target_yuan"],
    &["first_review", "feedback", "review", "appeal", "panel", "last_word", "payment", "longest", "panel_members", "panel_from_yuan"],
];

impl LimitsPart {
    /// These over others: what is not set stays.
    fn over(&self, base: &Limits) -> Result<Limits, String> {
        let mut limits = base.clone();
        for (name, value, limit) in [
            ("first_review", self.first_review, &mut limits.first_review),
            ("feedback", self.feedback, &mut limits.feedback),
            ("review", self.review, &mut limits.review),
            ("appeal", self.appeal, &mut limits.appeal),
            ("panel", self.panel, &mut limits.panel),
            ("last_word", self.last_word, &mut limits.last_word),
            ("payment", self.payment, &mut limits.payment),
            ("longest", self.longest, &mut limits.longest),
        ] {
            if let Some(value) = value {
                *limit = within(name, value, 1, 365)?;
            }
        }
        if let Some(members) = self.panel_members {
            if members % 2 == 0 || !(3..=15).contains(&members) {
                return Err(format!("panel_members 应为 3 到 15 之间的单数，写的是 {members}"));
            }
            limits.panel_members = members as usize;
        }
        if let Some(yuan) = self.panel_from_yuan {
            limits.panel_from_fen = within("panel_from_yuan", yuan, 0, 100_000_000)? * 100;
        }
        Ok(limits)
    }
}

fn within(name: &str, value: i64, least: i64, most: i64) -> Result<i64, String> {
    if (least..=most).contains(&value) { Ok(value) } else { Err(format!("{name} 要在 {least} 到 {most} 之间，写的是 {value}")) }
}

impl CaseworkSettings {
    /// As casework takes them.
    pub fn settled(&self) -> Outcome<Settings> {
        self.checked()
            .map_err(|why| Failure::new(format!("设置 mingjian.toml 的 [casework] {why}")).advise("可写的设置见 docs/configuration.md"))
    }

    fn checked(&self) -> Result<Settings, String> {
        let mut settings = Settings { limits: self.limits.over(&Limits::default())?, ..Settings::default() };
        for part in &self.regions {
            if part.region.is_empty() || !part.region.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(format!("regions 的 region 应为统筹区代码或它的开头，写的是“{}”", part.region));
            }
            let limits = part.limits.over(&settings.limits)?;
            settings.regions.push(RegionLimits { region: part.region.clone(), limits });
        }
        for (name, value, most, own) in [
            ("per_day", self.per_day, 10_000, &mut settings.ranking.per_day),
            ("floor_checked", self.floor_checked, 1_000_000, &mut settings.ranking.floor_checked),
            ("floor_permille", self.floor_permille, 1_000, &mut settings.ranking.floor_permille),
        ] {
            if let Some(value) = value {
                *own = within(name, value, i64::from(name != "floor_permille"), most)?;
            }
        }
        settings.target_fen =
            self.target_yuan.map(|yuan| within("target_yuan", yuan, 0, 100_000_000_000)).transpose()?.map(|yuan| yuan * 100);
        Ok(settings)
    }
}

/// The built-in calendar with the workspace's `holidays.csv` over it: a new year's notice needs no new program.
pub fn calendar(workspace: &Path) -> Outcome<Calendar> {
    let mut calendar = Calendar::built_in();
    let path = workspace.join("holidays.csv");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(calendar),
        Err(error) => return Err(error).during(|| format!("读不成节假日文件 {}", path.display())),
    };
    let own = Calendar::parse(text.trim_start_matches('\u{feff}'))
        .map_err(|why| Failure::new(format!("{} 不对：{why}", path.display())).advise("写法见 docs/configuration.md"))?;
    calendar.extend(own);
    Ok(calendar)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mingjian_model::day::{format_day, parse_day};

    fn read(text: &str) -> CaseworkSettings {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_region_changes_what_it_names_and_keeps_the_rest() {
        let settings = read(
            "per_day = 80\ntarget_yuan = 3000\n[limits]\nfeedback = 15\npanel_from_yuan = 5000\n[[regions]]\nregion = \"3309\"\nlimits = { review = 7 }\n",
        )
        .settled()
        .unwrap();
        assert_eq!((settings.limits.feedback, settings.limits.review, settings.limits.panel_from_fen), (15, 10, 500_000));
        assert_eq!((settings.limits("330902").feedback, settings.limits("330902").review), (15, 7));
        assert_eq!((settings.ranking.per_day, settings.target_fen), (80, Some(300_000)));
    }

    #[test]
    fn what_the_law_does_not_allow_is_refused_and_named() {
        for (text, why) in [
            ("[limits]\nfeedback = 0\n", "feedback 要在 1 到"),
            ("[limits]\npanel_members = 4\n", "单数"),
            ("[limits]\npanel_members = 1\n", "单数"),
            ("[[regions]]\nregion = \"舟山\"\n", "统筹区代码"),
            ("floor_permille = 2000\n", "floor_permille"),
        ] {
            assert!(read(text).settled().unwrap_err().render().contains(why), "{text}");
        }
    }

    #[test]
    fn a_new_notice_is_a_file_of_the_workspace() {
        let folder = tempfile::tempdir().unwrap();
        let added = |calendar: &Calendar| format_day(calendar.add(parse_day("2027-02-04").unwrap(), 1));
        assert_eq!(added(&calendar(folder.path()).unwrap()), "2027-02-05");
        std::fs::write(folder.path().join("holidays.csv"), "\u{feff}year,2027,国办发明电〔2026〕某号\n2027-02-05,2027-02-11,off,春节\n")
            .unwrap();
        let known = calendar(folder.path()).unwrap();
        assert_eq!((added(&known).as_str(), known.is_known(parse_day("2027-02-05").unwrap())), ("2027-02-12", true));
        std::fs::write(folder.path().join("holidays.csv"), "2027-02-05,2027-02-11,free,春节\n").unwrap();
        assert!(calendar(folder.path()).unwrap_err().render().contains("第 1 行"));
    }
}
