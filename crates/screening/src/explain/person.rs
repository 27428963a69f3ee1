//! What the lake has of a person, and the part of it around a finding.

use std::collections::{BTreeMap, HashMap, HashSet};

use mingjian_lake::Snapshot;
use mingjian_model::day::{MICROS_PER_DAY, Moment, day_of, parse_moment};
use mingjian_model::schema;

use super::{Marked, VisitText, belongs};
use crate::error::ScreenError;
use crate::finding::Finding;
use crate::rows::{self, Row};

/// All rows of a person, in order of time.
#[derive(Debug)]
pub(crate) struct PersonRows {
    pub visits: Vec<Row>,
    pub settlements: Vec<Row>,
    pub diagnoses: Vec<Row>,
    pub operations: Vec<Row>,
    pub lines: Vec<Row>,
}

/// A visit on the way into the timeline: its rows, and whether each is in evidence.
#[derive(Default)]
struct Visit<'a> {
    row: Option<&'a Row>,
    /// The row that first told of a visit the lake has no row of.
    told_by: Option<&'a Row>,
    marked: bool,
    settlements: Vec<(&'a Row, bool)>,
    diagnoses: Vec<(&'a Row, bool)>,
    operations: Vec<(&'a Row, bool)>,
    lines: Vec<(&'a Row, bool)>,
}

impl PersonRows {
    pub fn load(snapshot: &Snapshot, psn_no: &str) -> Result<PersonRows, ScreenError> {
        let of = |name| schema::table(name).map_or_else(|| Ok(Vec::new()), |table| rows::of_subject(snapshot, table, psn_no));
        let mut person = PersonRows {
            visits: of("mdtrt_d")?,
            settlements: of("setl_d")?,
            diagnoses: of("setl_list_diag_d")?,
            operations: of("setl_list_oprn_d")?,
            lines: of("fee_list_d")?,
        };
        let by = |columns: [&'static str; 3]| move |row: &Row| columns.map(|column| row.get(column).to_owned());
        person.visits.sort_by_cached_key(by(["begntime", "mdtrt_id", ""]));
        person.settlements.sort_by_cached_key(by(["setl_time", "setl_id", ""]));
        person.diagnoses.sort_by_cached_key(by(["mdtrt_id", "setl_list_diag_id", ""]));
        person.operations.sort_by_cached_key(by(["mdtrt_id", "oprn_oprt_date", "setl_list_oprn_id"]));
        person.lines.sort_by_cached_key(by(["fee_ocur_time", "mdtrt_id", "bkkp_sn"]));
        Ok(person)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        [&self.visits, &self.settlements, &self.diagnoses, &self.operations, &self.lines].map(Vec::len).iter().sum()
    }

    /// Visits that touch the finding's period, `days` wider on both sides, with what belongs to them.
    pub fn timeline(&self, finding: &Finding, days: u32) -> Vec<VisitText> {
        let margin = i64::from(days) * MICROS_PER_DAY;
        let (Some(first), Some(last)) = (finding.first_time.or(finding.last_time), finding.last_time.or(finding.first_time)) else {
            return Vec::new();
        };
        let (from, to) = (day_of(first - margin), day_of(last + margin));
        self.by_visit(finding).into_values().filter(|visit| visit.touches(from, to)).map(Visit::text).collect()
    }

    /// By begin and id.
    fn by_visit(&self, finding: &Finding) -> BTreeMap<(Moment, &str), Visit<'_>> {
        let evidence: HashSet<&str> = finding.evidence.iter().map(String::as_str).collect();
        let is = |of: &str, id: &str| finding.evidence_table == of && evidence.contains(id);
        let mut visits: BTreeMap<(Moment, &str), Visit<'_>> = BTreeMap::new();
        let mut place: HashMap<&str, (Moment, &str)> = HashMap::new();
        for row in &self.visits {
            let id = row.get("mdtrt_id");
            let key = (parse_moment(row.get("begntime")).unwrap_or(0), id);
            let marked = is("mdtrt_d", id) || finding.mdtrt_id.as_deref() == Some(id);
            place.insert(id, key);
            visits.insert(key, Visit { row: Some(row), marked, ..Visit::default() });
        }
        for (name, id, time, rows) in [
            ("setl_d", "setl_id", "setl_time", &self.settlements),
            ("fee_list_d", "bkkp_sn", "fee_ocur_time", &self.lines),
            ("setl_list_diag_d", "setl_list_diag_id", "", &self.diagnoses),
            ("setl_list_oprn_d", "setl_list_oprn_id", "", &self.operations),
        ] {
            for row in rows {
                let visit_id = row.get("mdtrt_id");
                let key = *place.entry(visit_id).or_insert_with(|| (parse_moment(row.get(time)).unwrap_or(0), visit_id));
                let visit = visits.entry(key).or_insert_with(|| Visit {
                    told_by: Some(row),
                    marked: finding.mdtrt_id.as_deref() == Some(visit_id),
                    ..Visit::default()
                });
                // bkkp_sn is unique inside a visit only; a finding over several visits may mark a namesake, which the amount column tells apart.
                let marked = is(name, row.get(id)) && (name != "fee_list_d" || belongs(finding, row));
                let list = match name {
                    "setl_d" => &mut visit.settlements,
                    "fee_list_d" => &mut visit.lines,
                    "setl_list_oprn_d" => &mut visit.operations,
                    _ => &mut visit.diagnoses,
                };
                list.push((row, marked));
            }
        }
        visits
    }
}

impl Visit<'_> {
    fn touches(&self, from: i32, to: i32) -> bool {
        let day = |text: &str| parse_moment(text).map(day_of);
        let own = |column| self.row.and_then(|row| day(row.get(column)));
        let begin = own("begntime");
        let end = own("endtime").or(begin);
        self.marked
            || begin.zip(end).is_some_and(|(begin, end)| begin <= to && end >= from)
            || self.lines.iter().any(|(row, marked)| *marked || day(row.get("fee_ocur_time")).is_some_and(|day| (from..=to).contains(&day)))
            || self.settlements.iter().any(|(_, marked)| *marked)
    }

    fn text(self) -> VisitText {
        let rows = |list: Vec<(&Row, bool)>| list.into_iter().map(|(row, marked)| Marked { row: row.clone(), marked }).collect();
        // A visit the lake has no row of stands in one made of what its rows say.
        let made = |row: &Row| {
            let cells = row.cells.iter().filter(|cell| matches!(cell.0, "mdtrt_id" | "fixmedins_code" | "fixmedins_name" | "med_type"));
            Row { cells: cells.cloned().collect() }
        };
        VisitText {
            visit: self.row.cloned().or_else(|| self.told_by.map(made)).unwrap_or_default(),
            marked: self.marked,
            settlements: rows(self.settlements),
            diagnoses: rows(self.diagnoses),
            operations: rows(self.operations),
            lines: rows(self.lines),
        }
    }
}
