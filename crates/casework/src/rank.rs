//! Which lead first (排序): precision of the rule × recoverable money, learned from what people decided.
//!
//! True of it: a rule nobody decided about yet has a prior by its verdict, so that new rules are neither first nor last by accident;
//! every decision moves it, by count and by money.

use std::collections::{BTreeMap, HashMap};

use crate::settings::Ranking;

/// What people decided about a rule's findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    pub checked: i64,
    pub upheld: i64,
    pub checked_fen: i64,
    pub upheld_fen: i64,
}

impl Outcome {
    /// What was decided elsewhere.
    fn without(self, part: Outcome) -> Outcome {
        Outcome {
            checked: (self.checked - part.checked).max(0),
            upheld: (self.upheld - part.upheld).max(0),
            checked_fen: (self.checked_fen - part.checked_fen).max(0),
            upheld_fen: (self.upheld_fen - part.upheld_fen).max(0),
        }
    }
}

/// Weight of the prior in findings: as if so many had been decided before.
#[derive(Debug, Clone, Copy)]
struct Prior {
    upheld: f64,
    cleared: f64,
}

/// A definite rule on sound data is nearly always right; a suspicion is heard first; the watch band is a hint. Public figures for
/// suspicions run from 6 to 77 per cent (practice.md), hence the weak prior in the middle.
fn prior(shown_result: &str) -> Prior {
    match shown_result {
        "违规" => Prior { upheld: 9.0, cleared: 1.0 },
        "可疑" => Prior { upheld: 4.0, cleared: 6.0 },
        _ => Prior { upheld: 1.0, cleared: 4.0 },
    }
}

/// The share of a rule's findings expected to be upheld, 0 to 1: the mean of its precision by count and by money.
pub fn precision(shown_result: &str, outcome: Outcome) -> f64 {
    let prior = prior(shown_result);
    let weight = prior.upheld + prior.cleared;
    let by_count = (prior.upheld + outcome.upheld as f64) / (weight + outcome.checked as f64);
    if outcome.checked == 0 || outcome.checked_fen <= 0 {
        return by_count;
    }
    // The prior's money is that of as many average findings.
    let average = outcome.checked_fen as f64 / outcome.checked as f64;
    let by_money = (prior.upheld * average + outcome.upheld_fen as f64) / (weight * average + outcome.checked_fen as f64);
    (by_count + by_money) / 2.0
}

/// Weight of a rule's overall share in that of one kind of institution, in findings: with so many decided there, both count alike.
const KIND_WEIGHT: f64 = 10.0;

/// Kind of institution (机构类别): 药店 by the first letter of the national code (医保定点医药机构编码: H 医疗机构, P 零售药店), else the level of
/// the hospital; 未定级 where it has none.
pub fn kind_of(code: &str, level: &str) -> String {
    match (code.as_bytes().first(), level) {
        (Some(b'P'), _) => "药店".into(),
        (_, "") => "未定级".into(),
        (_, level) => level.into(),
    }
}

/// The share of a rule's findings at one kind of institution expected to be upheld, 0 to 1, drawn towards the rule's share at all others:
///
/// `p_kind = (w·p + upheld_kind) / (w + checked_kind)`, with p = [`precision`] of what was decided at other kinds and w = 10; by money
/// alike, with w average findings of the kind; the mean of both. It is the mean of the beta-binomial posterior with prior
/// Beta(w·p, w·(1−p)), the usual way to estimate many shares of unequal counts (Efron and Morris, 1975, JASA 70:311). The kind's own cases
/// are left out of p, so that none counts twice. Without a case it is the rule's overall share; with many it is the kind's own.
pub fn precision_at(shown_result: &str, rule: Outcome, kind: Outcome) -> f64 {
    if kind.checked <= 0 {
        return precision(shown_result, rule);
    }
    let overall = precision(shown_result, rule.without(kind));
    let by_count = (KIND_WEIGHT * overall + kind.upheld as f64) / (KIND_WEIGHT + kind.checked as f64);
    if kind.checked_fen <= 0 {
        return by_count;
    }
    let average = kind.checked_fen as f64 / kind.checked as f64;
    let by_money = (KIND_WEIGHT * average * overall + kind.upheld_fen as f64) / (KIND_WEIGHT * average + kind.checked_fen as f64);
    (by_count + by_money) / 2.0
}

/// A 90 % interval of the share upheld by count, (low, high), for the rule's card: Wilson's, with the bare counts; (0, 1) where nothing
/// was decided.
pub fn interval(outcome: Outcome) -> (f64, f64) {
    if outcome.checked == 0 {
        return (0.0, 1.0);
    }
    let (n, p, z) = (outcome.checked as f64, outcome.upheld as f64 / outcome.checked as f64, 1.645_f64);
    let middle = p + z * z / (2.0 * n);
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let down = 1.0 + z * z / n;
    (((middle - spread) / down).max(0.0), ((middle + spread) / down).min(1.0))
}

/// A rule that was so often wrong that it makes no new leads (B8).
pub fn is_below_floor(outcome: Outcome, ranking: &Ranking) -> bool {
    outcome.checked >= ranking.floor_checked.max(1) && outcome.upheld * 1000 < outcome.checked * ranking.floor_permille
}

/// Expected recoverable money (fen) of a finding and its worth in the order.
///
/// `recoverable_fen`: the funds' part of the money counted on it; 0 where another finding counts it; None where the rule computes none.
pub fn expected(precision: f64, recoverable_fen: Option<i64>, ranking: &Ranking) -> (i64, i64) {
    match recoverable_fen {
        Some(fen) => {
            let expected = (precision * fen as f64).round() as i64;
            (expected, expected)
        }
        None => (0, (precision * ranking.conduct_fen as f64).round() as i64),
    }
}

/// 0 to 100 from the worth in the order (fen): every tenfold is 20 points, 10 万元 is full.
pub fn score(rank_fen: i64) -> i64 {
    let yuan = rank_fen.max(0) as f64 / 100.0;
    ((1.0 + yuan).log10() * 20.0).round().clamp(0.0, 100.0) as i64
}

/// Outcomes by rule id.
pub type Outcomes = HashMap<String, Outcome>;

/// Everything decided so far: by rule, and by rule and kind of institution.
#[derive(Debug, Clone, Default)]
pub(crate) struct Learned {
    pub rules: Outcomes,
    pub kinds: HashMap<String, BTreeMap<String, Outcome>>,
}

impl Learned {
    /// The share expected to be upheld of a rule's findings at a kind of institution.
    pub fn precision(&self, rule: &str, kind: &str, shown_result: &str) -> f64 {
        let of_kind = self.kinds.get(rule).and_then(|kinds| kinds.get(kind)).copied().unwrap_or_default();
        precision_at(shown_result, self.rules.get(rule).copied().unwrap_or_default(), of_kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(checked: i64, upheld: i64) -> Outcome {
        Outcome { checked, upheld, checked_fen: checked * 1000, upheld_fen: upheld * 1000 }
    }

    #[test]
    fn a_new_rule_stands_by_its_verdict() {
        assert_eq!(precision("违规", Outcome::default()), 0.9);
        assert_eq!(precision("可疑", Outcome::default()), 0.4);
        assert_eq!(precision("提醒", Outcome::default()), 0.2);
    }

    #[test]
    fn decisions_move_a_rule_by_count_and_by_money() {
        let good = precision("可疑", outcome(100, 95));
        let bad = precision("可疑", outcome(100, 6));
        assert!(good > 0.85 && bad < 0.1, "{good} {bad}");
        // Equal counts, but what was upheld was small money.
        let small = precision("可疑", Outcome { checked: 10, upheld: 5, checked_fen: 100_000, upheld_fen: 1_000 });
        let large = precision("可疑", Outcome { checked: 10, upheld: 5, checked_fen: 100_000, upheld_fen: 99_000 });
        assert!(small < large, "{small} {large}");
    }

    #[test]
    fn a_kind_of_institution_is_drawn_to_the_rule_until_it_has_cases_of_its_own() {
        let elsewhere = outcome(200, 160);
        let overall = precision("可疑", elsewhere);
        let plus = |kind: Outcome| Outcome {
            checked: elsewhere.checked + kind.checked,
            upheld: elsewhere.upheld + kind.upheld,
            checked_fen: elsewhere.checked_fen + kind.checked_fen,
            upheld_fen: elsewhere.upheld_fen + kind.upheld_fen,
        };
        let at = |kind| precision_at("可疑", plus(kind), kind);
        assert_eq!(at(Outcome::default()), overall);
        // Two of two wrong is no proof; two hundred are.
        let (few, many) = (at(outcome(2, 0)), at(outcome(200, 0)));
        assert!(few > 0.6 && few < overall && many < 0.05, "{few} {many}");
        // (10 × p + 30) / (10 + 40), by count and by money alike.
        assert!((at(outcome(40, 30)) - (10.0 * overall + 30.0) / 50.0).abs() < 1e-9);
        // Tried at one kind alone, a rule is there what it is at all.
        let alone = outcome(10, 0);
        assert!((precision_at("可疑", alone, alone) - precision("可疑", alone)).abs() < 1e-9);
        assert_eq!([kind_of("P33090200001", ""), kind_of("H33090200001", "三级"), kind_of("", "")], ["药店", "三级", "未定级"]);
    }

    #[test]
    fn the_interval_holds_the_share_and_narrows() {
        let (low, high) = interval(outcome(10, 9));
        let (nearer, upper) = interval(outcome(1000, 900));
        assert!(low < 0.9 && 0.9 < high && nearer > low && upper < high);
        assert_eq!(interval(Outcome::default()), (0.0, 1.0));
    }

    #[test]
    fn a_rule_below_the_floor_falls_silent_only_once_it_was_tried() {
        let ranking = Ranking::default();
        assert!(!is_below_floor(outcome(29, 0), &ranking));
        assert!(is_below_floor(outcome(30, 2), &ranking));
        assert!(!is_below_floor(outcome(30, 3), &ranking));
    }

    #[test]
    fn scores_grow_with_money_and_stay_within_bounds() {
        assert_eq!(score(0), 0);
        assert_eq!(score(10_000), 40);
        assert_eq!(score(1_000_000), 80);
        assert_eq!(score(10_000_000), 100);
        assert_eq!(score(i64::MAX), 100);
        assert_eq!(expected(0.4, None, &Ranking::default()), (0, 20_000));
    }
}
