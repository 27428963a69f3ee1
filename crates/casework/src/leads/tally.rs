//! What a lead says of its findings: rules, money, worth, days, the reason. One way for runs, merges and splits, so that the sums agree.

use mingjian_model::day::{Day, day_of};

use super::row::{FindingStored, LeadRow};
use super::view::LeadRule;
use crate::finding::{FindingRow, shown_result};
use crate::money::Money;
use crate::rank;
use crate::subject::reason_of;

/// A live finding, as far as its lead asks. `at` is the caller's own number for it.
#[derive(Debug, Clone)]
pub(crate) struct Piece<'a> {
    pub at: usize,
    id: &'a str,
    rule: &'a str,
    rule_name: &'a str,
    class: &'a str,
    kind: &'a str,
    text: &'a str,
    shown: &'static str,
    first_day: Option<Day>,
    last_day: Option<Day>,
    pub counted: Money,
    /// Expected recoverable money, and the worth in the order (fen).
    expected_fen: i64,
    rank_fen: i64,
}

impl<'a> Piece<'a> {
    pub fn of_run(at: usize, finding: &'a FindingRow, counted: Money, (expected_fen, rank_fen): (i64, i64)) -> Piece<'a> {
        Piece {
            at,
            id: &finding.finding_id,
            rule: &finding.rule_id,
            rule_name: &finding.rule_name,
            class: &finding.class,
            kind: &finding.kind,
            text: &finding.text,
            shown: finding.shown_result(),
            first_day: finding.first_day(),
            last_day: finding.last_day(),
            counted,
            expected_fen,
            rank_fen,
        }
    }

    pub fn of_stored(at: usize, finding: &'a FindingStored, (expected_fen, rank_fen): (i64, i64)) -> Piece<'a> {
        Piece {
            at,
            id: &finding.id,
            rule: &finding.rule,
            rule_name: &finding.rule_name,
            class: &finding.class,
            kind: &finding.kind,
            text: &finding.text,
            shown: shown_result(&finding.result, &finding.band),
            first_day: finding.first_time.or(finding.last_time).map(day_of),
            last_day: finding.last_time.or(finding.first_time).map(day_of),
            counted: finding.counted,
            expected_fen,
            rank_fen,
        }
    }
}

/// The sums of a lead.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    pub rules: Vec<LeadRule>,
    pub findings: i64,
    pub result: &'static str,
    pub definite: bool,
    pub money: Money,
    pub expected_fen: i64,
    pub rank_fen: i64,
    pub reason: String,
    pub first_day: Day,
    pub last_day: Day,
}

/// Puts the pieces in the order of the lead, the dearest first, and adds them up. `as_of` dates what has no time. There is at least one.
pub(crate) fn tally(pieces: &mut [Piece<'_>], as_of: Day) -> Tally {
    pieces.sort_by(|a, b| b.rank_fen.cmp(&a.rank_fen).then(b.counted.amount_fen.cmp(&a.counted.amount_fen)).then_with(|| a.id.cmp(b.id)));
    let mut money = Money::default();
    pieces.iter().for_each(|piece| money += piece.counted);
    let expected_fen: i64 = pieces.iter().map(|piece| piece.expected_fen).sum();
    // Conduct without money is worth its gravest finding, not their number.
    let conduct_fen = pieces.iter().map(|piece| piece.rank_fen - piece.expected_fen).max().unwrap_or(0);
    let mut rules: Vec<LeadRule> = Vec::new();
    for piece in pieces.iter() {
        if rules.iter().all(|rule| rule.id != piece.rule) {
            rules.push(LeadRule { id: piece.rule.into(), title: piece.rule_name.into(), class: piece.class.into() });
        }
    }
    let kinds: Vec<&str> = pieces.iter().skip(1).map(|piece| piece.kind).collect();
    Tally {
        rules,
        findings: pieces.len() as i64,
        result: ["违规", "可疑"].into_iter().find(|result| pieces.iter().any(|piece| piece.shown == *result)).unwrap_or("提醒"),
        definite: pieces.iter().all(|piece| piece.shown == "违规"),
        money,
        expected_fen,
        rank_fen: expected_fen + conduct_fen,
        reason: reason_of(pieces.first().map_or("", |piece| piece.text), &kinds),
        first_day: pieces.iter().filter_map(|piece| piece.first_day).min().unwrap_or(as_of),
        last_day: pieces.iter().filter_map(|piece| piece.last_day).max().unwrap_or(as_of),
    }
}

impl Tally {
    /// The lead of these findings, all else as it was.
    pub fn on(self, lead: &LeadRow) -> LeadRow {
        LeadRow {
            rules: self.rules,
            findings: self.findings,
            result: self.result.into(),
            definite: self.definite,
            amount_fen: self.money.amount_fen,
            fund_fen: self.money.fund_fen,
            acct_fen: self.money.acct_fen,
            expected_fen: self.expected_fen,
            rank_fen: self.rank_fen,
            score: rank::score(self.rank_fen),
            reason: self.reason,
            first_day: self.first_day.into(),
            last_day: self.last_day.into(),
            ..lead.clone()
        }
    }
}
