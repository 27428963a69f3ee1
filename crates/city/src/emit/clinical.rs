//! Diagnoses and operations of the settlement list, and what the acts left in a claim.

use super::{BlockRows, psn_no, push_line_id, push_month, push_setl_id, text};
use crate::City;
use crate::cells::{MINUTE, Second, at_column, day_of, push_padded};
use crate::claim::{Claim, Line, Risk};
use crate::people::Person;
use crate::truth::Act;
use crate::world::practitioner_code;

impl BlockRows {
    /// Diagnoses and operations of the settlement list.
    pub(super) fn clinical(&mut self, city: &City, claim: &Claim, settled: Second) {
        let s = &mut self.scratch;
        s.text.clear();
        push_month(&mut s.text, day_of(settled));
        for (i, dx) in claim.diagnoses.iter().enumerate() {
            let diagnosis = &city.catalogue.diagnoses[*dx as usize];
            s.id.clear();
            s.id.extend_from_slice(b"4");
            s.id.extend_from_slice(&s.mdtrt_id[1..]);
            push_padded(&mut s.id, i as u64 + 1, 2);
            self.diagnoses
                .row()
                .bytes(at_column!(SETL_LIST_DIAG_D.setl_list_diag_id), &s.id)
                .bytes(at_column!(SETL_LIST_DIAG_D.setl_id), &s.setl_id)
                .bytes(at_column!(SETL_LIST_DIAG_D.mdtrt_id), &s.mdtrt_id)
                .bytes(at_column!(SETL_LIST_DIAG_D.psn_no), &s.psn_no)
                .text(at_column!(SETL_LIST_DIAG_D.diag_type), "1")
                .text(at_column!(SETL_LIST_DIAG_D.maindiag_flag), if i == 0 { "1" } else { "0" })
                .text(at_column!(SETL_LIST_DIAG_D.diag_code), diagnosis.code)
                .text(at_column!(SETL_LIST_DIAG_D.diag_name), diagnosis.name)
                .text(at_column!(SETL_LIST_DIAG_D.adm_cond_type), "1")
                .text(at_column!(SETL_LIST_DIAG_D.vali_flag), "1")
                .time(at_column!(SETL_LIST_DIAG_D.updt_time), settled)
                .time(at_column!(SETL_LIST_DIAG_D.crte_time), settled)
                .bytes(at_column!(SETL_LIST_DIAG_D.pt), &s.text)
                .end();
        }
        for (i, record) in claim.operations.iter().enumerate() {
            let operation = &city.catalogue.operations[record.tag];
            s.id.clear();
            s.id.extend_from_slice(b"5");
            s.id.extend_from_slice(&s.mdtrt_id[1..]);
            push_padded(&mut s.id, i as u64 + 1, 2);
            let mut row = self.operations.row();
            row.bytes(at_column!(SETL_LIST_OPRN_D.setl_list_oprn_id), &s.id)
                .bytes(at_column!(SETL_LIST_OPRN_D.setl_id), &s.setl_id)
                .bytes(at_column!(SETL_LIST_OPRN_D.psn_no), &s.psn_no)
                .bytes(at_column!(SETL_LIST_OPRN_D.mdtrt_id), &s.mdtrt_id)
                .text(at_column!(SETL_LIST_OPRN_D.main_oprn_flag), if i == 0 { "1" } else { "0" })
                .text(at_column!(SETL_LIST_OPRN_D.oprn_oprt_name), operation.name)
                .text(at_column!(SETL_LIST_OPRN_D.oprn_oprt_code), operation.code)
                .time(at_column!(SETL_LIST_OPRN_D.oprn_oprt_date), record.begin)
                .text(at_column!(SETL_LIST_OPRN_D.anst_way), if record.anaesthetist.is_some() { "1" } else { "3" })
                .text(at_column!(SETL_LIST_OPRN_D.oper_dr_name), city.practitioner(record.surgeon))
                .text(at_column!(SETL_LIST_OPRN_D.oper_dr_code), &practitioner_code(record.surgeon, false));
            if let Some(doctor) = record.anaesthetist {
                row.text(at_column!(SETL_LIST_OPRN_D.anst_dr_name), city.practitioner(doctor))
                    .text(at_column!(SETL_LIST_OPRN_D.anst_dr_code), &practitioner_code(doctor, false));
            }
            row.text(at_column!(SETL_LIST_OPRN_D.vali_flag), "1")
                .time(at_column!(SETL_LIST_OPRN_D.updt_time), settled)
                .time(at_column!(SETL_LIST_OPRN_D.crte_time), settled);
            if record.anaesthetist.is_some() {
                row.time(at_column!(SETL_LIST_OPRN_D.anst_begntime), record.begin - 20 * MINUTE)
                    .time(at_column!(SETL_LIST_OPRN_D.anst_endtime), record.end + 10 * MINUTE);
            }
            row.time(at_column!(SETL_LIST_OPRN_D.oprn_oprt_begntime), record.begin)
                .time(at_column!(SETL_LIST_OPRN_D.oprn_oprt_endtime), record.end)
                .bytes(at_column!(SETL_LIST_OPRN_D.pt), &s.text)
                .end();
        }
    }

    /// Gathers what the acts left in this claim.
    pub(super) fn truth(&mut self, city: &City, person: &Person, claim: &Claim, acts: &mut [Act]) {
        let mut touch = |act: u16, line: Option<(usize, &Line)>, settlement: &[u8], visit: &[u8]| {
            let Some(act) = acts.get_mut(act as usize) else { return };
            act.persons.insert(psn_no(person.index));
            act.settlements.insert(text(settlement));
            act.visits.insert(text(visit));
            act.institutions.insert(city.world.institutions[claim.institution].code.clone());
            if let Some((number, line)) = line {
                let mut id = Vec::with_capacity(19);
                push_line_id(&mut id, person.index, claim.visit, 1, number);
                act.lines.insert(text(&id));
                act.amount += line.at_risk();
                act.priced |= line.mark.is_some_and(|m| m.risk != Risk::None);
            }
        };
        let mut settlement = Vec::new();
        push_setl_id(&mut settlement, person.index, claim.visit, 1);
        let visit = self.scratch.mdtrt_id.clone();
        for act in &claim.acts {
            touch(*act, None, &settlement, &visit);
        }
        for (i, line) in claim.lines.iter().enumerate() {
            if let Some(mark) = line.mark {
                touch(mark.act, Some((i, line)), &settlement, &visit);
            }
        }
    }
}
