//! One fee line as a row of fee_list_d.

use super::{BlockRows, Turn, push_line_id, push_month, ratio};
use crate::City;
use crate::catalogue::{CITY, Item};
use crate::cells::{Second, at_column, day_of, push_number, push_padded};
use crate::claim::{Claim, Line};
use crate::people::Person;

impl BlockRows {
    #[allow(clippy::too_many_arguments)]
    pub(super) fn line(&mut self, city: &City, person: &Person, claim: &Claim, number: usize, line: &Line, settled: Second, turn: Turn) {
        let s = &mut self.scratch;
        let place = &city.world.institutions[claim.institution];
        let dept = place.depts[line.dept as usize];
        let sign = if turn == Turn::Mirror { -1 } else { 1 };
        let pharmacy = claim.is_pharmacy();
        s.id.clear();
        push_line_id(&mut s.id, person.index, claim.visit, turn.number(), number);
        let code = line.code.unwrap_or(city.catalogue.code(line.item));
        let name = city.catalogue.name(line.item);
        let mut row = self.lines.row();
        row.bytes(at_column!(FEE_LIST_D.bkkp_sn), &s.id)
            .bytes(at_column!(FEE_LIST_D.mdtrt_id), &s.mdtrt_id)
            .time(at_column!(FEE_LIST_D.fee_ocur_time), line.time)
            .bytes(at_column!(FEE_LIST_D.setl_id), &s.setl_id);
        if line.rx > 0 {
            s.text.clear();
            s.text.extend_from_slice(b"R");
            push_padded(&mut s.text, u64::from(person.index), 9);
            push_padded(&mut s.text, u64::from(claim.visit) * 10_000 + u64::from(line.rx), 8);
            row.bytes(at_column!(FEE_LIST_D.rx_drord_no), &s.text);
        }
        row.text(at_column!(FEE_LIST_D.fixmedins_code), &place.code)
            .text(at_column!(FEE_LIST_D.fixmedins_name), &place.name)
            .bytes(at_column!(FEE_LIST_D.psn_no), &s.psn_no)
            .text(at_column!(FEE_LIST_D.insu_admdvs), city.catalogue.districts[person.district].0)
            .text(at_column!(FEE_LIST_D.pay_loc), "2")
            .text(at_column!(FEE_LIST_D.med_type), claim.med_type)
            .quantity(at_column!(FEE_LIST_D.cnt), sign * line.count)
            .money(at_column!(FEE_LIST_D.pric), line.price)
            .money(at_column!(FEE_LIST_D.det_item_fee_sumamt), sign * line.amount)
            .money_or_empty(at_column!(FEE_LIST_D.pric_uplmt_amt), line.cap);
        let share = if line.amount == 0 { 0 } else { (line.own + line.pre) * 100 / line.amount };
        row.bytes(at_column!(FEE_LIST_D.selfpay_prop), ratio(share).as_bytes())
            .money(at_column!(FEE_LIST_D.fulamt_ownpay_amt), sign * line.own)
            .money(at_column!(FEE_LIST_D.overlmt_selfpay), sign * line.over)
            .money(at_column!(FEE_LIST_D.preselfpay_amt), sign * line.pre)
            .money(at_column!(FEE_LIST_D.inscp_amt), sign * line.in_scope);
        let (level, list, charge, spec, form): (&str, &str, &str, &str, &str) = match line.item {
            Item::Drug(i) => {
                let d = &city.catalogue.drugs[i as usize];
                (d.level, "101", d.charge, d.spec, d.form)
            }
            Item::Service(i) => {
                let v = &city.catalogue.services[i as usize];
                (v.level, "201", v.charge, "", "")
            }
            Item::Material(_) => ("02", "301", "08", "", ""),
            Item::Herb(i) => (if city.catalogue.herbs[i as usize].all_excluded { "03" } else { "01" }, "102", "10", "", ""),
        };
        row.text(at_column!(FEE_LIST_D.chrgitm_lv), level)
            .text(at_column!(FEE_LIST_D.hilist_code), code)
            .text(at_column!(FEE_LIST_D.hilist_name), name)
            .text(at_column!(FEE_LIST_D.list_type), list)
            .text(at_column!(FEE_LIST_D.med_list_codg), code);
        s.text.clear();
        s.text.extend_from_slice(list.as_bytes());
        push_number(&mut s.text, local_number(line.item));
        row.bytes(at_column!(FEE_LIST_D.medins_list_codg), &s.text)
            .text(at_column!(FEE_LIST_D.medins_list_name), name)
            .text(at_column!(FEE_LIST_D.med_chrgitm_type), charge);
        if !spec.is_empty() {
            row.text(at_column!(FEE_LIST_D.spec), spec).text(at_column!(FEE_LIST_D.dosform_name), form);
        }
        row.text(at_column!(FEE_LIST_D.bilg_dept_codg), dept.code).text(at_column!(FEE_LIST_D.bilg_dept_name), dept.name);
        s.text.clear();
        s.text.extend_from_slice(if pharmacy { b"HY" } else { b"D" });
        s.text.extend_from_slice(CITY.as_bytes());
        push_padded(&mut s.text, u64::from(line.doctor), 6);
        row.bytes(at_column!(FEE_LIST_D.bilg_dr_code), &s.text);
        row.text(at_column!(FEE_LIST_D.bilg_dr_name), city.practitioner(line.doctor)).text(at_column!(FEE_LIST_D.lmt_used_flag), "0");
        if line.approved {
            row.text(at_column!(FEE_LIST_D.hosp_appr_flag), "1");
        }
        if line.doses > 0 {
            row.text(at_column!(FEE_LIST_D.tcmdrug_used_way), "1");
        }
        if line.discharge_drug {
            row.text(at_column!(FEE_LIST_D.dscg_tkdrug_flag), "1");
        }
        row.text(at_column!(FEE_LIST_D.matn_fee_flag), if line.maternity { "1" } else { "0" });
        if let Item::Drug(i) = line.item {
            let d = &city.catalogue.drugs[i as usize];
            s.text.clear();
            push_number(&mut s.text, d.dose);
            s.text.extend_from_slice(d.unit.as_bytes());
            row.bytes(at_column!(FEE_LIST_D.sin_dos_dscr), &s.text)
                .text(at_column!(FEE_LIST_D.used_frqu_dscr), frequency(d.times))
                .number(at_column!(FEE_LIST_D.prd_days), i64::from(line.days.max(1)))
                .text(at_column!(FEE_LIST_D.medc_way_dscr), d.route);
        } else if line.doses > 0 {
            row.text(at_column!(FEE_LIST_D.used_frqu_dscr), "qd")
                .number(at_column!(FEE_LIST_D.prd_days), i64::from(line.days))
                .text(at_column!(FEE_LIST_D.medc_way_dscr), "口服");
        }
        row.text(at_column!(FEE_LIST_D.vali_flag), "1")
            .time(at_column!(FEE_LIST_D.updt_time), settled)
            .time(at_column!(FEE_LIST_D.crte_time), settled)
            .text(at_column!(FEE_LIST_D.poolarea_no), CITY)
            .text(at_column!(FEE_LIST_D.rx_circ_flag), "0");
        if let Some(disease) = claim.disease {
            row.text(at_column!(FEE_LIST_D.dise_codg), disease.code);
        }
        // A mirror line takes back the line of the first settlement; a reversed line one of its own settlement.
        let origin = match (turn, line.origin) {
            (Turn::Mirror, _) => Some((1, number)),
            (_, Some(at)) => Some((turn.number(), at as usize)),
            _ => None,
        };
        if let Some((settlement, at)) = origin {
            s.id.clear();
            if at == usize::from(u16::MAX) {
                // A reference to a line that does not exist (an act).
                s.id.extend_from_slice(b"3999999999000019999");
            } else {
                push_line_id(&mut s.id, person.index, claim.visit, settlement, at);
            }
            row.bytes(at_column!(FEE_LIST_D.init_feedetl_sn), &s.id);
        }
        s.text.clear();
        push_month(&mut s.text, day_of(settled));
        row.bytes(at_column!(FEE_LIST_D.pt), &s.text).end();
    }
}

/// The institution's own number of an item.
fn local_number(item: Item) -> i64 {
    10_001
        + match item {
            Item::Drug(i) | Item::Service(i) | Item::Material(i) | Item::Herb(i) => i64::from(i),
        }
}

fn frequency(times: i64) -> &'static str {
    match times {
        1 => "qd",
        2 => "bid",
        3 => "tid",
        _ => "qid",
    }
}
