//! 筛查: the batch moment over the lake, and what it leaves behind.
//!
//! Goes in: a [`mingjian_lake::Lake`] and a [`mingjian_rules::Library`]. Comes out: the `findings` table of the lake, a
//! [`ScreenReport`], and, for people, findings to list ([`findings`]) and to explain ([`fn@explain`]).
//!
//! True of it: the kernel judges all line rules (`batch`), [`mingjian_groups`] the group rules; what a rule lacks is said, not
//! guessed (`coverage`). Equal data and rules give byte-equal findings on any number of threads, buckets and imports
//! (`tests/it/same.rs`). Reads no clock.
//!
//! Start reading at [`screen`] for the whole, at `load` for how rows become timelines, at `batch::drafts` for how hits become findings.

mod batch;
mod cluster;
mod coverage;
mod error;
mod explain;
mod finding;
pub mod findings;
mod load;
mod money;
pub mod person;
mod report;
mod rows;

pub use batch::{Phases, ScreenOptions, measure, screen};
pub use error::ScreenError;
pub use explain::{EvidenceLine, Explanation, Marked, PointText, RuleText, VisitText, explain, of_person, register};
pub use finding::{Finding, FindingId, findings_schema, format_id, read_batch};
pub use load::bucket::Plan;
pub use load::catalogue::Reference;
pub use mingjian_groups::run_cases as run_sql_cases;
pub use report::{InstitutionGap, Progress, Quiet, Reason, RuleNotRun, RuleResult, ScreenReport, Totals};
pub use rows::Row;
