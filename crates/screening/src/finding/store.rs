//! Findings on their way to the table: kept compact, in memory up to a budget and beyond it in an unlinked file, given back
//! sorted by id.
//!
//! A finding id is a hash, so its first byte spreads findings evenly over partitions; each partition is sorted alone when
//! the table is written. Peak memory: the budget, plus one partition decoded.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use mingjian_engine::{Band, Outcome};

use super::Draft;
use crate::error::ScreenError;

/// Partitions by the first byte of the id.
const PARTITIONS: usize = 64;
/// Bytes kept in memory before partitions go to the file.
const BUDGET: usize = 96 << 20;
/// Bytes a thread gathers per partition before it takes the lock.
const LOCAL: usize = 16 << 10;

/// Findings of all threads.
pub(crate) struct FindingStore {
    folder: PathBuf,
    inner: Mutex<Inner>,
}

struct Inner {
    memory: Vec<Vec<u8>>,
    bytes: usize,
    budget: usize,
    file: Option<File>,
    /// Where in the file pieces of each partition lie.
    pieces: Vec<Vec<(u64, usize)>>,
    end: u64,
}

impl FindingStore {
    /// `folder` takes the file, should one be needed.
    pub fn new(folder: &Path) -> FindingStore {
        Self::with_budget(folder, BUDGET)
    }

    fn with_budget(folder: &Path, budget: usize) -> FindingStore {
        let inner =
            Inner { memory: vec![Vec::new(); PARTITIONS], bytes: 0, budget, file: None, pieces: vec![Vec::new(); PARTITIONS], end: 0 };
        FindingStore { folder: folder.to_path_buf(), inner: Mutex::new(inner) }
    }

    /// A thread's own way in.
    pub fn writer(&self) -> Writer<'_> {
        Writer { store: self, local: vec![Vec::new(); PARTITIONS] }
    }

    fn add(&self, partition: usize, bytes: &mut Vec<u8>) -> Result<(), ScreenError> {
        let mut inner = self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        inner.memory[partition].extend_from_slice(bytes);
        inner.bytes += bytes.len();
        bytes.clear();
        if inner.bytes > inner.budget {
            inner.spill(&self.folder).map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    fn failed(&self, source: std::io::Error) -> ScreenError {
        ScreenError::Spill { path: self.folder.display().to_string(), source }
    }

    /// Reads back what went to the file, so that a disk that lost it is found out before the table is replaced.
    pub fn verify(&self) -> Result<(), ScreenError> {
        let mut inner = self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        inner.verify().map_err(|source| self.failed(source))
    }

    /// All findings, partition after partition, each sorted by id: together they are sorted by id. Call after every writer ended.
    pub fn sorted(self) -> impl Iterator<Item = Result<Vec<Draft>, ScreenError>> {
        let FindingStore { folder, inner } = self;
        let mut inner = inner.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        (0..PARTITIONS).map(move |partition| {
            let bytes = inner.take(partition).map_err(|source| ScreenError::Spill { path: folder.display().to_string(), source })?;
            let mut drafts = Vec::new();
            let mut reader = Reader { bytes: &bytes, at: 0 };
            while reader.at < bytes.len() {
                drafts.push(reader.draft());
            }
            drafts.sort_unstable_by_key(|draft| draft.id);
            Ok(drafts)
        })
    }
}

impl Inner {
    fn spill(&mut self, folder: &Path) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(folder)?),
        };
        file.seek(SeekFrom::Start(self.end))?;
        for (memory, pieces) in self.memory.iter_mut().zip(&mut self.pieces) {
            if memory.is_empty() {
                continue;
            }
            file.write_all(memory)?;
            pieces.push((self.end, memory.len()));
            self.end += memory.len() as u64;
            *memory = Vec::new();
        }
        self.bytes = 0;
        Ok(())
    }

    fn verify(&mut self) -> std::io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.seek(SeekFrom::Start(0))?;
        let read = std::io::copy(&mut file.take(self.end), &mut std::io::sink())?;
        if read == self.end { Ok(()) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
    }

    fn take(&mut self, partition: usize) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if let Some(file) = &mut self.file {
            for &(at, length) in &self.pieces[partition] {
                let start = bytes.len();
                bytes.resize(start + length, 0);
                file.seek(SeekFrom::Start(at))?;
                file.read_exact(&mut bytes[start..])?;
            }
        }
        bytes.append(&mut self.memory[partition]);
        self.memory[partition] = Vec::new();
        Ok(bytes)
    }
}

/// Gathers one thread's findings; [`Writer::finish`] hands over the rest.
pub(crate) struct Writer<'a> {
    store: &'a FindingStore,
    local: Vec<Vec<u8>>,
}

impl Writer<'_> {
    pub fn push(&mut self, draft: &Draft) -> Result<(), ScreenError> {
        let partition = usize::from(draft.id[0]) * PARTITIONS / 256;
        let local = &mut self.local[partition];
        encode(draft, local);
        if local.len() >= LOCAL { self.store.add(partition, local) } else { Ok(()) }
    }

    pub fn finish(mut self) -> Result<(), ScreenError> {
        for (partition, local) in self.local.iter_mut().enumerate() {
            if !local.is_empty() {
                self.store.add(partition, local)?;
            }
        }
        Ok(())
    }
}

/// Appends a draft as bytes; [`Reader::draft`] is its inverse. Never leaves the process, so it needs no version.
fn encode(draft: &Draft, out: &mut Vec<u8>) {
    out.extend_from_slice(&draft.id);
    out.extend_from_slice(&draft.cluster);
    out.extend_from_slice(&draft.rule.to_le_bytes());
    let bits = u8::from(draft.outcome == Outcome::Suspect) | u8::from(draft.band == Band::Watch) << 1 | u8::from(draft.leads) << 2;
    out.push(bits);
    let text = |out: &mut Vec<u8>, text: &str| {
        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    };
    for value in
        [&draft.psn_no, &draft.mdtrt_id, &draft.setl_id, &draft.fixmedins_code, &draft.bilg_dr_code, &draft.evidence_table, &draft.text]
    {
        text(out, value);
    }
    for list in [&draft.evidence, &draft.points, &draft.values] {
        out.extend_from_slice(&(list.len() as u32).to_le_bytes());
        list.iter().for_each(|value| text(out, value));
    }
    out.extend_from_slice(&(draft.evidence_amounts.len() as u32).to_le_bytes());
    draft.evidence_amounts.iter().for_each(|fen| out.extend_from_slice(&fen.to_le_bytes()));
    for value in [draft.first, draft.last, draft.amount, draft.fund_amount, draft.acct_amount, draft.cluster_amount] {
        out.push(u8::from(value.is_some()));
        out.extend_from_slice(&value.unwrap_or(0).to_le_bytes());
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        array.copy_from_slice(&self.bytes[self.at..self.at + N]);
        self.at += N;
        array
    }

    fn number(&mut self) -> usize {
        u32::from_le_bytes(self.array()) as usize
    }

    fn text(&mut self) -> String {
        let length = self.number();
        let text = String::from_utf8_lossy(&self.bytes[self.at..self.at + length]).into_owned();
        self.at += length;
        text
    }

    fn texts(&mut self) -> Vec<String> {
        (0..self.number()).map(|_| self.text()).collect()
    }

    fn option(&mut self) -> Option<i64> {
        let some = self.array::<1>()[0] == 1;
        let value = i64::from_le_bytes(self.array());
        some.then_some(value)
    }

    fn draft(&mut self) -> Draft {
        let (id, cluster) = (self.array(), self.array());
        let rule = self.number() as u32;
        let bits = self.array::<1>()[0];
        Draft {
            id,
            cluster,
            rule,
            outcome: if bits & 1 == 1 { Outcome::Suspect } else { Outcome::Violation },
            band: if bits & 2 == 2 { Band::Watch } else { Band::Core },
            leads: bits & 4 == 4,
            psn_no: self.text(),
            mdtrt_id: self.text(),
            setl_id: self.text(),
            fixmedins_code: self.text(),
            bilg_dr_code: self.text(),
            evidence_table: self.text(),
            text: self.text(),
            evidence: self.texts(),
            points: self.texts(),
            values: self.texts(),
            evidence_amounts: (0..self.number()).map(|_| i64::from_le_bytes(self.array())).collect(),
            first: self.option(),
            last: self.option(),
            amount: self.option(),
            fund_amount: self.option(),
            acct_amount: self.option(),
            cluster_amount: self.option(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(seed: u32) -> Draft {
        let id = *blake3::hash(&seed.to_le_bytes()).as_bytes();
        Draft {
            id: id[..16].try_into().unwrap(),
            cluster: id[16..].try_into().unwrap(),
            rule: seed,
            outcome: if seed.is_multiple_of(2) { Outcome::Violation } else { Outcome::Suspect },
            band: if seed.is_multiple_of(3) { Band::Core } else { Band::Watch },
            psn_no: format!("P{seed}"),
            mdtrt_id: String::new(),
            setl_id: "结算".into(),
            fixmedins_code: "H".into(),
            bilg_dr_code: "D".into(),
            first: Some(-1),
            last: None,
            evidence_table: "fee_list_d".into(),
            evidence: vec![seed.to_string(); (seed % 4) as usize],
            evidence_amounts: vec![i64::from(seed); (seed % 4) as usize],
            points: Vec::new(),
            values: vec!["值=1".into()],
            amount: Some(12),
            fund_amount: None,
            acct_amount: Some(0),
            text: "疑点".repeat(20),
            leads: seed.is_multiple_of(5),
            cluster_amount: None,
        }
    }

    #[test]
    fn findings_come_back_sorted_and_whole_from_memory_and_from_the_file() {
        let folder = tempfile::tempdir().unwrap();
        for budget in [usize::MAX, 50_000] {
            let store = FindingStore::with_budget(folder.path(), budget);
            let mut writer = store.writer();
            (0..3_000).for_each(|seed| writer.push(&draft(seed)).unwrap());
            writer.finish().unwrap();
            let back: Vec<Draft> = store.sorted().flat_map(|drafts| drafts.unwrap()).collect();
            assert!(back.is_sorted_by_key(|draft| draft.id));
            let mut expected: Vec<Draft> = (0..3_000).map(draft).collect();
            expected.sort_by_key(|draft| draft.id);
            assert_eq!(back, expected);
        }
    }
}
