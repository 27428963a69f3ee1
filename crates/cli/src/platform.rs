//! 平台: what the platform's pages ask of the workspace — findings, the lake, the library, the records of runs — and the jobs they start.
//!
//! Cost: a version of the lake is opened once and kept until a newer one is there; findings are held as read, one is decoded when asked
//! for. Everything here blocks; the platform calls it on threads for that.

pub mod business;
mod counted;
mod evidence;
pub mod jobs;
pub mod leads;
mod library;
mod profile;
pub mod provider;
mod records;
mod relations;
pub mod serving;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use mingjian_casework::Office;
use mingjian_lake::{Lake, Snapshot};
use mingjian_model::day::Day;
use mingjian_platform::contract::evidence::{Evidence, PersonTimeline};
use mingjian_platform::contract::institution::InstitutionProfile;
use mingjian_platform::contract::knowledge::KnowledgeTable;
use mingjian_platform::contract::lead::Identity;
use mingjian_platform::contract::profile::{DoctorProfile, PersonProfile};
use mingjian_platform::contract::rules::{RulePage, RuleRow};
use mingjian_platform::contract::runs::{ImportBatch, QualityCheck, Run};
use mingjian_platform::counter::CounterFacts;
use mingjian_platform::{Data, DataError, DataState, Drawn, DrawnGroups, JobKind, KnowledgeRows, Reins, RelationsAsk, Sees};
use mingjian_rules::Library;
use mingjian_screening::findings::FindingBook;
use mingjian_server::Service;
use serde_json::{Map, Value};

use crate::errors::{Failure, Outcome};
use crate::runs;
use crate::workspace::{self, newest};

/// A workspace as the platform's data.
pub struct WorkspaceData {
    pub folder: PathBuf,
    /// The lake once opened, and what was read of its newest version.
    opened: Mutex<Option<Arc<Opened>>>,
    /// For jobs that write leads.
    pub office: Office,
    /// The counter that answers in this process.
    counter: Option<Arc<Service>>,
}

/// One version of the lake with its findings and the library.
pub struct Opened {
    pub lake: Lake,
    pub snapshot: Snapshot,
    /// `None` before the first screening.
    pub book: Option<FindingBook>,
    pub library: Library,
    /// The record of the screening the findings are of.
    pub run: Option<runs::Run>,
    pub peers: profile::Peers,
    /// Read when somebody asks for a profile of one.
    doctors: OnceLock<profile::Doctors>,
    groups: OnceLock<profile::Groups>,
    together: OnceLock<relations::Together>,
    /// The region's own library as it was: its newest change, and how many files.
    library_files: (Option<SystemTime>, usize),
}

impl Opened {
    /// Figures of all doctors; the first call reads the lines of charges.
    fn doctors(&self) -> Outcome<&profile::Doctors> {
        if let Some(read) = self.doctors.get() {
            return Ok(read);
        }
        let read = profile::Doctors::read(&self.snapshot)?;
        Ok(self.doctors.get_or_init(|| read))
    }

    /// Figures of persons by group; the first call reads the settlements.
    fn groups(&self) -> Outcome<&profile::Groups> {
        if let Some(read) = self.groups.get() {
            return Ok(read);
        }
        let read = profile::Groups::read(&self.snapshot, self.peers.last_day())?;
        Ok(self.groups.get_or_init(|| read))
    }

    /// Who was where on which day; the first call reads the visits.
    fn together(&self) -> Outcome<&relations::Together> {
        if let Some(read) = self.together.get() {
            return Ok(read);
        }
        let read = relations::Together::read(&self.snapshot, &self.peers)?;
        Ok(self.together.get_or_init(|| read))
    }
}

impl WorkspaceData {
    pub fn new(folder: PathBuf, office: Office) -> WorkspaceData {
        WorkspaceData { folder, opened: Mutex::new(None), office, counter: None }
    }

    /// With the counter of this process.
    pub fn with_counter(self, counter: Arc<Service>) -> WorkspaceData {
        WorkspaceData { counter: Some(counter), ..self }
    }

    /// The newest version, opened anew when there is a newer one than at the last call.
    pub fn open(&self) -> Result<Arc<Opened>, DataError> {
        if !self.folder.join("lake").exists() {
            return Err(DataError::Missing("还没有数据：先导入".to_owned()));
        }
        let mut kept = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = kept.as_ref()
            && opened.lake.version().map_err(failed)? == opened.snapshot.version()
            && opened.library_files == newest(&self.folder.join("library"))
        {
            return Ok(opened.clone());
        }
        let opened = Arc::new(self.open_anew().map_err(told)?);
        *kept = Some(opened.clone());
        Ok(opened)
    }

    fn open_anew(&self) -> Outcome<Opened> {
        let lake = workspace::lake_at(&self.folder)?;
        let library_files = newest(&self.folder.join("library"));
        let (library, _) = workspace::library_at(&self.folder, None)?;
        let snapshot = lake.snapshot(None)?;
        let book = snapshot.has_table("findings").then(|| FindingBook::open(&lake, None)).transpose()?;
        let run = match &book {
            Some(_) => runs::load(&self.folder, lake.since(&snapshot, |table| table == "findings")?)?,
            None => None,
        };
        let peers = profile::Peers::read(&snapshot)?;
        Ok(Opened {
            lake,
            snapshot,
            book,
            library,
            run,
            peers,
            doctors: OnceLock::new(),
            groups: OnceLock::new(),
            together: OnceLock::new(),
            library_files,
        })
    }

    /// With findings to speak of.
    fn screened(&self) -> Result<Arc<Opened>, DataError> {
        let opened = self.open()?;
        match &opened.book {
            Some(_) => Ok(opened),
            None => Err(DataError::Missing("还没有筛查过：先运行筛查".to_owned())),
        }
    }
}

/// An error of ours as the platform passes it on: words for the reader inside.
fn told(failure: Failure) -> DataError {
    DataError::Missing(failure.in_a_line())
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> DataError {
    DataError::Failed(Box::new(error))
}

impl Data for WorkspaceData {
    fn state(&self) -> Result<DataState, DataError> {
        if !self.folder.join("lake").exists() {
            return Ok(DataState::default());
        }
        let opened = self.open()?;
        Ok(DataState {
            as_of: opened.peers.last_day().map(mingjian_model::day::format_day),
            run: opened.run.as_ref().map(|run| run.finished.clone()),
        })
    }

    fn region_names(&self) -> BTreeMap<String, String> {
        // Read anew each time, as small as it is: a name put right is seen at the next page.
        crate::settings::Settings::load(&self.folder).map(|settings| settings.regions).unwrap_or_default()
    }

    fn evidence(&self, finding: &str) -> Result<Option<Evidence>, DataError> {
        evidence::evidence(&*self.screened()?, finding)
    }

    fn timeline(&self, finding: &str) -> Result<Option<PersonTimeline>, DataError> {
        evidence::timeline(&*self.screened()?, finding)
    }

    fn rules(&self) -> Result<Vec<RuleRow>, DataError> {
        library::rules(self)
    }

    fn rule(&self, id: &str) -> Result<Option<RulePage>, DataError> {
        library::rule(self, id)
    }

    fn knowledge(&self) -> Result<Vec<KnowledgeTable>, DataError> {
        library::knowledge(self)
    }

    fn knowledge_rows(&self, table: &str, text: &str, skip: u64, limit: u64) -> Result<Option<KnowledgeRows>, DataError> {
        library::knowledge_rows(self, table, text, skip, limit)
    }

    fn runs(&self) -> Result<Vec<Run>, DataError> {
        records::runs(self)
    }

    fn imports(&self) -> Result<Vec<ImportBatch>, DataError> {
        records::imports(self)
    }

    fn quality(&self) -> Result<Vec<QualityCheck>, DataError> {
        records::quality(self)
    }

    fn institution(&self, code: &str) -> Result<Option<InstitutionProfile>, DataError> {
        profile::profile(&*self.open()?, code)
    }

    fn counter(&self, from: Day, to: Day) -> Result<CounterFacts, DataError> {
        // Without data there are no institutions to be connected, and calls all the same.
        let opened = match self.open() {
            Ok(opened) => Some(opened),
            Err(DataError::Missing(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(counted::counted(self.counter.as_deref(), opened.as_deref(), from, to))
    }

    fn doctor(&self, code: &str) -> Result<Vec<DoctorProfile>, DataError> {
        profile::doctor(&*self.open()?, code)
    }

    fn person_profile(&self, psn_no: &str) -> Result<Option<PersonProfile>, DataError> {
        profile::person(&*self.open()?, psn_no)
    }

    fn relations(&self, persons: &[String], ask: &RelationsAsk, sees: Sees<'_>) -> Result<Option<Drawn>, DataError> {
        relations::relations(&*self.open()?, persons, ask, sees)
    }

    fn relation_groups(&self, sees: Sees<'_>) -> Result<Arc<DrawnGroups>, DataError> {
        relations::relation_groups(&*self.open()?, sees)
    }

    fn person(&self, psn_no: &str) -> Result<Option<Identity>, DataError> {
        let opened = self.open()?;
        let found = mingjian_screening::register(&opened.snapshot, psn_no).map_err(failed)?;
        Ok(found.map(|row| Identity { name: row.get("psn_name").to_owned(), certno: row.get("certno").to_owned() }))
    }

    fn run_job(&self, kind: JobKind, args: &Map<String, Value>, reins: &Reins) -> Result<String, DataError> {
        jobs::run(self, kind, args, reins)
    }
}
