//! Stock (进销存): what pharmacies and hospitals buy, count and sell, pack by pack with trace codes where packs are sold whole.
//!
//! Streaming: each block lays down the purchases that cover its own sales, month by month, so that the sum over blocks
//! covers the city's. The first month is covered by the opening count (3501), later months by deliveries (3503) on their
//! first day. A pharmacy that reports trace codes has one delivery row a pack.

use crate::City;
use crate::catalogue::Item;
use crate::cells::{HOUR, MINUTE, Rows, Second, at, at_column, day_of, push_padded};
use crate::claim::{Claim, ONE};
use crate::people::Person;
use crate::rng::mix;
use crate::world::{Kind, practitioner_code, practitioner_name};
use mingjian_model::schema::{INVINFO_3501, INVINFO_3502, PURCINFO_3503, PURCINFO_3504, SELINFO_3505, SELINFO_3506};

/// What a block's institutions sold: institution, drug, month, quantity.
#[derive(Default)]
pub(crate) struct Ledger {
    sold: Vec<(u32, u16, u16, i64)>,
    /// Packs given out so far in the block.
    packs: u64,
}

pub(crate) struct StockRows {
    pub counts: Rows,
    pub changes: Rows,
    pub purchases: Rows,
    pub purchase_returns: Rows,
    pub sales: Rows,
    pub sale_returns: Rows,
}

impl StockRows {
    pub fn new() -> StockRows {
        StockRows {
            counts: Rows::new(&INVINFO_3501),
            changes: Rows::new(&INVINFO_3502),
            purchases: Rows::new(&PURCINFO_3503),
            purchase_returns: Rows::new(&PURCINFO_3504),
            sales: Rows::new(&SELINFO_3505),
            sale_returns: Rows::new(&SELINFO_3506),
        }
    }
}

/// One sale of packs to an insured person.
pub(crate) struct Sale<'a> {
    pub claim: &'a Claim,
    pub line: usize,
    pub person: &'a Person,
    pub psn_no: &'a [u8],
    pub setl_id: &'a [u8],
    pub mdtrt_id: &'a [u8],
    /// When the settlement was taken back, if it was.
    pub returned: Option<Second>,
    /// When and by which settlement it was sold again.
    pub sold_again: Option<(Second, &'a [u8])>,
}

/// 20 digits: seven that stand for the drug, thirteen of the pack.
pub(crate) fn trace_code(out: &mut Vec<u8>, drug: u16, serial: u64) {
    out.push(b'8');
    push_padded(out, 100_003 + u64::from(drug) * 7, 6);
    push_padded(out, serial % 10_000_000_000_000, 13);
}

/// The serial of the block's next pack.
fn serial(block: usize, pack: u64) -> u64 {
    1_000_000_000_000 + block as u64 * 10_000_000 + pack
}

impl Ledger {
    /// Books the drugs of a settled claim: sales rows pack by pack, and what must have been bought.
    pub fn book(&mut self, city: &City, block: usize, sale: &Sale<'_>, rows: &mut StockRows) {
        let institution = &city.world.institutions[sale.claim.institution];
        if !institution.stock {
            return;
        }
        let line = &sale.claim.lines[sale.line];
        let Item::Drug(drug) = line.item else { return };
        let month = city.calendar.month_of(day_of(line.time)) as u16;
        if !line.unbooked {
            self.sold.push((sale.claim.institution as u32, drug, month, line.count));
        }
        if sale.claim.is_stay() || line.count <= 0 || line.code.is_some() {
            return;
        }
        let given: Vec<u64> = sale.claim.traces.iter().filter(|(l, _)| *l as usize == sale.line).map(|(_, s)| *s).collect();
        for pack in 0..line.count / ONE {
            let number = if given.is_empty() {
                self.packs += 1;
                serial(block, self.packs)
            } else {
                given[pack as usize % given.len()]
            };
            let mut code = Vec::with_capacity(20);
            trace_code(&mut code, sale.claim.swapped_for.unwrap_or(drug), number);
            sale_row(city, sale, drug, &code, line.time, sale.setl_id, rows, false);
            if let Some(time) = sale.returned {
                sale_row(city, sale, drug, &code, time, sale.setl_id, rows, true);
            }
            if let Some((time, setl_id)) = sale.sold_again {
                sale_row(city, sale, drug, &code, time, setl_id, rows, false);
            }
            if institution.inbound && !line.unbooked {
                if sale.claim.foreign_packs {
                    self.packs += 1;
                    code.clear();
                    trace_code(&mut code, drug, serial(block, self.packs));
                }
                let time = at(city.calendar.months[month as usize], 7 * HOUR + 20 * MINUTE);
                purchase_row(city, sale.claim.institution, drug, ONE, time, Some(&code), block, rows);
            }
        }
    }

    /// Lays down counts and deliveries for all that was sold.
    pub fn close(mut self, city: &City, block: usize, rows: &mut StockRows) {
        self.sold.sort_unstable();
        let mut i = 0;
        while i < self.sold.len() {
            let (institution, drug, month, _) = self.sold[i];
            let mut gross = 0;
            while i < self.sold.len() && (self.sold[i].0, self.sold[i].1, self.sold[i].2) == (institution, drug, month) {
                gross += self.sold[i].3.max(0);
                i += 1;
            }
            let at_institution = institution as usize;
            let place = &city.world.institutions[at_institution];
            let whole = (gross + ONE - 1) / ONE * ONE;
            let first_day = city.calendar.months[month as usize];
            if month == 0 && place.since < city.calendar.from {
                count_row(city, at_institution, drug, whole + 2 * ONE, first_day, block, rows);
            } else if !place.inbound {
                let luck = mix(city.seed ^ u64::from(drug), (u64::from(institution) << 24) ^ (block as u64) << 5 ^ u64::from(month)) % 200;
                purchase_row(city, at_institution, drug, whole + 2 * ONE, at(first_day, 7 * HOUR + 20 * MINUTE), None, block, rows);
                if luck == 0 {
                    return_row(city, at_institution, drug, ONE, at(first_day + 3, 15 * HOUR), block, rows);
                } else if luck == 1 {
                    change_row(city, at_institution, drug, ONE, at(first_day + 10, 17 * HOUR), block, rows);
                }
            }
        }
    }
}

/// Lot number, made from drug and month.
fn lot(out: &mut Vec<u8>, drug: u16, block: usize) {
    out.extend_from_slice(b"B");
    push_padded(out, u64::from(drug), 4);
    push_padded(out, block as u64 % 1000, 3);
}

pub(crate) fn count_row(city: &City, institution: usize, drug: u16, quantity: i64, day: i32, block: usize, rows: &mut StockRows) {
    let info = &city.catalogue.drugs[drug as usize];
    let mut batch = Vec::new();
    lot(&mut batch, drug, block);
    rows.counts
        .row()
        .text(at_column!(INVINFO_3501.fixmedins_code), &city.world.institutions[institution].code)
        .text(at_column!(INVINFO_3501.med_list_codg), info.code)
        .number(at_column!(INVINFO_3501.fixmedins_hilist_id), i64::from(drug) + 10_001)
        .text(at_column!(INVINFO_3501.fixmedins_hilist_name), info.name)
        .text(at_column!(INVINFO_3501.rx_flag), "1")
        .day(at_column!(INVINFO_3501.invdate), day)
        .quantity(at_column!(INVINFO_3501.inv_cnt), quantity)
        .bytes(at_column!(INVINFO_3501.manu_lotnum), &batch)
        .bytes(at_column!(INVINFO_3501.fixmedins_bchno), &[&batch[..], block.to_string().as_bytes()].concat())
        .day(at_column!(INVINFO_3501.manu_date), day - 200)
        .day(at_column!(INVINFO_3501.expy_end), day + 500)
        .end();
}

fn change_row(city: &City, institution: usize, drug: u16, quantity: i64, time: Second, block: usize, rows: &mut StockRows) {
    let info = &city.catalogue.drugs[drug as usize];
    let mut batch = Vec::new();
    lot(&mut batch, drug, block);
    rows.changes
        .row()
        .text(at_column!(INVINFO_3502.fixmedins_code), &city.world.institutions[institution].code)
        .text(at_column!(INVINFO_3502.med_list_codg), info.code)
        // 报损, by the provincial dictionary; it takes stock away.
        .text(at_column!(INVINFO_3502.inv_chg_type), "104")
        .number(at_column!(INVINFO_3502.fixmedins_hilist_id), i64::from(drug) + 10_001)
        .text(at_column!(INVINFO_3502.fixmedins_hilist_name), info.name)
        .bytes(at_column!(INVINFO_3502.fixmedins_bchno), &batch)
        .money(at_column!(INVINFO_3502.pric), info.fen)
        .quantity(at_column!(INVINFO_3502.cnt), -quantity)
        .text(at_column!(INVINFO_3502.rx_flag), "1")
        .time(at_column!(INVINFO_3502.inv_chg_time), time)
        .text(at_column!(INVINFO_3502.inv_chg_opter_name), "库管员")
        .text(at_column!(INVINFO_3502.trdn_flag), "0")
        .end();
}

#[allow(clippy::too_many_arguments)]
pub(crate) fn purchase_row(
    city: &City,
    institution: usize,
    drug: u16,
    quantity: i64,
    time: Second,
    trace: Option<&[u8]>,
    block: usize,
    rows: &mut StockRows,
) {
    let info = &city.catalogue.drugs[drug as usize];
    let mut batch = Vec::new();
    lot(&mut batch, drug, block);
    let day = day_of(time);
    let mut row = rows.purchases.row();
    row.text(at_column!(PURCINFO_3503.fixmedins_code), &city.world.institutions[institution].code)
        .text(at_column!(PURCINFO_3503.med_list_codg), info.code)
        .number(at_column!(PURCINFO_3503.fixmedins_hilist_id), i64::from(drug) + 10_001)
        .text(at_column!(PURCINFO_3503.fixmedins_hilist_name), info.name)
        .bytes(at_column!(PURCINFO_3503.dynt_no), format!("SH{day}{block:06}{drug:04}").as_bytes())
        .bytes(at_column!(PURCINFO_3503.fixmedins_bchno), &batch)
        .text(at_column!(PURCINFO_3503.spler_name), SUPPLIERS[drug as usize % SUPPLIERS.len()])
        .bytes(at_column!(PURCINFO_3503.manu_lotnum), &batch)
        .text(at_column!(PURCINFO_3503.prdr_name), maker(drug))
        .text(at_column!(PURCINFO_3503.aprvno), "国药准字虚拟")
        .day(at_column!(PURCINFO_3503.manu_date), day - 120)
        .day(at_column!(PURCINFO_3503.expy_end), day + 600)
        .money(at_column!(PURCINFO_3503.finl_trns_pric), info.fen * 88 / 100)
        .quantity(at_column!(PURCINFO_3503.purc_retn_cnt), quantity)
        .text(at_column!(PURCINFO_3503.rx_flag), "1")
        .time(at_column!(PURCINFO_3503.purc_retn_stoin_time), time)
        .text(at_column!(PURCINFO_3503.purc_retn_opter_name), "采购员")
        .text(at_column!(PURCINFO_3503.prod_geay_flag), "0");
    if let Some(code) = trace {
        row.bytes(at_column!(PURCINFO_3503.drug_trac_codg), code);
    }
    row.end();
}

fn return_row(city: &City, institution: usize, drug: u16, quantity: i64, time: Second, block: usize, rows: &mut StockRows) {
    let info = &city.catalogue.drugs[drug as usize];
    let mut batch = Vec::new();
    lot(&mut batch, drug, block);
    let day = day_of(time);
    rows.purchase_returns
        .row()
        .text(at_column!(PURCINFO_3504.fixmedins_code), &city.world.institutions[institution].code)
        .text(at_column!(PURCINFO_3504.med_list_codg), info.code)
        .number(at_column!(PURCINFO_3504.fixmedins_hilist_id), i64::from(drug) + 10_001)
        .text(at_column!(PURCINFO_3504.fixmedins_hilist_name), info.name)
        .bytes(at_column!(PURCINFO_3504.dynt_no), format!("TH{day}{block:06}{drug:04}").as_bytes())
        .bytes(at_column!(PURCINFO_3504.fixmedins_bchno), &batch)
        .text(at_column!(PURCINFO_3504.spler_name), SUPPLIERS[drug as usize % SUPPLIERS.len()])
        .bytes(at_column!(PURCINFO_3504.manu_lotnum), &batch)
        .text(at_column!(PURCINFO_3504.prdr_name), maker(drug))
        .day(at_column!(PURCINFO_3504.manu_date), day - 120)
        .day(at_column!(PURCINFO_3504.expy_end), day + 600)
        .money(at_column!(PURCINFO_3504.finl_trns_pric), info.fen * 88 / 100)
        .quantity(at_column!(PURCINFO_3504.purc_retn_cnt), quantity)
        .text(at_column!(PURCINFO_3504.rx_flag), "1")
        .time(at_column!(PURCINFO_3504.purc_retn_stoin_time), time)
        .text(at_column!(PURCINFO_3504.purc_retn_opter_name), "采购员")
        .end();
}

const SUPPLIERS: &[&str] = &["明州医药股份有限公司", "华西药业配送中心", "康达医药有限公司"];

/// The invented maker of a drug.
pub(crate) fn maker(drug: u16) -> &'static str {
    ["明州制药一厂", "青峰药业有限公司", "三河生物制药", "长兴中药厂", "永和药业集团"][drug as usize % 5]
}

/// One pack sold, or taken back.
#[allow(clippy::too_many_arguments)]
fn sale_row(city: &City, sale: &Sale<'_>, drug: u16, trace: &[u8], time: Second, setl_id: &[u8], rows: &mut StockRows, back: bool) {
    let institution = &city.world.institutions[sale.claim.institution];
    let info = &city.catalogue.drugs[drug as usize];
    let line = &sale.claim.lines[sale.line];
    let seller = practitioner_name(institution.pharmacist(), city.seed);
    let pharmacy = institution.kind == Kind::Pharmacy;
    let doctor = if pharmacy { String::from("处方医师") } else { practitioner_name(line.doctor, city.seed) };
    let mut batch = Vec::new();
    lot(&mut batch, drug, 0);
    let receipt = [b"R", &setl_id[1..]].concat();
    // 3506 is 3505 with one more column before the remark.
    let mut row = if back { rows.sale_returns.row() } else { rows.sales.row() };
    row.text(at_column!(SELINFO_3505.fixmedins_code), &institution.code)
        .text(at_column!(SELINFO_3505.med_list_codg), info.code)
        .number(at_column!(SELINFO_3505.fixmedins_hilist_id), i64::from(drug) + 10_001)
        .text(at_column!(SELINFO_3505.fixmedins_hilist_name), info.name)
        .bytes(at_column!(SELINFO_3505.fixmedins_bchno), &batch)
        .text(at_column!(SELINFO_3505.prsc_dr_name), &doctor)
        .text(at_column!(SELINFO_3505.phar_name), &seller)
        .text(at_column!(SELINFO_3505.phar_prac_cert_no), &practitioner_code(institution.pharmacist(), true))
        .text(at_column!(SELINFO_3505.hi_feesetl_type), sale.person.insurance)
        .bytes(at_column!(SELINFO_3505.setl_id), setl_id)
        .bytes(at_column!(SELINFO_3505.mdtrt_sn), sale.mdtrt_id)
        .bytes(at_column!(SELINFO_3505.psn_no), sale.psn_no)
        .text(at_column!(SELINFO_3505.certno), &sale.person.certificate)
        .text(at_column!(SELINFO_3505.psn_name), &sale.person.name)
        .bytes(at_column!(SELINFO_3505.manu_lotnum), &batch)
        .day(at_column!(SELINFO_3505.manu_date), day_of(line.time) - 150)
        .day(at_column!(SELINFO_3505.expy_end), day_of(line.time) + 570)
        .text(at_column!(SELINFO_3505.rx_flag), if pharmacy { "0" } else { "1" })
        .text(at_column!(SELINFO_3505.trdn_flag), "0")
        .money(at_column!(SELINFO_3505.finl_trns_pric), line.price)
        .text(at_column!(SELINFO_3505.rx_circ_flag), "0")
        .bytes(at_column!(SELINFO_3505.rtal_docno), &receipt)
        .bytes(at_column!(SELINFO_3505.drug_trac_codg), trace)
        .quantity(at_column!(SELINFO_3505.sel_retn_cnt), ONE)
        .time(at_column!(SELINFO_3505.sel_retn_time), time)
        .text(at_column!(SELINFO_3505.sel_retn_opter_name), &seller);
    if back {
        row.bytes(at_column!(SELINFO_3506.medins_prod_sel_no), &receipt).text(at_column!(SELINFO_3506.mdtrt_setl_type), "1");
    } else {
        row.text(at_column!(SELINFO_3505.mdtrt_setl_type), "1");
    }
    row.end();
}
