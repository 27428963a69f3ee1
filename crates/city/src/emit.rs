//! From visits to rows: writes a person's claims into the national tables and gathers the truth of the acts.

mod clinical;
mod line;

use crate::City;
use crate::catalogue::CITY;
use crate::cells::{DAY, HOUR, MINUTE, Rows, Second, at_column, day_of, push_padded};
use crate::claim::{Claim, Refund};
use crate::money::{Pay, Wallet, settle};
use crate::people::Person;
use crate::stock::{Ledger, Sale, StockRows};
use crate::truth::Act;
use crate::world::{practitioner_code, practitioner_name};
use mingjian_model::schema::{DEATH_LIST, FEE_LIST_D, MDTRT_D, OPSP_REG_D, PSN_INFO_B, SETL_D, SETL_LIST_DIAG_D, SETL_LIST_OPRN_D};

/// Everything one block writes.
pub(crate) struct BlockRows {
    pub settlements: Rows,
    pub visits: Rows,
    pub lines: Rows,
    pub diagnoses: Rows,
    pub operations: Rows,
    pub persons: Rows,
    pub registrations: Rows,
    pub deaths: Rows,
    pub stock: StockRows,
    pub ledger: Ledger,
    scratch: Scratch,
}

/// Ids of the settlement being written, kept to spare allocations.
#[derive(Default)]
struct Scratch {
    psn_no: Vec<u8>,
    mdtrt_id: Vec<u8>,
    setl_id: Vec<u8>,
    id: Vec<u8>,
    text: Vec<u8>,
}

impl BlockRows {
    pub fn new() -> BlockRows {
        BlockRows {
            settlements: Rows::new(&SETL_D),
            visits: Rows::new(&MDTRT_D),
            lines: Rows::new(&FEE_LIST_D),
            diagnoses: Rows::new(&SETL_LIST_DIAG_D),
            operations: Rows::new(&SETL_LIST_OPRN_D),
            persons: Rows::new(&PSN_INFO_B),
            registrations: Rows::new(&OPSP_REG_D),
            deaths: Rows::new(&DEATH_LIST),
            stock: StockRows::new(),
            ledger: Ledger::default(),
            scratch: Scratch::default(),
        }
    }
}

/// 人员编号.
pub(crate) fn psn_no(index: u32) -> String {
    format!("{CITY}{index:09}")
}

fn push_psn_no(out: &mut Vec<u8>, index: u32) {
    out.extend_from_slice(CITY.as_bytes());
    push_padded(out, u64::from(index), 9);
}

/// 就诊ID: person and the visit's number among the person's.
fn push_mdtrt_id(out: &mut Vec<u8>, person: u32, visit: u16) {
    out.push(b'1');
    push_padded(out, u64::from(person), 9);
    push_padded(out, u64::from(visit), 4);
}

fn push_setl_id(out: &mut Vec<u8>, person: u32, visit: u16, settlement: u8) {
    out.push(b'2');
    push_padded(out, u64::from(person), 9);
    push_padded(out, u64::from(visit), 4);
    push_padded(out, u64::from(settlement), 1);
}

/// 记账流水号: unique in the whole city, not only in the visit.
fn push_line_id(out: &mut Vec<u8>, person: u32, visit: u16, settlement: u8, line: usize) {
    out.push(b'3');
    push_padded(out, u64::from(person), 9);
    push_padded(out, u64::from(visit), 4);
    push_padded(out, u64::from(settlement), 1);
    push_padded(out, line as u64 + 1, 4);
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// How long after a refund the visit is settled again.
const AGAIN_AFTER: Second = 20 * MINUTE;

/// Which of a visit's settlements is being written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    First,
    Mirror,
    Again,
}

impl Turn {
    fn number(self) -> u8 {
        match self {
            Turn::First => 1,
            Turn::Mirror => 2,
            Turn::Again => 3,
        }
    }
}

impl BlockRows {
    /// The person's row in the register, the registrations and, where so, the death.
    pub fn person(&mut self, city: &City, person: &Person) {
        let district = city.catalogue.districts[person.district].0;
        let s = &mut self.scratch;
        s.psn_no.clear();
        push_psn_no(&mut s.psn_no, person.index);
        let mut row = self.persons.row();
        row.bytes(at_column!(PSN_INFO_B.psn_no), &s.psn_no)
            .text(at_column!(PSN_INFO_B.psn_cert_type), "01")
            .text(at_column!(PSN_INFO_B.certno), &person.certificate)
            .text(at_column!(PSN_INFO_B.psn_name), &person.name)
            .number(at_column!(PSN_INFO_B.gend), i64::from(person.sex))
            .day(at_column!(PSN_INFO_B.brdy), person.born)
            .text(at_column!(PSN_INFO_B.insutype), person.insurance)
            .text(at_column!(PSN_INFO_B.psn_type), person.kind)
            .text(at_column!(PSN_INFO_B.insu_admdvs), district);
        if let Some(employer) = person.employer {
            row.bytes(at_column!(PSN_INFO_B.emp_no), format!("E{employer:07}").as_bytes())
                .bytes(at_column!(PSN_INFO_B.emp_name), employer_name(employer).as_bytes());
        }
        row.text(at_column!(PSN_INFO_B.tel), &person.phone)
            .text(at_column!(PSN_INFO_B.addr), &person.address)
            .text(at_column!(PSN_INFO_B.psn_insu_stas), if person.died.is_some() { "3" } else { "1" })
            .time(at_column!(PSN_INFO_B.updt_time), Second::from(city.calendar.to - 1) * DAY + 20 * HOUR)
            .end();
        for chronic in &person.chronic {
            self.registrations
                .row()
                .bytes(at_column!(OPSP_REG_D.psn_no), &s.psn_no)
                .text(at_column!(OPSP_REG_D.dise_codg), chronic.disease.code)
                .text(at_column!(OPSP_REG_D.dise_name), chronic.disease.name)
                .day(at_column!(OPSP_REG_D.begndate), chronic.since)
                .day(at_column!(OPSP_REG_D.enddate), chronic.since + 365 * 12)
                .end();
        }
        if let Some(died) = person.died {
            self.deaths
                .row()
                .text(at_column!(DEATH_LIST.certno), &person.certificate)
                .text(at_column!(DEATH_LIST.psn_name), &person.name)
                .day(at_column!(DEATH_LIST.die_date), died)
                .end();
        }
    }

    /// Writes one visit with its settlements.
    pub fn claim(&mut self, city: &City, block: usize, person: &Person, wallet: &mut Wallet, claim: &Claim, acts: &mut [Act]) {
        {
            let s = &mut self.scratch;
            s.psn_no.clear();
            push_psn_no(&mut s.psn_no, person.index);
            s.mdtrt_id.clear();
            push_mdtrt_id(&mut s.mdtrt_id, person.index, claim.visit);
        }
        self.visit(city, person, claim);
        let pay = settle(claim, person, &city.world.institutions[claim.institution], wallet);
        let settled = claim.end + 12 * MINUTE;
        let returned = (claim.refund != Refund::Kept).then_some(settled + 40 * MINUTE);
        self.settlement(city, block, person, claim, &pay, settled, Turn::First, returned);
        self.truth(city, person, claim, acts);
        if let Some(time) = returned {
            let mirror = pay.negated();
            self.settlement(city, block, person, claim, &mirror, time, Turn::Mirror, None);
            if claim.refund == Refund::Again {
                self.settlement(city, block, person, claim, &pay, time + AGAIN_AFTER, Turn::Again, None);
            }
        }
    }

    fn visit(&mut self, city: &City, person: &Person, claim: &Claim) {
        let s = &mut self.scratch;
        let place = &city.world.institutions[claim.institution];
        let dept = place.depts[claim.dept as usize];
        let stay = claim.is_stay();
        let day = day_of(claim.begin);
        let pharmacy = claim.is_pharmacy();
        let main = claim.diagnoses.first().map(|d| &city.catalogue.diagnoses[*d as usize]);
        let mut row = self.visits.row();
        row.bytes(at_column!(MDTRT_D.mdtrt_id), &s.mdtrt_id)
            .bytes(at_column!(MDTRT_D.psn_no), &s.psn_no)
            .text(at_column!(MDTRT_D.psn_cert_type), "01")
            .text(at_column!(MDTRT_D.certno), &person.certificate)
            .text(at_column!(MDTRT_D.psn_name), &person.name)
            .number(at_column!(MDTRT_D.gend), i64::from(person.sex))
            .text(at_column!(MDTRT_D.naty), "01")
            .day(at_column!(MDTRT_D.brdy), person.born)
            .number(at_column!(MDTRT_D.age), i64::from(person.age(day)))
            .text(at_column!(MDTRT_D.tel), &person.phone)
            .text(at_column!(MDTRT_D.addr), &person.address)
            .text(at_column!(MDTRT_D.insutype), person.insurance)
            .text(at_column!(MDTRT_D.psn_type), person.kind)
            .text(at_column!(MDTRT_D.cvlserv_flag), if person.civil_servant { "1" } else { "0" })
            .text(at_column!(MDTRT_D.insu_admdvs), city.catalogue.districts[person.district].0);
        if let Some(employer) = person.employer {
            row.bytes(at_column!(MDTRT_D.emp_no), format!("E{employer:07}").as_bytes())
                .bytes(at_column!(MDTRT_D.emp_name), employer_name(employer).as_bytes());
        }
        row.text(at_column!(MDTRT_D.pay_loc), "2")
            .text(at_column!(MDTRT_D.fixmedins_code), &place.code)
            .text(at_column!(MDTRT_D.fixmedins_name), &place.name)
            .text(at_column!(MDTRT_D.hosp_lv), place.level)
            .text(at_column!(MDTRT_D.fix_blng_admdvs), city.catalogue.districts[place.district].0)
            .time(at_column!(MDTRT_D.begntime), claim.begin)
            .time(at_column!(MDTRT_D.endtime), claim.end)
            .text(at_column!(MDTRT_D.mdtrt_cert_type), "03")
            .text(at_column!(MDTRT_D.med_type), claim.med_type)
            .number(at_column!(MDTRT_D.year), i64::from(mingjian_model::day::to_ymd(day).0));
        if let Some(visit) = claim.referred_from {
            s.id.clear();
            push_mdtrt_id(&mut s.id, person.index, visit);
            row.bytes(at_column!(MDTRT_D.refl_old_mdtrt_id), &s.id);
        }
        s.id.clear();
        s.id.extend_from_slice(if stay { b"Z" } else { b"M" });
        push_padded(&mut s.id, u64::from(person.index) * 100 + u64::from(claim.visit % 100), 11);
        row.bytes(at_column!(MDTRT_D.ipt_otp_no), &s.id);
        if !pharmacy {
            row.text(at_column!(MDTRT_D.chfpdr_code), &practitioner_code(claim.doctor, false));
        }
        if stay && let Some(main) = main {
            row.text(at_column!(MDTRT_D.adm_diag_dscr), main.name)
                .text(at_column!(MDTRT_D.adm_dept_codg), dept.code)
                .text(at_column!(MDTRT_D.adm_dept_name), dept.name);
        }
        if let Some(main) = main {
            row.text(at_column!(MDTRT_D.dscg_maindiag_code), main.code);
        }
        if stay {
            row.text(at_column!(MDTRT_D.dscg_dept_codg), dept.code)
                .text(at_column!(MDTRT_D.dscg_dept_name), dept.name)
                .text(at_column!(MDTRT_D.dscg_way), claim.discharge);
        }
        if let Some(disease) = claim.disease {
            row.text(at_column!(MDTRT_D.dise_no), disease.code).text(at_column!(MDTRT_D.dise_name), disease.name);
        }
        if let Some(first) = claim.operations.first() {
            let operation = &city.catalogue.operations[first.tag];
            row.text(at_column!(MDTRT_D.oprn_oprt_code), operation.code).text(at_column!(MDTRT_D.oprn_oprt_name), operation.name);
        }
        if stay {
            row.text(at_column!(MDTRT_D.inhosp_stas), "1");
            if claim.discharge == "5" {
                row.day(at_column!(MDTRT_D.die_date), day_of(claim.end));
            }
            row.number(at_column!(MDTRT_D.ipt_days), i64::from(day_of(claim.end) - day).max(1));
        }
        row.text(at_column!(MDTRT_D.vali_flag), "1");
        if !claim.memo.is_empty() {
            row.text(at_column!(MDTRT_D.memo), claim.memo);
        }
        let upload = claim.end + 15 * MINUTE;
        row.time(at_column!(MDTRT_D.updt_time), upload)
            .time(at_column!(MDTRT_D.crte_time), upload)
            .text(at_column!(MDTRT_D.poolarea_no), CITY);
        if !pharmacy {
            row.text(at_column!(MDTRT_D.chfpdr_name), &practitioner_name(claim.doctor, city.seed));
        }
        if let Some(main) = main {
            row.text(at_column!(MDTRT_D.dscg_maindiag_name), main.name);
        }
        if stay {
            row.text(at_column!(MDTRT_D.adm_caty), dept.code).text(at_column!(MDTRT_D.dscg_caty), dept.code);
        }
        row.text(at_column!(MDTRT_D.ttp_pay_flag), if claim.third_party { "1" } else { "0" });
        s.text.clear();
        push_month(&mut s.text, day_of(claim.end));
        row.bytes(at_column!(MDTRT_D.pt), &s.text).end();
    }

    #[allow(clippy::too_many_arguments)]
    fn settlement(
        &mut self,
        city: &City,
        block: usize,
        person: &Person,
        claim: &Claim,
        pay: &Pay,
        time: Second,
        turn: Turn,
        returned: Option<Second>,
    ) {
        self.scratch.setl_id.clear();
        push_setl_id(&mut self.scratch.setl_id, person.index, claim.visit, turn.number());
        self.settlement_row(city, person, claim, pay, time, turn);
        for (i, line) in claim.lines.iter().enumerate() {
            self.line(city, person, claim, i, line, time, turn);
            if turn == Turn::First {
                let s = &mut self.scratch;
                s.id.clear();
                push_setl_id(&mut s.id, person.index, claim.visit, Turn::Again.number());
                let again = returned.filter(|_| claim.refund == Refund::Again);
                let sale = Sale {
                    claim,
                    line: i,
                    person,
                    psn_no: &s.psn_no,
                    setl_id: &s.setl_id,
                    mdtrt_id: &s.mdtrt_id,
                    returned,
                    sold_again: again.map(|time| (time + AGAIN_AFTER, &s.id[..])),
                };
                self.ledger.book(city, block, &sale, &mut self.stock);
            }
        }
        if turn == Turn::First && !claim.is_pharmacy() {
            self.clinical(city, claim, time);
        }
    }

    fn settlement_row(&mut self, city: &City, person: &Person, claim: &Claim, pay: &Pay, time: Second, turn: Turn) {
        let s = &mut self.scratch;
        let place = &city.world.institutions[claim.institution];
        let day = day_of(claim.begin);
        let mut row = self.settlements.row();
        row.bytes(at_column!(SETL_D.setl_id), &s.setl_id)
            .text(at_column!(SETL_D.clr_optins), CITY)
            .bytes(at_column!(SETL_D.mdtrt_id), &s.mdtrt_id);
        if turn == Turn::Mirror {
            s.id.clear();
            push_setl_id(&mut s.id, person.index, claim.visit, 1);
            row.bytes(at_column!(SETL_D.init_setl_id), &s.id);
        }
        row.bytes(at_column!(SETL_D.psn_no), &s.psn_no)
            .text(at_column!(SETL_D.psn_name), &person.name)
            .text(at_column!(SETL_D.psn_cert_type), "01")
            .text(at_column!(SETL_D.certno), &person.certificate)
            .number(at_column!(SETL_D.gend), i64::from(person.sex))
            .text(at_column!(SETL_D.naty), "01")
            .day(at_column!(SETL_D.brdy), person.born)
            .number(at_column!(SETL_D.age), i64::from(person.age(day)))
            .text(at_column!(SETL_D.insutype), person.insurance)
            .text(at_column!(SETL_D.psn_type), person.kind)
            .text(at_column!(SETL_D.cvlserv_flag), if person.civil_servant { "1" } else { "0" })
            .text(at_column!(SETL_D.insu_admdvs), city.catalogue.districts[person.district].0);
        if let Some(employer) = person.employer {
            row.bytes(at_column!(SETL_D.emp_no), format!("E{employer:07}").as_bytes())
                .bytes(at_column!(SETL_D.emp_name), employer_name(employer).as_bytes());
        }
        row.text(at_column!(SETL_D.pay_loc), "2")
            .text(at_column!(SETL_D.fixmedins_code), &place.code)
            .text(at_column!(SETL_D.fixmedins_name), &place.name)
            .text(at_column!(SETL_D.hosp_lv), place.level)
            .text(at_column!(SETL_D.fix_blng_admdvs), city.catalogue.districts[place.district].0)
            .text(at_column!(SETL_D.lmtpric_hosp_lv), place.level)
            .time(at_column!(SETL_D.begndate), claim.begin)
            .time(at_column!(SETL_D.enddate), claim.end)
            .time(at_column!(SETL_D.setl_time), time)
            .text(at_column!(SETL_D.mdtrt_cert_type), "03")
            .text(at_column!(SETL_D.med_type), claim.med_type)
            .text(at_column!(SETL_D.setl_type), "1")
            .text(at_column!(SETL_D.clr_type), if claim.is_stay() { "21" } else { "11" })
            .text(at_column!(SETL_D.psn_setlway), "1")
            .money(at_column!(SETL_D.medfee_sumamt), pay.total)
            .money(at_column!(SETL_D.fulamt_ownpay_amt), pay.own)
            .money(at_column!(SETL_D.overlmt_selfpay), pay.over)
            .money(at_column!(SETL_D.preselfpay_amt), pay.pre)
            .money(at_column!(SETL_D.inscp_amt), pay.in_scope)
            .money(at_column!(SETL_D.dedc_std), pay.deductible_std)
            .money(at_column!(SETL_D.act_pay_dedc), pay.deductible)
            .money(at_column!(SETL_D.hifp_pay), pay.pool)
            .bytes(at_column!(SETL_D.pool_prop_selfpay), ratio(pay.ratio).as_bytes())
            .money(at_column!(SETL_D.cvlserv_pay), pay.civil)
            .money(at_column!(SETL_D.hifes_pay), 0)
            .money(at_column!(SETL_D.hifmi_pay), pay.residents_large)
            .money(at_column!(SETL_D.hifob_pay), pay.employees_large)
            .money(at_column!(SETL_D.hifdm_pay), 0)
            .money(at_column!(SETL_D.maf_pay), pay.aid)
            .money(at_column!(SETL_D.othfund_pay), 0)
            .money(at_column!(SETL_D.fund_pay_sumamt), pay.fund)
            .money(at_column!(SETL_D.psn_pay), pay.total - pay.fund)
            .money(at_column!(SETL_D.acct_pay), pay.account)
            .money(at_column!(SETL_D.cash_payamt), pay.cash)
            .money(at_column!(SETL_D.ownpay_hosp_part), 0)
            .money(at_column!(SETL_D.balc), pay.balance)
            .money(at_column!(SETL_D.acct_mulaid_pay), pay.shared_account)
            .text(at_column!(SETL_D.refd_setl_flag), if turn == Turn::Mirror { "1" } else { "0" })
            .number(at_column!(SETL_D.year), i64::from(mingjian_model::day::to_ymd(day).0));
        if let Some(disease) = claim.disease {
            row.text(at_column!(SETL_D.dise_no), disease.code).text(at_column!(SETL_D.dise_name), disease.name);
        }
        s.text.clear();
        push_month(&mut s.text, day_of(time));
        row.text(at_column!(SETL_D.vali_flag), "1")
            .time(at_column!(SETL_D.updt_time), time + MINUTE)
            .time(at_column!(SETL_D.crte_time), time + MINUTE)
            .text(at_column!(SETL_D.poolarea_no), CITY)
            .bytes(at_column!(SETL_D.pt), &s.text)
            .end();
    }
}

/// A ratio in percent as decimal(5,4).
fn ratio(percent: i64) -> String {
    format!("{}.{:02}", percent / 100, percent % 100)
}

fn push_month(out: &mut Vec<u8>, day: i32) {
    let (y, m, _) = mingjian_model::day::to_ymd(day);
    push_padded(out, y as u64, 4);
    push_padded(out, u64::from(m), 2);
}

fn employer_name(employer: u32) -> String {
    format!("明州{}有限公司{}", ["机械", "纺织", "食品", "建筑", "物流", "电子", "商贸", "环保"][employer as usize % 8], employer)
}

impl BlockRows {
    /// The tables, settlement tables first.
    pub fn into_tables(self) -> Vec<Rows> {
        let stock = self.stock;
        vec![
            self.settlements,
            self.visits,
            self.lines,
            self.diagnoses,
            self.operations,
            self.persons,
            self.registrations,
            self.deaths,
            stock.counts,
            stock.changes,
            stock.purchases,
            stock.purchase_returns,
            stock.sales,
            stock.sale_returns,
        ]
    }
}
