//! Parameters of a region: limits in working days, the reading a team can do in a day, what makes a lead worth reading.

use serde::{Deserialize, Serialize};

/// Settings of casework; every number is a region's to change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Limits where no region of `regions` fits.
    pub limits: Limits,
    /// Limits of regions by the beginning of their code; the longest that fits holds.
    pub regions: Vec<RegionLimits>,
    pub ranking: Ranking,
    pub attachments: AttachmentLimits,
    /// What is to be recovered this year (fen), for the workbench; none where nobody set a target.
    pub target_fen: Option<i64>,
}

/// Limits of one region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegionLimits {
    /// Beginning of the region's code (统筹区).
    pub region: String,
    #[serde(flatten)]
    pub limits: Limits,
}

/// Working days for each step (law.md's defaults: 5 for the first review, 10 for each answer and review, 5 for the last word), and who
/// must sit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// 初审
    pub first_review: i64,
    /// 机构反馈
    pub feedback: i64,
    /// 复审
    pub review: i64,
    /// 再申诉
    pub appeal: i64,
    /// 合议, and seating the panel.
    pub panel: i64,
    /// 终审
    pub last_word: i64,
    /// 退回基金 from the decision on.
    pub payment: i64,
    /// An appeal against less than this (fen, 涉及金额) may go to the last word without a panel. 0: every appeal has a panel.
    pub panel_from_fen: i64,
    /// Members of a panel at least; odd.
    pub panel_members: usize,
    /// The longest a limit may be set to or extended by at once.
    pub longest: i64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            first_review: 5,
            feedback: 10,
            review: 10,
            appeal: 10,
            panel: 10,
            last_word: 5,
            payment: 10,
            panel_from_fen: 0,
            panel_members: 3,
            longest: 60,
        }
    }
}

/// What goes into the order of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ranking {
    /// Leads one auditor reads in a day.
    pub per_day: i64,
    /// What a finding without money (fen) is worth in the order alone, times the precision of its rule: conduct can be graver than cents.
    pub conduct_fen: i64,
    /// A rule makes no new leads once this many of its findings were decided …
    pub floor_checked: i64,
    /// … and less than this share of them (per mille) was upheld.
    pub floor_permille: i64,
}

impl Default for Ranking {
    fn default() -> Ranking {
        Ranking { per_day: 60, conduct_fen: 50_000, floor_checked: 30, floor_permille: 100 }
    }
}

/// What may be attached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AttachmentLimits {
    /// Bytes of one file.
    pub file_bytes: usize,
    /// Files of one lead or campaign answer.
    pub files: i64,
    /// Bytes a docx, xlsx or ofd may hold once unpacked.
    pub unpacked_bytes: u64,
}

impl Default for AttachmentLimits {
    fn default() -> AttachmentLimits {
        AttachmentLimits { file_bytes: 20 << 20, files: 50, unpacked_bytes: 200 << 20 }
    }
}

impl Settings {
    /// The limits of a region.
    pub fn limits(&self, region: &str) -> &Limits {
        let fits = self.regions.iter().filter(|one| region.starts_with(&one.region));
        fits.max_by_key(|one| one.region.len()).map_or(&self.limits, |one| &one.limits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_region_sets_the_limit() {
        let of = |region: &str, feedback| RegionLimits { region: region.into(), limits: Limits { feedback, ..Limits::default() } };
        let settings = Settings { regions: vec![of("33", 12), of("3309", 7)], ..Settings::default() };
        assert_eq!(settings.limits("330902").feedback, 7);
        assert_eq!(settings.limits("330100").feedback, 12);
        assert_eq!(settings.limits("110000").feedback, 10);
    }
}
