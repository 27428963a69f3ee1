//! 数据: what the platform asks of the lake, the library and the runs. The command line implements it; this crate stays clear of the query
//! engine.
//!
//! All calls block; the platform makes them on threads for blocking work. Nothing here decides about rights: the platform asks only for what
//! the person may see, and masks what comes back.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mingjian_model::day::Day;
use serde_json::{Map, Value};

use crate::contract::evidence::{Evidence, PersonTimeline};
use crate::contract::institution::InstitutionProfile;
use crate::contract::knowledge::{KnowledgeRevision, KnowledgeTable};
use crate::contract::lead::Identity;
use crate::contract::profile::{DoctorProfile, PersonProfile};
use crate::contract::relations::{RelationGroups, Relations};
use crate::contract::rules::{RulePage, RuleRow};
use crate::contract::runs::{ImportBatch, QualityCheck, Run};
use crate::counter::CounterFacts;

/// Why data could not be had. The text is for whoever reads the screen; the source is logged.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// 没有数据: nothing imported or screened yet.
    #[error("{0}")]
    Missing(String),
    /// What was asked makes no sense, as a job without its file.
    #[error("{0}")]
    Invalid(String),
    #[error("读数据时出错")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Facts of the data as a whole.
#[derive(Debug, Clone, Default)]
pub struct DataState {
    /// Last day of the data.
    pub as_of: Option<String>,
    /// The newest run of the screening.
    pub run: Option<String>,
}

/// Rows of a knowledge table from one position on.
#[derive(Debug, Clone, Default)]
pub struct KnowledgeRows {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Rows that match, over all pages.
    pub total: u64,
    /// Of the whole table, newest first.
    pub revisions: Vec<KnowledgeRevision>,
}

/// 关系图谱: what is asked of it, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationsAsk {
    /// 1 or 2.
    pub degree: u8,
    /// 最少共现次数; unless said, the usual of the kinds.
    pub least: Option<u32>,
    /// Visits and purchases too, not only stays.
    pub all_kinds: bool,
    pub from: Option<Day>,
    pub to: Option<Day>,
    /// Kind and code of the nodes left out.
    pub without: Vec<(String, String)>,
    /// Rounds of the permutation test.
    pub rounds: u32,
}

/// A picture with what the right to it depends on.
#[derive(Debug, Clone, Default)]
pub struct Drawn {
    /// 参保地 of the first person asked about.
    pub region: String,
    /// Without what casework knows (leads).
    pub picture: Relations,
}

/// Groups with their members, by whom leads are looked up.
#[derive(Debug, Clone, Default)]
pub struct DrawnGroups {
    pub groups: RelationGroups,
    /// Numbers of the members of each group listed.
    pub members: Vec<Vec<String>>,
}

/// Whether a region's code is in scope.
pub type Sees<'a> = &'a dyn Fn(&str) -> bool;

pub trait Data: Send + Sync {
    fn state(&self) -> Result<DataState, DataError>;

    /// `None`: the findings hold no such id.
    fn evidence(&self, finding: &str) -> Result<Option<Evidence>, DataError>;
    fn timeline(&self, finding: &str) -> Result<Option<PersonTimeline>, DataError>;

    /// 统筹区 and 区划 by code, as the region's settings name them. Nothing of it is secret; where it cannot be read it is empty.
    fn region_names(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    /// Without figures of checks: those are of the business store, and the platform adds them.
    fn rules(&self) -> Result<Vec<RuleRow>, DataError>;
    fn rule(&self, id: &str) -> Result<Option<RulePage>, DataError>;

    fn knowledge(&self) -> Result<Vec<KnowledgeTable>, DataError>;
    /// Rows that hold `text`, `limit` of them after `skip`; `None`: no such table.
    fn knowledge_rows(&self, table: &str, text: &str, skip: u64, limit: u64) -> Result<Option<KnowledgeRows>, DataError>;

    fn runs(&self) -> Result<Vec<Run>, DataError>;
    fn imports(&self) -> Result<Vec<ImportBatch>, DataError>;
    fn quality(&self) -> Result<Vec<QualityCheck>, DataError>;

    fn institution(&self, code: &str) -> Result<Option<InstitutionProfile>, DataError>;

    /// What the counter counted from one day to another, both among them, of everybody: the platform leaves out whom the person may not see.
    fn counter(&self, from: Day, to: Day) -> Result<CounterFacts, DataError>;

    /// A doctor at each institution, the one with most money first; findings and other institutions are added by the platform.
    fn doctor(&self, code: &str) -> Result<Vec<DoctorProfile>, DataError>;
    /// Findings are added by the platform.
    fn person_profile(&self, psn_no: &str) -> Result<Option<PersonProfile>, DataError>;

    /// Who is treated together with these persons. In it are visits at institutions of regions seen, and of persons insured there, and nothing of
    /// other visits but how many persons an institution had on a day. `None`: none of the persons is known.
    fn relations(&self, persons: &[String], ask: &RelationsAsk, sees: Sees<'_>) -> Result<Option<Drawn>, DataError>;
    /// Groups of the newest data, within the same.
    fn relation_groups(&self, sees: Sees<'_>) -> Result<Arc<DrawnGroups>, DataError>;

    /// Name and certificate in clear. Called for an unmasking that has been recorded, and for nothing else.
    fn person(&self, psn_no: &str) -> Result<Option<Identity>, DataError>;

    /// The same of many, by number; who is not in the register is left out.
    fn persons(&self, numbers: &[String]) -> Result<HashMap<String, Identity>, DataError> {
        let mut found = HashMap::new();
        for number in numbers {
            if let Some(identity) = self.person(number)? {
                found.insert(number.clone(), identity);
            }
        }
        Ok(found)
    }

    /// Runs a job to its end and tells what came of it. It looks at `reins` often: a cancelled job stops where nothing is half done.
    fn run_job(&self, kind: JobKind, args: &Map<String, Value>, reins: &Reins) -> Result<String, DataError>;
}

/// 任务 that can be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    Import,
    Screen,
    UpdateLeads,
}

impl JobKind {
    pub const ALL: [JobKind; 3] = [JobKind::Import, JobKind::Screen, JobKind::UpdateLeads];

    pub fn id(self) -> &'static str {
        match self {
            JobKind::Import => "import",
            JobKind::Screen => "screen",
            JobKind::UpdateLeads => "update_leads",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            JobKind::Import => "导入数据",
            JobKind::Screen => "筛查",
            JobKind::UpdateLeads => "更新线索",
        }
    }

    pub fn of(id: &str) -> Option<JobKind> {
        JobKind::ALL.into_iter().find(|kind| kind.id() == id)
    }
}

/// How a running job is heard and stopped.
#[derive(Clone)]
pub struct Reins {
    cancelled: Arc<AtomicBool>,
    tell: Arc<Tell>,
}

/// Step, done, total.
type Tell = dyn Fn(&str, u64, u64) + Send + Sync;

impl Reins {
    pub fn new(cancelled: Arc<AtomicBool>, tell: impl Fn(&str, u64, u64) + Send + Sync + 'static) -> Reins {
        Reins { cancelled, tell: Arc::new(tell) }
    }

    pub fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// What is under way, how far; `total` is 0 while not known.
    pub fn tell(&self, step: &str, done: u64, total: u64) {
        (self.tell)(step, done, total);
    }
}
