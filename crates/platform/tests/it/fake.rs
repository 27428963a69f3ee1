//! Data made up for tests: one finding, one rule, one institution. A name of script and quotes stands in for whatever a feed may bring.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mingjian_model::day::Day;
use mingjian_platform::contract::Coded;
use mingjian_platform::contract::counter::CounterReason;
use mingjian_platform::contract::evidence::{Evidence, EvidenceLine, Lane, PersonTimeline, RuleText};
use mingjian_platform::contract::institution::InstitutionProfile;
use mingjian_platform::contract::knowledge::KnowledgeTable;
use mingjian_platform::contract::lead::{Finding, FindingRule, Identity};
use mingjian_platform::contract::profile::{DoctorProfile, PersonProfile};
use mingjian_platform::contract::relations::{RelationGroup, RelationGroups, RelationNode, Relations, RelationsAsked};
use mingjian_platform::contract::rules::{RulePage, RuleRow};
use mingjian_platform::contract::runs::{ImportBatch, QualityCheck, Run};
use mingjian_platform::counter::{CounterCell, CounterFacts, CounterInstitution, CounterRuleCell, CounterRuleState};
use mingjian_platform::{Data, DataError, DataState, Drawn, DrawnGroups, JobKind, KnowledgeRows, Reins, RelationsAsk, Sees};
use serde_json::{Map, Value};

pub const NASTY: &str = "<script>alert('周建国')</script>\"=1+1";

/// Counts who was looked up in clear.
#[derive(Default)]
pub struct Fake {
    pub unmasked: Mutex<Vec<String>>,
    pub nothing_imported: AtomicBool,
}

impl Data for Fake {
    fn state(&self) -> Result<DataState, DataError> {
        Ok(DataState { as_of: Some("2026-01-31".into()), run: Some("7".into()) })
    }

    fn region_names(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("3309".into(), "临溪市".into())])
    }

    fn evidence(&self, finding: &str) -> Result<Option<Evidence>, DataError> {
        let rule = FindingRule { id: "L014".into(), title: "同日多级护理".into(), class: "政策类".into(), version: 2 };
        Ok(Some(Evidence {
            finding: Finding { id: finding.into(), rule, result: "违规".into(), band: "core".into(), ..Finding::default() },
            rule: RuleText { id: "L014".into(), version: 2, title: "同日多级护理".into(), ..RuleText::default() },
            lines: vec![
                EvidenceLine {
                    house: "H1".into(),
                    id: "1".into(),
                    name: NASTY.into(),
                    amount_fen: 2_000,
                    hit: true,
                    ..EvidenceLine::default()
                },
                EvidenceLine {
                    house: "H7".into(),
                    id: "X-9".into(),
                    time: "2026-01-03".into(),
                    name: "远方的项目".into(),
                    practitioner: Some("远**".into()),
                    amount_fen: 99_901,
                    hit: true,
                    hit_fen: Some(99_901),
                    ..EvidenceLine::default()
                },
            ],
            arithmetic: vec!["20.00 + 999.01 = 1019.01".into()],
            ..Evidence::default()
        }))
    }

    fn timeline(&self, _: &str) -> Result<Option<PersonTimeline>, DataError> {
        let lane = Lane { kind: "stay".into(), begin: "2026-01-01".into(), end: "2026-01-05".into(), ..Lane::default() };
        let other = Lane { institution: "远方医院".into(), label: "住院 远方医院".into(), hit: true, ..lane.clone() };
        Ok(Some(PersonTimeline { lanes: vec![lane, other], from: "2025-12-01".into(), to: "2026-02-01".into() }))
    }

    fn rules(&self) -> Result<Vec<RuleRow>, DataError> {
        let row = |id: &str, status: &str| RuleRow {
            id: id.into(),
            title: "同日多级护理".into(),
            status: status.into(),
            findings: 12,
            amount_fen: 99_000,
            ..RuleRow::default()
        };
        Ok(vec![row("L014", "live"), row("S001", "shadow")])
    }

    fn rule(&self, id: &str) -> Result<Option<RulePage>, DataError> {
        let row = self.rules()?.into_iter().find(|row| row.id == id);
        Ok(row.map(|row| RulePage { row, markdown: NASTY.into(), ..RulePage::default() }))
    }

    fn knowledge(&self) -> Result<Vec<KnowledgeTable>, DataError> {
        Ok(vec![KnowledgeTable { table: "nursing_levels".into(), points: 250, ..KnowledgeTable::default() }])
    }

    fn knowledge_rows(&self, table: &str, text: &str, skip: u64, limit: u64) -> Result<Option<KnowledgeRows>, DataError> {
        let rows: Vec<Vec<String>> = (0..250).map(|at| vec![format!("行{at}")]).filter(|row| row[0].contains(text)).collect();
        let total = rows.len() as u64;
        let page = rows.into_iter().skip(skip as usize).take(limit as usize).collect();
        Ok((table == "nursing_levels").then(|| KnowledgeRows {
            columns: vec!["名称".into()],
            rows: page,
            total,
            ..KnowledgeRows::default()
        }))
    }

    fn runs(&self) -> Result<Vec<Run>, DataError> {
        Ok(vec![Run { id: "7".into(), current: true, ..Run::default() }])
    }

    fn imports(&self) -> Result<Vec<ImportBatch>, DataError> {
        Ok(vec![ImportBatch { version: 1, ..ImportBatch::default() }])
    }

    fn quality(&self) -> Result<Vec<QualityCheck>, DataError> {
        if self.nothing_imported.load(Ordering::Relaxed) {
            return Err(DataError::Missing("还没有导入数据".into()));
        }
        let of = |institution: &str, region: &str| QualityCheck {
            institution: institution.into(),
            region: region.into(),
            check: "医保目录编码为空".into(),
            ..QualityCheck::default()
        };
        Ok(vec![of("H1", "330902"), of("H9", "440103"), of("H0", "")])
    }

    fn institution(&self, code: &str) -> Result<Option<InstitutionProfile>, DataError> {
        let of = |region: &str| InstitutionProfile {
            code: code.into(),
            name: NASTY.into(),
            region: region.into(),
            ..InstitutionProfile::default()
        };
        Ok(match code {
            "H1" => Some(of("330902")),
            "H9" => Some(of("440100")),
            _ => None,
        })
    }

    fn counter(&self, from: Day, _: Day) -> Result<CounterFacts, DataError> {
        let cell = |institution: &str, calls: i64| CounterCell {
            day: from,
            hour: 9,
            institution: institution.into(),
            vendor: "甲软件".into(),
            interface: "3101".into(),
            calls,
            reminded: calls / 2,
            reminders: calls / 2,
            took: vec![0, calls.unsigned_abs(), 0],
            ..CounterCell::default()
        };
        let feedback = |institution: &str, changed: i64| CounterCell {
            interface: "3103".into(),
            calls: 0,
            reminded: 0,
            reminders: 0,
            took: Vec::new(),
            changed,
            continued: 1,
            ..cell(institution, 0)
        };
        let rule = |institution: &str, reminders: i64, changed: i64| CounterRuleCell {
            institution: institution.into(),
            rule: "L014".into(),
            reminders,
            changed,
            continued: 1,
        };
        let known =
            |code: &str, region: &str| CounterInstitution { code: code.into(), name: NASTY.into(), region: region.into(), settled: 5 };
        Ok(CounterFacts {
            serving: true,
            bounds_micros: vec![500, 1_000],
            cells: vec![cell("H1", 10), cell("H9", 1_000), cell("其他", 50), feedback("H1", 3), feedback("H9", 70)],
            rules: vec![rule("H1", 5, 3), rule("H9", 500, 70)],
            states: vec![CounterRuleState {
                id: "L014".into(),
                title: NASTY.into(),
                dropped: 40,
                kept: 9,
                reasons: vec![CounterReason { reason: "病情需要".into(), times: 8 }],
                ..CounterRuleState::default()
            }],
            institutions: vec![known("H1", "330902"), known("H2", "330902"), known("H9", "440100")],
            unread: Vec::new(),
        })
    }

    fn doctor(&self, code: &str) -> Result<Vec<DoctorProfile>, DataError> {
        let at = |institution: &str, region: &str| DoctorProfile {
            code: code.into(),
            name_masked: "周**".into(),
            institution: Coded { code: institution.into(), name: NASTY.into() },
            region: region.into(),
            ..DoctorProfile::default()
        };
        // The code of an institution in a route's path stands for a doctor there.
        Ok(match code {
            "H1" => vec![at("H1", "330902")],
            "D1" => vec![at("H1", "330902"), at("H9", "440100")],
            "D9" => vec![at("H9", "440100")],
            _ => Vec::new(),
        })
    }

    fn person_profile(&self, psn_no: &str) -> Result<Option<PersonProfile>, DataError> {
        let of = |region: &str| PersonProfile {
            no: psn_no.into(),
            name_masked: "周**".into(),
            region: region.into(),
            ..PersonProfile::default()
        };
        Ok(match psn_no {
            "H1" => Some(of("330902")),
            // Insured elsewhere; P1 is spoken of by a lead at H1, P7 by none.
            "P1" | "P7" => Some(of("440100")),
            _ => None,
        })
    }

    /// Persons as [`Fake::person_profile`] knows them; of an institution's region each, as far as it is seen.
    fn relations(&self, persons: &[String], ask: &RelationsAsk, sees: Sees<'_>) -> Result<Option<Drawn>, DataError> {
        let Some(region) = persons.iter().find_map(|no| match no.as_str() {
            "H1" => Some("330902"),
            "P1" | "P2" | "P7" => Some("440100"),
            _ => None,
        }) else {
            return Ok(None);
        };
        let node = |kind: &str, code: &str, standing: Option<&str>| RelationNode {
            id: format!("{kind}:{code}"),
            kind: kind.into(),
            code: code.into(),
            label: NASTY.into(),
            standing: standing.map(str::to_owned),
            ..RelationNode::default()
        };
        let mut nodes: Vec<RelationNode> = persons.iter().map(|no| node("person", no, Some("core"))).collect();
        nodes.extend(
            [("H1", "330902"), ("H9", "440100")].into_iter().filter(|(_, at)| sees(at)).map(|(code, _)| node("hospital", code, None)),
        );
        let kinds = if ask.all_kinds { "all" } else { "stays" };
        let asked = RelationsAsked {
            degree: i64::from(ask.degree),
            least: i64::from(ask.least.unwrap_or(3)),
            kinds: kinds.into(),
            ..RelationsAsked::default()
        };
        let picture = Relations { asked, nodes, core: 1, why: vec![NASTY.into()], width: 1_000.0, height: 520.0, ..Relations::default() };
        Ok(Some(Drawn { region: region.into(), picture }))
    }

    fn relation_groups(&self, sees: Sees<'_>) -> Result<Arc<DrawnGroups>, DataError> {
        let members: Vec<Vec<String>> = if sees("330902") { vec![vec!["P1".into(), "P2".into()]] } else { Vec::new() };
        let item = |of: &Vec<String>| RelationGroup { person: of[0].clone(), persons: of.len() as i64, ..RelationGroup::default() };
        let groups = RelationGroups { items: members.iter().map(item).collect(), total: members.len() as i64, ..RelationGroups::default() };
        Ok(Arc::new(DrawnGroups { groups, members }))
    }

    fn person(&self, psn_no: &str) -> Result<Option<Identity>, DataError> {
        self.unmasked.lock().unwrap().push(psn_no.to_owned());
        Ok(Some(Identity { name: "周建国".into(), certno: "330902199001011234".into() }))
    }

    fn run_job(&self, kind: JobKind, args: &Map<String, Value>, reins: &Reins) -> Result<String, DataError> {
        if kind == JobKind::Import && !args.contains_key("files") {
            return Err(DataError::Invalid("没有说导入哪些文件".into()));
        }
        for at in 0..400 {
            if reins.cancelled() {
                return Err(DataError::Invalid("取消".into()));
            }
            reins.tell("筛查", at, 400);
            if kind == JobKind::UpdateLeads && at > 3 {
                return Ok("线索 3 条".into());
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        Ok("完成".into())
    }
}
