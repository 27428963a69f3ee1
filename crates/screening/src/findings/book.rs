//! The findings of a version of the lake, kept at hand: one of them, or all on the same money, without reading the table again.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use mingjian_lake::{Lake, Snapshot};
use quick_cache::sync::Cache;

use super::TABLE;
use crate::error::ScreenError;
use crate::explain::PersonRows;
use crate::finding::{Finding, read_batch};
use crate::load::columns::Texts;

/// Rows of persons kept at hand, of all together; some kilobytes each.
const ROWS_KEPT: u64 = 20_000;

/// Findings as the lake has them, decoded one at a time. Held in memory: about the size of the table before compression.
#[derive(Debug)]
pub struct FindingBook {
    /// The version of the lake they were read from.
    pub version: u64,
    batches: Vec<RecordBatch>,
    /// By id, sorted: where each stands.
    ids: Vec<(String, Place)>,
    clusters: HashMap<String, Vec<Place>>,
    /// Versions of the lake that findings were made from, opened when one was explained.
    data: Mutex<HashMap<u64, Arc<Snapshot>>>,
    /// Of whom findings were explained a moment ago: who reads one mostly reads the next of the same person.
    persons: Cache<(u64, String), Arc<PersonRows>, ByRows>,
}

#[derive(Debug, Clone)]
struct ByRows;

impl quick_cache::Weighter<(u64, String), Arc<PersonRows>> for ByRows {
    fn weight(&self, _: &(u64, String), person: &Arc<PersonRows>) -> u64 {
        1 + person.len() as u64
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    batch: u32,
    row: u32,
}

impl FindingBook {
    /// Reads the findings of the newest screening, or of a version of the lake.
    pub fn open(lake: &Lake, as_of: Option<u64>) -> Result<FindingBook, ScreenError> {
        let snapshot = lake.snapshot(as_of)?;
        if !snapshot.has_table(TABLE) {
            return Err(ScreenError::NoFindings);
        }
        let batches = snapshot.read_table(TABLE, &[])?;
        let mut ids = Vec::new();
        let mut clusters: HashMap<String, Vec<Place>> = HashMap::new();
        for (batch, rows) in batches.iter().enumerate() {
            let (own, cluster) = (texts(rows, "finding_id")?, texts(rows, "cluster_id")?);
            for (row, (id, cluster)) in own.into_iter().zip(cluster).enumerate() {
                let place = Place { batch: batch as u32, row: row as u32 };
                ids.push((id, place));
                clusters.entry(cluster).or_default().push(place);
            }
        }
        ids.sort_unstable();
        clusters.retain(|_, places| places.len() > 1);
        let persons = Cache::with_weighter(ROWS_KEPT as usize / 64, ROWS_KEPT, ByRows);
        Ok(FindingBook { version: snapshot.version(), batches, ids, clusters, data: Mutex::default(), persons })
    }

    /// The version of the lake a finding was made from; where it has been swept, the newest.
    pub(crate) fn data(&self, lake: &Lake, version: u64) -> Result<Arc<Snapshot>, ScreenError> {
        let mut opened = self.data.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(snapshot) = opened.get(&version) {
            return Ok(snapshot.clone());
        }
        let snapshot = Arc::new(lake.snapshot(Some(version)).or_else(|_| lake.snapshot(None))?);
        opened.insert(version, snapshot.clone());
        Ok(snapshot)
    }

    /// What a version of the lake has of a person.
    pub(crate) fn person(&self, snapshot: &Snapshot, psn_no: &str) -> Result<Arc<PersonRows>, ScreenError> {
        self.persons.get_or_insert_with(&(snapshot.version(), psn_no.to_owned()), || PersonRows::load(snapshot, psn_no).map(Arc::new))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The finding with this id, or with this beginning of an id (six digits or more) where no other has it.
    pub fn find(&self, id: &str) -> Result<Finding, ScreenError> {
        let from = self.ids.partition_point(|(other, _)| other.as_str() < id);
        let alike = self.ids[from..].iter().take_while(|(other, _)| other.starts_with(id)).take(2).collect::<Vec<_>>();
        match alike[..] {
            [(_, place)] if id.len() >= 6 => self.at(*place),
            _ => Err(ScreenError::NoFinding(id.to_owned())),
        }
    }

    /// Other findings on the same money, the leading one first.
    pub fn cluster(&self, finding: &Finding) -> Result<Vec<Finding>, ScreenError> {
        let places = self.clusters.get(&finding.cluster_id).map_or(&[][..], Vec::as_slice);
        let mut others = Vec::new();
        for &place in places {
            others.push(self.at(place)?);
        }
        others.retain(|other| other.finding_id != finding.finding_id);
        others.sort_by(|a, b| (!a.leads, &a.finding_id).cmp(&(!b.leads, &b.finding_id)));
        Ok(others)
    }

    /// All of them, by id.
    pub fn all(&self) -> Result<Vec<Finding>, ScreenError> {
        let mut found = Vec::with_capacity(self.len());
        for rows in &self.batches {
            found.extend(read_batch(rows)?);
        }
        found.sort_by(|a, b| a.finding_id.cmp(&b.finding_id));
        Ok(found)
    }

    /// Visits of a person that a finding speaks of.
    pub fn visits_of_person(&self, psn_no: &str) -> Result<HashSet<String>, ScreenError> {
        let mut visits = HashSet::new();
        for rows in &self.batches {
            let Some(texts) = Texts::of(rows, "psn_no")? else { continue };
            let hit = texts.map(false, |text| text == psn_no);
            for row in (0..rows.num_rows()).filter(|&row| hit[texts.slot(row)]) {
                visits.extend(read_batch(&rows.slice(row, 1))?.into_iter().filter_map(|finding| finding.mdtrt_id));
            }
        }
        Ok(visits)
    }

    /// Findings about an institution or what was done there, by id.
    pub fn of_institution(&self, code: &str) -> Result<Vec<Finding>, ScreenError> {
        let mut found = Vec::new();
        for rows in &self.batches {
            let Some(texts) = Texts::of(rows, "fixmedins_code")? else { continue };
            let hit = texts.map(false, |text| text == code);
            for row in (0..rows.num_rows()).filter(|&row| hit[texts.slot(row)]) {
                found.extend(read_batch(&rows.slice(row, 1))?);
            }
        }
        found.sort_by(|a, b| a.finding_id.cmp(&b.finding_id));
        Ok(found)
    }

    fn at(&self, place: Place) -> Result<Finding, ScreenError> {
        let row = self.batches[place.batch as usize].slice(place.row as usize, 1);
        read_batch(&row)?.pop().ok_or_else(|| ScreenError::NoFinding(String::new()))
    }
}

fn texts(rows: &RecordBatch, column: &str) -> Result<Vec<String>, ScreenError> {
    let Some(texts) = Texts::of(rows, column)? else { return Ok(vec![String::new(); rows.num_rows()]) };
    let each = texts.map(String::new(), str::to_owned);
    Ok((0..rows.num_rows()).map(|row| each[texts.slot(row)].clone()).collect())
}
