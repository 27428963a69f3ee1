//! 疑点 before and after they are stored: [`Draft`] as screening makes them, [`Finding`] as the `findings` table gives them back.

mod record;
mod store;

use mingjian_engine::{Band, Outcome};
use mingjian_model::day::Moment;
use mingjian_rules::Rule;

pub(crate) use record::{RuleFacts, to_batch};
pub use record::{findings_schema, read_batch};
pub(crate) use store::{FindingStore, Writer};

/// 128 bits that say which finding it is: rule, version, subject and sorted evidence keys, nothing else.
pub type FindingId = [u8; 16];

/// The id as findings carry it in text: 32 hexadecimal digits.
pub fn format_id(id: FindingId) -> String {
    let mut text = String::with_capacity(32);
    for byte in id {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text
}

/// Computes a finding's id (house reading 1).
///
/// `subject` is whom the finding is about: person, institution, practitioner (empty where it does not apply). `evidence` are
/// the keys of its rows in any order; a fee line's key is its mdtrt_id and bkkp_sn, since the latter is unique in a visit only.
pub(crate) fn finding_id(rule_id: &str, version: u32, subject: [&str; 3], evidence: &mut [String]) -> FindingId {
    evidence.sort_unstable();
    let mut hasher = blake3::Hasher::new();
    let mut part = |text: &str| {
        hasher.update(&(text.len() as u32).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    part(rule_id);
    part(&version.to_string());
    subject.into_iter().for_each(&mut part);
    evidence.iter().for_each(|key| part(key));
    let mut id = [0; 16];
    id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    id
}

/// A finding in the making. Empty strings mean 'none'; money in fen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    pub id: FindingId,
    /// Position of the rule in the library.
    pub rule: u32,
    pub outcome: Outcome,
    pub band: Band,
    pub psn_no: String,
    pub mdtrt_id: String,
    pub setl_id: String,
    pub fixmedins_code: String,
    pub bilg_dr_code: String,
    pub first: Option<Moment>,
    pub last: Option<Moment>,
    pub evidence_table: String,
    pub evidence: Vec<String>,
    /// One per evidence row; empty where the rule computes no money.
    pub evidence_amounts: Vec<i64>,
    pub points: Vec<String>,
    pub values: Vec<String>,
    pub amount: Option<i64>,
    pub fund_amount: Option<i64>,
    pub acct_amount: Option<i64>,
    pub text: String,
    pub cluster: FindingId,
    pub leads: bool,
    pub cluster_amount: Option<i64>,
}

/// A finding as the lake keeps it: one row of the `findings` table (ARCHITECTURE.md, Findings).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub finding_id: String,
    pub rule_id: String,
    pub rule_version: u32,
    pub rule_name: String,
    /// 违规类型
    pub kind: String,
    /// 政策类 / 管理类 / 医疗类
    pub class: String,
    /// 违规 / 可疑
    pub result: String,
    /// core / watch
    pub band: String,
    pub psn_no: Option<String>,
    pub mdtrt_id: Option<String>,
    pub setl_id: Option<String>,
    pub fixmedins_code: Option<String>,
    pub bilg_dr_code: Option<String>,
    pub first_time: Option<Moment>,
    pub last_time: Option<Moment>,
    pub evidence_table: String,
    pub evidence: Vec<String>,
    /// Fen, one per evidence row; empty where the rule computes no money.
    pub evidence_amounts: Vec<i64>,
    /// `table:row key [valid from–to]`
    pub points: Vec<String>,
    /// `name=value`
    pub values: Vec<String>,
    /// 涉案金额 in fen; `None` where the rule computes no money.
    pub amount: Option<i64>,
    /// 涉及统筹基金, fen.
    pub fund_amount: Option<i64>,
    /// 涉及个人账户, fen.
    pub acct_amount: Option<i64>,
    pub text: String,
    /// The id of the finding that leads the cluster.
    pub cluster_id: String,
    pub leads: bool,
    /// The cluster's money counted once, fen; on the leading finding only.
    pub cluster_amount: Option<i64>,
    pub data_version: u64,
    pub rule_set_hash: String,
}

impl Finding {
    /// What a draft tells, with what every finding of its rule repeats; of no version of the lake.
    pub(crate) fn of(draft: Draft, rule: &Rule, rule_set_hash: &str) -> Finding {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        Finding {
            finding_id: format_id(draft.id),
            rule_id: rule.id.clone(),
            rule_version: rule.version,
            rule_name: rule.title.clone(),
            kind: rule.kind.clone(),
            class: rule.class.title().to_owned(),
            result: draft.outcome.title().to_owned(),
            band: draft.band.code().to_owned(),
            psn_no: some(draft.psn_no),
            mdtrt_id: some(draft.mdtrt_id),
            setl_id: some(draft.setl_id),
            fixmedins_code: some(draft.fixmedins_code),
            bilg_dr_code: some(draft.bilg_dr_code),
            first_time: draft.first,
            last_time: draft.last,
            evidence_table: draft.evidence_table,
            evidence: draft.evidence,
            evidence_amounts: draft.evidence_amounts,
            points: draft.points,
            values: draft.values,
            amount: draft.amount,
            fund_amount: draft.fund_amount,
            acct_amount: draft.acct_amount,
            text: draft.text,
            cluster_id: format_id(draft.cluster),
            leads: draft.leads,
            cluster_amount: draft.cluster_amount,
            data_version: 0,
            rule_set_hash: rule_set_hash.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_the_set_of_evidence_and_not_on_its_order() {
        let id = |keys: &[&str]| finding_id("N067", 1, ["P1", "", ""], &mut keys.iter().map(|key| key.to_string()).collect::<Vec<_>>());
        assert_eq!(id(&["V1\u{1f}2", "V1\u{1f}1"]), id(&["V1\u{1f}1", "V1\u{1f}2"]));
        assert_ne!(id(&["V1\u{1f}1"]), id(&["V1\u{1f}2"]));
        assert_eq!(format_id(id(&["a"])).len(), 32);
    }

    #[test]
    fn neighbouring_parts_do_not_run_together() {
        assert_ne!(finding_id("N1", 1, ["ab", "", ""], &mut []), finding_id("N1", 1, ["a", "b", ""], &mut []));
    }
}
