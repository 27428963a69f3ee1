//! 机构画像: an institution's figures beside those of its like, from the settlements.

use std::collections::{BTreeMap, HashMap};

use mingjian_lake::Snapshot;
use mingjian_model::day::{self, Day};
use mingjian_platform::DataError;
use mingjian_platform::contract::institution::InstitutionProfile;
use mingjian_platform::contract::profile::{Like, ProfileMonth, ProfileRule};

use super::super::{Opened, failed};
use super::compare::{Figure, measures};
use crate::codes;
use crate::columns::Rows;
use crate::errors::Outcome;

/// All institutions' figures of a version of the lake.
#[derive(Default)]
pub struct Peers {
    institutions: HashMap<String, Figures>,
    last_day: Option<Day>,
}

#[derive(Default)]
struct Figures {
    name: String,
    level: String,
    kind: String,
    region: String,
    months: BTreeMap<String, Month>,
    stay_days: i64,
    own_fen: i64,
}

#[derive(Default, Clone, Copy)]
struct Month {
    visits: i64,
    visits_fen: i64,
    stays: i64,
    stays_fen: i64,
    fund_fen: i64,
}

const COLUMNS: &[&str] = &[
    "fixmedins_code",
    "med_type",
    "setl_time",
    "begndate",
    "enddate",
    "medfee_sumamt",
    "fund_pay_sumamt",
    "fulamt_ownpay_amt",
    "refd_setl_flag",
];

impl Peers {
    /// One pass over the settlements. Refunds take off what they return.
    pub fn read(snapshot: &Snapshot) -> Outcome<Peers> {
        let mut peers = Peers::default();
        if snapshot.has_table("fixmedins_b") {
            for batch in snapshot.read_table("fixmedins_b", &["fixmedins_code", "fixmedins_name", "fixmedins_type", "hosp_lv", "admdvs"])? {
                peers.read_institutions(&Rows::new(&batch));
            }
        }
        if snapshot.has_table("setl_d") {
            for bucket in 0..snapshot.buckets() {
                for batch in snapshot.read_bucket("setl_d", bucket, COLUMNS)?.into_iter().flatten() {
                    peers.read_settlements(&Rows::new(&batch));
                }
            }
        }
        Ok(peers)
    }

    /// Day of the newest settlement.
    pub fn last_day(&self) -> Option<Day> {
        self.last_day
    }

    /// What an institution is called in the register.
    pub fn name(&self, code: &str) -> Option<&str> {
        self.institutions.get(code).map(|figures| figures.name.as_str()).filter(|name| !name.is_empty())
    }

    /// Code, name, region, and how many visits and stays, of every institution.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str, &str, i64)> {
        self.institutions.iter().map(|(code, figures)| {
            let settled = figures.months.values().map(|month| month.visits + month.stays).sum();
            (code.as_str(), figures.name.as_str(), figures.region.as_str(), settled)
        })
    }

    /// 机构等级 in words.
    pub fn level(&self, code: &str) -> Option<&str> {
        self.institutions.get(code).map(|figures| figures.level.as_str())
    }

    /// Code of the region an institution stands in.
    pub fn region(&self, code: &str) -> Option<&str> {
        self.institutions.get(code).map(|figures| figures.region.as_str())
    }

    /// What the codes of all regions begin with; `None` where there is no register.
    pub fn common_region(&self) -> Option<String> {
        let mut regions = self.institutions.values().map(|figures| figures.region.as_str()).filter(|region| !region.is_empty());
        let first = regions.next()?;
        let shared = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
        let length = regions.fold(first.len(), |length, other| length.min(shared(first, other)));
        // Codes are of two digits a level.
        Some(first[..length - length % 2].to_owned())
    }

    fn read_institutions(&mut self, rows: &Rows<'_>) {
        for row in 0..rows.len() {
            let text = |name: &str| rows.column(name).text(row).to_owned();
            let figures = self.institutions.entry(text("fixmedins_code")).or_default();
            figures.name = text("fixmedins_name");
            figures.region = text("admdvs");
            figures.level = codes::level(&text("hosp_lv")).to_owned();
            figures.kind = if text("fixmedins_type") == "2" { "药店" } else { "医疗机构" }.to_owned();
        }
    }

    fn read_settlements(&mut self, rows: &Rows<'_>) {
        let column = |name: &str| rows.column(name);
        let (code, kind, time, refund) = (column("fixmedins_code"), column("med_type"), column("setl_time"), column("refd_setl_flag"));
        let (begin, end) = (column("begndate"), column("enddate"));
        let (total, fund, own) = (column("medfee_sumamt"), column("fund_pay_sumamt"), column("fulamt_ownpay_amt"));
        for row in 0..rows.len() {
            let Some(moment) = time.int(row) else { continue };
            let day = day::day_of(moment);
            self.last_day = self.last_day.max(Some(day));
            if !self.institutions.contains_key(code.text(row)) {
                self.institutions.insert(code.text(row).to_owned(), Figures::default());
            }
            let Some(figures) = self.institutions.get_mut(code.text(row)) else { continue };
            let sign = if refund.text(row) == "1" { -1 } else { 1 };
            let month = figures.months.entry(day::format_day(day)[..7].to_owned()).or_default();
            let money = total.int(row).unwrap_or(0);
            if codes::is_stay(kind.text(row)) {
                month.stays += sign;
                month.stays_fen += money;
                let days = begin.int(row).zip(end.int(row)).map_or(0, |(begin, end)| i64::from(day::day_of(end) - day::day_of(begin)));
                figures.stay_days += sign * days.max(1);
            } else {
                month.visits += sign;
                month.visits_fen += money;
            }
            month.fund_fen += fund.int(row).unwrap_or(0);
            figures.own_fen += own.int(row).unwrap_or(0);
        }
    }
}

impl Figures {
    fn sum(&self) -> Month {
        self.months.values().fold(Month::default(), |sum, month| Month {
            visits: sum.visits + month.visits,
            visits_fen: sum.visits_fen + month.visits_fen,
            stays: sum.stays + month.stays,
            stays_fen: sum.stays_fen + month.stays_fen,
            fund_fen: sum.fund_fen + month.fund_fen,
        })
    }

    /// The figure of each measure; `None` where there is nothing to divide by.
    fn measures(&self) -> [Option<f64>; 6] {
        let sum = self.sum();
        let per = |above: i64, below: i64| (below > 0).then(|| above as f64 / below as f64);
        let total = sum.visits_fen + sum.stays_fen;
        [
            per(sum.visits_fen, sum.visits * 100),
            per(sum.stays_fen, sum.stays * 100),
            per(self.stay_days, sum.stays),
            per(sum.stays * 100, sum.stays + sum.visits),
            per(sum.fund_fen * 100, total),
            per(self.own_fen * 100, total),
        ]
    }
}

/// In the order of [`Figures::measures`].
const FIGURES: [Figure; 6] = [
    Figure("visit_cost", "门诊（购药）次均费用", "元"),
    Figure("stay_cost", "住院次均费用", "元"),
    Figure("stay_days", "平均住院日", "天"),
    Figure("stay_share", "住院占比", "%"),
    Figure("fund_share", "基金支付占比", "%"),
    Figure("own_share", "全自费占比", "%"),
];

pub fn profile(opened: &Opened, code: &str) -> Result<Option<InstitutionProfile>, DataError> {
    let Some(own) = opened.peers.institutions.get(code) else { return Ok(None) };
    let others = opened.peers.institutions.iter().filter(|(other, figures)| {
        other.as_str() != code && figures.level == own.level && figures.kind == own.kind && !figures.months.is_empty()
    });
    let like: Vec<[Option<f64>; 6]> = others.map(|(_, other)| other.measures()).collect();
    let (found_months, rules) = found(opened, code)?;
    let months = own.months.iter().map(|(month, sums)| {
        let (findings, found_fen) = found_months.get(month).copied().unwrap_or_default();
        ProfileMonth {
            month: month.clone(),
            visits: sums.visits,
            stays: sums.stays,
            amount_fen: sums.visits_fen + sums.stays_fen,
            fund_fen: sums.fund_fen,
            findings,
            found_fen,
        }
    });
    Ok(Some(InstitutionProfile {
        code: code.to_owned(),
        name: own.name.clone(),
        level: own.level.clone(),
        kind: own.kind.clone(),
        region: own.region.clone(),
        like: Like { title: format!("{}{}", own.level, own.kind), count: like.len() as i64 },
        measures: measures(&FIGURES, &own.measures(), &like),
        months: months.collect(),
        rules,
    }))
}

type FoundMonths = HashMap<String, (i64, i64)>;

/// Findings of an institution by month and by rule, money counted once.
fn found(opened: &Opened, code: &str) -> Result<(FoundMonths, Vec<ProfileRule>), DataError> {
    let mut months = FoundMonths::new();
    let mut rules: BTreeMap<String, ProfileRule> = BTreeMap::new();
    let Some(book) = &opened.book else { return Ok((months, Vec::new())) };
    for finding in book.of_institution(code).map_err(failed)? {
        let money = finding.cluster_amount.unwrap_or(0);
        if let Some(moment) = finding.last_time.or(finding.first_time) {
            let month = months.entry(day::format_day(day::day_of(moment))[..7].to_owned()).or_default();
            *month = (month.0 + 1, month.1 + money);
        }
        let title = || opened.library.rule(&finding.rule_id).map_or_else(|| finding.rule_name.clone(), |rule| rule.title.clone());
        let rule = rules.entry(finding.rule_id.clone()).or_insert_with(|| ProfileRule {
            id: finding.rule_id.clone(),
            title: title(),
            findings: 0,
            amount_fen: 0,
        });
        rule.findings += 1;
        rule.amount_fen += money;
    }
    let mut rules: Vec<ProfileRule> = rules.into_values().collect();
    rules.sort_by(|a, b| (b.amount_fen, b.findings, &a.id).cmp(&(a.amount_fen, a.findings, &b.id)));
    Ok((months, rules))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_without_a_base_is_left_out() {
        let mut figures = Figures { stay_days: 12, ..Figures::default() };
        figures.months.insert("2025-01".to_owned(), Month { stays: 2, stays_fen: 100_000, fund_fen: 50_000, ..Month::default() });
        assert_eq!(figures.measures(), [None, Some(500.0), Some(6.0), Some(100.0), Some(50.0), Some(0.0)]);
    }
}
