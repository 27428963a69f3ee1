//! Hits of a bucket become findings: evidence ids, texts, shares, ids, clusters.

use mingjian_engine::timeline::Visit;
use mingjian_engine::{Band, Evidence, Hit, NONE, Outcome, Role, Worker};
use mingjian_lake::Snapshot;
use mingjian_rules::{Compiled, Library, Names};

use crate::cluster::{Clusters, Stake};
use crate::error::ScreenError;
use crate::finding::{Draft, finding_id};
use crate::load::bucket::{Bucket, Chunk};
use crate::load::catalogue::Reference;
use crate::money;

/// A finding with the money it puts at risk, line by line (rows of the bucket).
pub(crate) struct Risky {
    pub draft: Draft,
    pub lines: Vec<(u32, i64)>,
    /// Position of the hit it was made of.
    pub hit: usize,
    block: u16,
}

/// Names as findings' texts show them: from the catalogue and the institution list, else the code.
pub(crate) struct ReferenceNames<'a> {
    pub worker: &'a Worker,
    pub reference: &'a Reference,
}

impl Names for ReferenceNames<'_> {
    fn item(&self, id: u32) -> String {
        let code = self.worker.item_code(id);
        let name = self.reference.item(code).map_or("", |item| item.name.as_str());
        if name.is_empty() { code.to_owned() } else { name.to_owned() }
    }

    fn institution(&self, id: u32) -> String {
        let code = self.worker.institution_code(id);
        let name = self.reference.institutions.get(code).map_or("", |known| known.name.as_str());
        if name.is_empty() { code.to_owned() } else { name.to_owned() }
    }

    fn code(&self, id: u32) -> String {
        self.worker.code_text(id).to_owned()
    }

    fn text(&self, id: u16) -> String {
        self.worker.text_of(id).to_owned()
    }
}

/// What turns hits into findings.
pub(crate) struct Drafter<'a> {
    pub library: &'a Library,
    pub compiled: &'a Compiled,
    pub reference: &'a Reference,
    pub clusters: Clusters,
}

impl Drafter<'_> {
    /// The findings of a bucket of the lake with their clusters. Hits come with the chunk they were found in.
    pub fn draft(
        &mut self,
        snapshot: &Snapshot,
        bucket: &Bucket,
        hits: &[(usize, Hit)],
        worker: &Worker,
    ) -> Result<Vec<Risky>, ScreenError> {
        let rows = evidence_rows(bucket, hits);
        let cells = bucket.pick(snapshot, &["bkkp_sn", "bilg_dr_code"], &rows)?;
        let line = |row: u32| match rows.binary_search(&row) {
            Ok(at) => (cells[at][0].as_str(), cells[at][1].as_str()),
            Err(_) => ("", ""),
        };
        let names = ReferenceNames { worker, reference: self.reference };
        Ok(self.draft_with(bucket, hits, worker, &names, &line))
    }

    /// The same for rows that stand elsewhere: `line` gives bkkp_sn and bilg_dr_code of a row of the bucket.
    pub fn draft_with<'c>(
        &mut self,
        bucket: &Bucket,
        hits: &[(usize, Hit)],
        worker: &Worker,
        names: &dyn Names,
        line: &dyn Fn(u32) -> (&'c str, &'c str),
    ) -> Vec<Risky> {
        let mut found: Vec<Risky> = hits
            .iter()
            .enumerate()
            .map(|(number, (at, hit))| {
                let chunk = &bucket.chunks[*at];
                let line = |row: u32| line(chunk.row(row));
                self.one(bucket, chunk, (number, hit), worker, names, &line)
            })
            .collect();
        merge(&mut found);
        self.cluster(&mut found);
        found
    }

    fn one<'c>(
        &self,
        bucket: &Bucket,
        chunk: &Chunk,
        (number, hit): (usize, &Hit),
        worker: &Worker,
        names: &dyn Names,
        line: &dyn Fn(u32) -> (&'c str, &'c str),
    ) -> Risky {
        let people = &bucket.people;
        let at = self.compiled.rules[usize::from(self.compiled.rule_set.blocks[usize::from(hit.block)].rule)];
        let rule = &self.library.rules[at];
        let psn_no = people.psn_no(chunk.persons.start + hit.person);
        let (mut evidence, mut keys) = (Vec::with_capacity(hit.rows.len()), Vec::with_capacity(hit.rows.len()));
        for row in &hit.rows {
            let (id, key) = match hit.evidence {
                Evidence::Lines => {
                    let id = line(row.row).0;
                    (id, format!("{}\u{1f}{id}", people.mdtrt_id(visit_with(bucket, chunk, hit, |visit| visit.lines.contains(&row.row)))))
                }
                Evidence::Visits => (people.mdtrt_id(row.row), people.mdtrt_id(row.row).to_owned()),
                Evidence::Settlements => (people.setl_id(row.row), people.setl_id(row.row).to_owned()),
                Evidence::Diagnoses => {
                    let id = people.diagnosis_key(row.row, visit_with(bucket, chunk, hit, |visit| visit.diagnoses.contains(&row.row)));
                    (id, id.to_owned())
                }
            };
            evidence.push(id.to_owned());
            keys.push(key);
        }
        let id = finding_id(&rule.id, rule.version, [psn_no, "", ""], &mut keys);
        let lines: Vec<(u32, i64)> = match hit.evidence {
            Evidence::Lines => hit.rows.iter().filter(|row| row.amount > 0).map(|row| (chunk.row(row.row), row.amount)).collect(),
            _ => Vec::new(),
        };
        let amount = hit.has_amount.then(|| hit.amount());
        let shares = hit.has_amount.then(|| {
            let settled = |row: u32| match hit.evidence {
                Evidence::Lines => chunk.lines.settlement[row as usize],
                Evidence::Settlements => row,
                Evidence::Visits => people.default_settlement(row),
                Evidence::Diagnoses => hit.settlement,
            };
            money::shares(&people.settlements, hit.rows.iter().filter(|row| row.amount != 0).map(|row| (settled(row.row), row.amount)))
        });
        let institution = match hit.visit {
            NONE => "",
            visit => worker.institution_code(people.visits[visit as usize].institution),
        };
        let doctor = match hit.evidence {
            Evidence::Lines => hit.rows.iter().find(|row| row.role == Role::Offends).map_or("", |row| line(row.row).1),
            _ => "",
        };
        let draft = Draft {
            id,
            rule: at as u32,
            outcome: hit.outcome,
            band: hit.band,
            psn_no: psn_no.to_owned(),
            mdtrt_id: if hit.visit == NONE { String::new() } else { people.mdtrt_id(hit.visit).to_owned() },
            setl_id: if hit.settlement == NONE { String::new() } else { people.setl_id(hit.settlement).to_owned() },
            fixmedins_code: institution.to_owned(),
            bilg_dr_code: doctor.to_owned(),
            first: Some(hit.first),
            last: Some(hit.last),
            evidence_table: table_of(hit.evidence).to_owned(),
            evidence,
            evidence_amounts: if hit.has_amount { hit.rows.iter().map(|row| row.amount).collect() } else { Vec::new() },
            points: hit.points.iter().map(|&point| self.compiled.point_label(hit.block, point)).collect(),
            values: self.compiled.values(self.library, hit, names).into_iter().map(|(name, value)| format!("{name}={value}")).collect(),
            amount,
            fund_amount: shares.map(|shares| shares.fund),
            acct_amount: shares.map(|shares| shares.account),
            text: self.compiled.render(self.library, hit, names),
            cluster: id,
            leads: true,
            cluster_amount: None,
        };
        Risky { draft, lines, hit: number, block: hit.block }
    }

    fn cluster(&mut self, found: &mut [Risky]) {
        let stakes: Vec<Stake<'_>> = found
            .iter()
            .map(|risky| Stake {
                id: risky.draft.id,
                outcome: risky.draft.outcome,
                class: self.library.rules[risky.draft.rule as usize].class,
                lines: &risky.lines,
            })
            .collect();
        let places = self.clusters.place(&stakes);
        let ids: Vec<_> = found.iter().map(|risky| risky.draft.id).collect();
        for (at, (risky, place)) in found.iter_mut().zip(places).enumerate() {
            let draft = &mut risky.draft;
            draft.leads = place.leader == at;
            draft.cluster = ids[place.leader];
            draft.cluster_amount = (draft.leads && draft.amount.is_some()).then_some(place.amount);
        }
    }
}

/// Name of the national table evidence rows stand in.
fn table_of(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Lines => "fee_list_d",
        Evidence::Visits => "mdtrt_d",
        Evidence::Settlements => "setl_d",
        Evidence::Diagnoses => "setl_list_diag_d",
    }
}

/// The visit a row belongs to: the finding's own, as a rule; else whichever of the person's holds it.
fn visit_with(bucket: &Bucket, chunk: &Chunk, hit: &Hit, holds: impl Fn(&Visit) -> bool) -> u32 {
    let visits = &bucket.people.visits;
    if hit.visit != NONE && holds(&visits[hit.visit as usize]) {
        return hit.visit;
    }
    let range = bucket.people.persons[(chunk.persons.start + hit.person) as usize].visits.clone();
    range.into_iter().find(|&visit| holds(&visits[visit as usize])).unwrap_or(hit.visit)
}

/// Rows of the bucket that stand in evidence, ascending.
fn evidence_rows(bucket: &Bucket, hits: &[(usize, Hit)]) -> Vec<u32> {
    let mut rows: Vec<u32> = hits
        .iter()
        .filter(|(_, hit)| hit.evidence == Evidence::Lines)
        .flat_map(|(at, hit)| hit.rows.iter().map(|row| bucket.chunks[*at].row(row.row)))
        .collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// Hits of one rule on the same rows are one finding: the stronger counts, the points of all stand.
fn merge(found: &mut Vec<Risky>) {
    let strength = |risky: &Risky| -> (Outcome, Band, i64, u16) {
        let draft = &risky.draft;
        (draft.outcome, draft.band, -draft.amount.unwrap_or(0), risky.block)
    };
    found.sort_by(|a, b| (a.draft.id, strength(a)).cmp(&(b.draft.id, strength(b))).then_with(|| a.draft.text.cmp(&b.draft.text)));
    found.dedup_by(|weaker, stronger| {
        let same = weaker.draft.id == stronger.draft.id;
        if same {
            for point in weaker.draft.points.drain(..) {
                if !stronger.draft.points.contains(&point) {
                    stronger.draft.points.push(point);
                }
            }
        }
        same
    });
}
