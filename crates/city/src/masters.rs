//! The tables a bureau keeps beside its bills: institutions, departments, practitioners, catalogue, prices, suspensions.

use crate::City;
use crate::catalogue::CITY;
use crate::cells::{DAY, HOUR, Rows, Second, at_column};
use crate::stock::maker;
use crate::world::{Kind, SUSPENDED_DEPT, practitioner_code, practitioner_title};
use mingjian_model::schema::{FIXMEDINS_B, FIXMEDINS_SUSPEND_B, HILIST_B, HILIST_PRICE_B, MEDINS_DEPT_B, PRAC_PSN_B, PRAC_SUSPEND_B};

/// All of them, in the order of the schema.
pub(crate) fn tables(city: &City) -> Vec<Rows> {
    vec![
        institutions(city),
        departments(city),
        practitioners(city),
        catalogue(city),
        prices(city),
        suspended_practitioners(city),
        suspended_institutions(city),
    ]
}

/// When the register was last brought up to date: long before the period.
fn updated(city: &City) -> Second {
    Second::from(city.calendar.from - 20) * DAY + 9 * HOUR
}

fn institutions(city: &City) -> Rows {
    let mut rows = Rows::new(&FIXMEDINS_B);
    for (i, place) in city.world.institutions.iter().enumerate() {
        let mut row = rows.row();
        row.text(at_column!(FIXMEDINS_B.fixmedins_code), &place.code)
            .text(at_column!(FIXMEDINS_B.fixmedins_name), &place.name)
            .text(at_column!(FIXMEDINS_B.fixmedins_type), if place.kind == Kind::Pharmacy { "2" } else { "1" })
            .text(at_column!(FIXMEDINS_B.hosp_lv), place.level);
        if place.beds > 0 {
            row.number(at_column!(FIXMEDINS_B.aprv_bed_cnt), place.beds);
        }
        row.text(at_column!(FIXMEDINS_B.admdvs), city.catalogue.districts[place.district].0)
            .text(at_column!(FIXMEDINS_B.uscc), &credit_code(city.catalogue.districts[place.district].0, i))
            .day(at_column!(FIXMEDINS_B.begndate), place.since)
            .time(at_column!(FIXMEDINS_B.updt_time), updated(city))
            .end();
    }
    rows
}

/// 统一社会信用代码 with its check character (GB 32100, mod 31).
fn credit_code(area: &str, number: usize) -> String {
    const SIGNS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let mut code = format!("52{area}{number:09}");
    let sum: usize = code.bytes().zip(WEIGHTS).map(|(b, w)| SIGNS.iter().position(|s| *s == b).unwrap_or(0) * w).sum();
    code.push(SIGNS[(31 - sum % 31) % 31] as char);
    code
}

fn departments(city: &City) -> Rows {
    let mut rows = Rows::new(&MEDINS_DEPT_B);
    for place in city.world.institutions.iter().filter(|p| p.kind != Kind::Pharmacy) {
        for (i, dept) in place.depts.iter().enumerate() {
            let mut row = rows.row();
            row.text(at_column!(MEDINS_DEPT_B.fixmedins_code), &place.code)
                .text(at_column!(MEDINS_DEPT_B.dept_code), dept.code)
                .text(at_column!(MEDINS_DEPT_B.dept_name), dept.name)
                .text(at_column!(MEDINS_DEPT_B.caty), dept.code);
            if place.beds > 0 {
                let share = place.beds / place.depts.len() as i64 + i64::from((i as i64) < place.beds % place.depts.len() as i64);
                row.number(at_column!(MEDINS_DEPT_B.aprv_bed_cnt), share);
            }
            row.day(at_column!(MEDINS_DEPT_B.begndate), place.since).end();
        }
    }
    rows
}

fn practitioners(city: &City) -> Rows {
    let mut rows = Rows::new(&PRAC_PSN_B);
    for place in &city.world.institutions {
        let pharmacist = place.kind == Kind::Pharmacy;
        for (id, dept) in place.doctors() {
            let mut row = rows.row();
            row.text(at_column!(PRAC_PSN_B.prac_psn_code), &practitioner_code(id, pharmacist))
                .text(at_column!(PRAC_PSN_B.prac_psn_name), city.practitioner(id))
                .text(at_column!(PRAC_PSN_B.prac_psn_type), if pharmacist { "3" } else { "1" })
                .text(at_column!(PRAC_PSN_B.fixmedins_code), &place.code);
            if !pharmacist {
                row.text(at_column!(PRAC_PSN_B.dept_code), place.depts[dept as usize].code)
                    .text(at_column!(PRAC_PSN_B.drord_dr_profttl), practitioner_title(id));
            }
            row.text(at_column!(PRAC_PSN_B.prac_stas), "1")
                .day(at_column!(PRAC_PSN_B.begndate), place.since + 30)
                .time(at_column!(PRAC_PSN_B.updt_time), updated(city))
                .end();
        }
    }
    rows
}

fn catalogue(city: &City) -> Rows {
    let mut rows = Rows::new(&HILIST_B);
    let begin = mingjian_model::day::from_ymd(2021, 1, 1).unwrap_or_default();
    // A code we made up says so where its maker and approval would stand.
    let virtual_code = "虚拟编码";
    for (i, drug) in city.catalogue.drugs.iter().enumerate() {
        rows.row()
            .text(at_column!(HILIST_B.hilist_code), drug.code)
            .text(at_column!(HILIST_B.hilist_name), drug.name)
            .text(at_column!(HILIST_B.list_type), "101")
            .text(at_column!(HILIST_B.med_chrgitm_type), drug.charge)
            .text(at_column!(HILIST_B.chrgitm_lv), drug.level)
            .text(at_column!(HILIST_B.spec), drug.spec)
            .text(at_column!(HILIST_B.dosform_name), drug.form)
            .text(at_column!(HILIST_B.unit), drug.pack_unit)
            .number(at_column!(HILIST_B.convrat), drug.pack)
            .text(at_column!(HILIST_B.prodentp_name), maker(i as u16))
            .text(at_column!(HILIST_B.aprvno), if drug.made_up { virtual_code } else { "" })
            .day(at_column!(HILIST_B.begndate), begin)
            .time(at_column!(HILIST_B.updt_time), updated(city))
            .end();
    }
    for service in &city.catalogue.services {
        rows.row()
            .text(at_column!(HILIST_B.hilist_code), service.code)
            .text(at_column!(HILIST_B.hilist_name), service.name)
            .text(at_column!(HILIST_B.list_type), "201")
            .text(at_column!(HILIST_B.med_chrgitm_type), service.charge)
            .text(at_column!(HILIST_B.chrgitm_lv), service.level)
            .text(at_column!(HILIST_B.unit), service.unit)
            .day(at_column!(HILIST_B.begndate), begin)
            .time(at_column!(HILIST_B.updt_time), updated(city))
            .end();
    }
    for material in &city.catalogue.materials {
        rows.row()
            .text(at_column!(HILIST_B.hilist_code), material.code)
            .text(at_column!(HILIST_B.hilist_name), material.name)
            .text(at_column!(HILIST_B.list_type), "301")
            .text(at_column!(HILIST_B.med_chrgitm_type), "08")
            .text(at_column!(HILIST_B.chrgitm_lv), "02")
            .text(at_column!(HILIST_B.unit), material.unit)
            .text(at_column!(HILIST_B.aprvno), virtual_code)
            .day(at_column!(HILIST_B.begndate), begin)
            .time(at_column!(HILIST_B.updt_time), updated(city))
            .end();
    }
    for herb in &city.catalogue.herbs {
        rows.row()
            .text(at_column!(HILIST_B.hilist_code), herb.code)
            .text(at_column!(HILIST_B.hilist_name), herb.name)
            .text(at_column!(HILIST_B.list_type), "102")
            .text(at_column!(HILIST_B.med_chrgitm_type), "10")
            .text(at_column!(HILIST_B.chrgitm_lv), if herb.all_excluded { "03" } else { "01" })
            .text(at_column!(HILIST_B.unit), "g")
            .text(at_column!(HILIST_B.aprvno), if herb.made_up { virtual_code } else { "" })
            .day(at_column!(HILIST_B.begndate), begin)
            .time(at_column!(HILIST_B.updt_time), updated(city))
            .end();
    }
    rows
}

/// Ceilings of services by the institution's level: 3 三级, 2 二级, 1 一级及以下.
fn prices(city: &City) -> Rows {
    let mut rows = Rows::new(&HILIST_PRICE_B);
    let begin = mingjian_model::day::from_ymd(2021, 1, 1).unwrap_or_default();
    for service in &city.catalogue.services {
        for (level, fen) in [("1", service.fen[0]), ("2", service.fen[1]), ("3", service.fen[2])] {
            rows.row()
                .text(at_column!(HILIST_PRICE_B.hilist_code), service.code)
                .text(at_column!(HILIST_PRICE_B.hosp_lv_grp), level)
                .text(at_column!(HILIST_PRICE_B.insu_admdvs), CITY)
                .money(at_column!(HILIST_PRICE_B.hilist_pric_uplmt_amt), fen)
                .day(at_column!(HILIST_PRICE_B.begndate), begin)
                .end();
        }
    }
    rows
}

fn suspended_practitioners(city: &City) -> Rows {
    let mut rows = Rows::new(&PRAC_SUSPEND_B);
    for i in city.world.counties.clone() {
        let place = &city.world.institutions[i];
        let doctor = place.suspended(place.department(SUSPENDED_DEPT));
        rows.row()
            .text(at_column!(PRAC_SUSPEND_B.code), &practitioner_code(doctor, false))
            .day(at_column!(PRAC_SUSPEND_B.begndate), city.calendar.from - 15)
            .day(at_column!(PRAC_SUSPEND_B.enddate), city.calendar.to + 60)
            .text(at_column!(PRAC_SUSPEND_B.reason), "支付资格记分满9分暂停")
            .end();
    }
    rows
}

/// One clinic was suspended the year before and is back: a look-alike.
fn suspended_institutions(city: &City) -> Rows {
    let mut rows = Rows::new(&FIXMEDINS_SUSPEND_B);
    let place = &city.world.institutions[city.world.clinics.start];
    rows.row()
        .text(at_column!(FIXMEDINS_SUSPEND_B.code), &place.code)
        .day(at_column!(FIXMEDINS_SUSPEND_B.begndate), city.calendar.from - 120)
        .day(at_column!(FIXMEDINS_SUSPEND_B.enddate), city.calendar.from - 30)
        .text(at_column!(FIXMEDINS_SUSPEND_B.reason), "进销存资料不全，责令整改")
        .end();
    rows
}
