//! 参保人画像: a person's year of care beside persons of the same sex, age, insurance and chronic registration.

use std::collections::{BTreeMap, HashMap, HashSet};

use mingjian_lake::Snapshot;
use mingjian_model::day::{self, Day, day_of, parse_moment};
use mingjian_platform::DataError;
use mingjian_platform::contract::evidence::{Lane, PersonTimeline};
use mingjian_platform::contract::profile::{Like, Measure, PersonProfile, ProfileMonth};
use mingjian_screening::Row;

use super::super::{Opened, failed, told};
use super::compare::{Figure, LIKE_MIN, measure};
use crate::codes;
use crate::columns::Rows;
use crate::errors::Outcome;
use mingjian_people::mask;

/// What persons of a group have in common: sex, ten years of age, insurance, whether a chronic disease is registered.
type Group = (String, i64, String, bool);

/// Figures of all persons with a settlement, by group; of a person only the figures are kept, not who it is.
#[derive(Default)]
pub struct Groups(HashMap<Group, Vec<[f32; FIGURES.len()]>>);

const COLUMNS: &[&str] =
    &["psn_no", "fixmedins_code", "med_type", "setl_time", "begndate", "enddate", "medfee_sumamt", "fund_pay_sumamt", "refd_setl_flag"];

const FIGURES: [Figure; 7] = [
    Figure("visits", "门诊就诊次数", "次"),
    Figure("purchases", "药店购药次数", "次"),
    Figure("stays", "住院次数", "次"),
    Figure("stay_days", "住院天数", "天"),
    Figure("total", "医疗费用总额", "元"),
    Figure("fund", "基金支付", "元"),
    Figure("places", "就诊机构数", "家"),
];

#[derive(Default)]
struct Care {
    visits: i64,
    purchases: i64,
    stays: i64,
    stay_days: i64,
    total_fen: i64,
    fund_fen: i64,
    places: HashSet<String>,
}

impl Care {
    /// A refund takes off what it returns.
    fn add(&mut self, kind: &str, place: &str, begin: Option<i64>, end: Option<i64>, money: (i64, i64), refund: bool) {
        let sign = if refund { -1 } else { 1 };
        if codes::is_stay(kind) {
            self.stays += sign;
            let days = begin.zip(end).map_or(0, |(begin, end)| i64::from(day_of(end) - day_of(begin)));
            self.stay_days += sign * days.max(1);
        } else if kind.starts_with("41") {
            self.purchases += sign;
        } else {
            self.visits += sign;
        }
        self.total_fen += money.0;
        self.fund_fen += money.1;
        if !self.places.contains(place) {
            self.places.insert(place.to_owned());
        }
    }

    fn figures(&self) -> [f32; FIGURES.len()] {
        let plain = [self.visits, self.purchases, self.stays, self.stay_days].map(|count| count as f32);
        let money = [self.total_fen, self.fund_fen].map(|fen| fen as f32 / 100.0);
        [plain[0], plain[1], plain[2], plain[3], money[0], money[1], self.places.len() as f32]
    }
}

impl Groups {
    /// One pass over the settlements; a person's lie in one bucket.
    pub fn read(snapshot: &Snapshot, last: Option<Day>) -> Outcome<Groups> {
        let mut groups = Groups::default();
        if !snapshot.has_table("setl_d") || !snapshot.has_table("psn_info_b") {
            return Ok(groups);
        }
        for bucket in 0..snapshot.buckets() {
            let mut registered: HashSet<String> = HashSet::new();
            if snapshot.has_table("opsp_reg_d") {
                for batch in snapshot.read_bucket("opsp_reg_d", bucket, &["psn_no"])?.into_iter().flatten() {
                    let rows = Rows::new(&batch);
                    registered.extend((0..rows.len()).map(|row| rows.column("psn_no").text(row).to_owned()));
                }
            }
            let mut care: HashMap<String, Care> = HashMap::new();
            for batch in snapshot.read_bucket("setl_d", bucket, COLUMNS)?.into_iter().flatten() {
                read_settlements(&Rows::new(&batch), &mut care);
            }
            for batch in snapshot.read_bucket("psn_info_b", bucket, &["psn_no", "gend", "brdy", "insutype"])?.into_iter().flatten() {
                let rows = Rows::new(&batch);
                let column = |name: &str| rows.column(name);
                for row in 0..rows.len() {
                    let no = column("psn_no").text(row);
                    let Some(care) = care.get(no) else { continue };
                    let birth = column("brdy").int(row).and_then(|day| i32::try_from(day).ok());
                    let group = group(column("gend").text(row), birth, column("insutype").text(row), registered.contains(no), last);
                    groups.0.entry(group).or_default().push(care.figures());
                }
            }
        }
        Ok(groups)
    }
}

fn read_settlements(rows: &Rows<'_>, care: &mut HashMap<String, Care>) {
    let column = |name: &str| rows.column(name);
    let (no, place, kind, refund) = (column("psn_no"), column("fixmedins_code"), column("med_type"), column("refd_setl_flag"));
    let (begin, end) = (column("begndate"), column("enddate"));
    let (total, fund) = (column("medfee_sumamt"), column("fund_pay_sumamt"));
    for row in 0..rows.len() {
        if !care.contains_key(no.text(row)) {
            care.insert(no.text(row).to_owned(), Care::default());
        }
        let Some(person) = care.get_mut(no.text(row)) else { continue };
        let money = (total.int(row).unwrap_or(0), fund.int(row).unwrap_or(0));
        person.add(kind.text(row), place.text(row), begin.int(row), end.int(row), money, refund.text(row) == "1");
    }
}

/// Whole years on a day.
pub fn age(birth: Option<Day>, last: Option<Day>) -> Option<i64> {
    let years = |day: Day| day::format_day(day).get(..4).and_then(|year| year.parse::<i64>().ok());
    let after = |day: Day| day::format_day(day).get(5..).map(str::to_owned);
    let (birth, last) = birth.zip(last)?;
    let full = years(last)? - years(birth)?;
    Some((full - i64::from(after(last)? < after(birth)?)).max(0))
}

fn group(sex: &str, birth: Option<Day>, insurance: &str, registered: bool, last: Option<Day>) -> Group {
    (sex.to_owned(), age(birth, last).map_or(-1, |age| (age / 10).min(9)), insurance.to_owned(), registered)
}

fn title(group: &Group) -> String {
    let (sex, tens, insurance, registered) = group;
    let years = match tens {
        -1 => "年龄不详".to_owned(),
        9 => "90 岁以上".to_owned(),
        tens => format!("{}–{} 岁", tens * 10, tens * 10 + 9),
    };
    let parts = [codes::sex(sex).to_owned(), years, codes::insurance(insurance).to_owned()];
    let chronic = if *registered { "有门诊慢特病登记" } else { "无门诊慢特病登记" };
    parts.into_iter().filter(|part| !part.is_empty()).chain([chronic.to_owned()]).collect::<Vec<_>>().join("、")
}

/// A person without what casework knows (findings, leads); `None`: neither registered nor ever treated.
pub fn profile(opened: &Opened, no: &str) -> Result<Option<PersonProfile>, DataError> {
    let of = |table: &'static str| mingjian_screening::of_person(&opened.snapshot, table, no).map_err(failed);
    let register = mingjian_screening::register(&opened.snapshot, no).map_err(failed)?;
    let (visits, settlements) = (of("mdtrt_d")?, of("setl_d")?);
    if register.is_none() && settlements.is_empty() && visits.is_empty() {
        return Ok(None);
    }
    let registrations = of("opsp_reg_d")?;
    let last = opened.peers.last_day();
    let who = |column: &str| register.as_ref().map_or("", |row| row.get(column)).to_owned();
    let birth = day::parse_day(&who("brdy"));
    let own = settled(&settlements);
    let group = group(&who("gend"), birth, &who("insutype"), !registrations.is_empty(), last);
    let mut unseen = vec!["只看医保结算过的就诊，自费、商业保险和未上传的不在内；病情轻重未作调整".to_owned()];
    let like = if register.is_some() { like(opened, &group, &own)? } else { Vec::new() };
    if register.is_none() {
        unseen.push("参保登记里没有这个人，不知性别年龄，不作比较".to_owned());
    } else if like.len() < LIKE_MIN {
        unseen.push(format!("同类不足 {LIKE_MIN} 人，不作比较"));
    }
    if !opened.snapshot.has_table("death_list") {
        unseen.push("没有死亡登记数据".to_owned());
    }
    let timeline = timeline(opened, no, &visits, &settlements);
    let without = settlements.iter().filter(|row| !visits.iter().any(|visit| visit.get("mdtrt_id") == row.get("mdtrt_id"))).count();
    if without > 0 {
        unseen.push(format!("{without} 笔结算没有对应的就诊记录，时间线按结算时间画出"));
    }
    let mut registered: Vec<String> = registrations.iter().map(|row| row.get("dise_name").to_owned()).collect();
    registered.sort();
    registered.dedup();
    Ok(Some(PersonProfile {
        no: no.to_owned(),
        name_masked: mask::name(&who("psn_name")),
        sex: codes::sex(&who("gend")).to_owned(),
        age: age(birth, last),
        insurance: codes::insurance(&who("insutype")).to_owned(),
        region: who("insu_admdvs"),
        registered,
        like: Like { title: title(&group), count: like.len() as i64 },
        measures: beside(&own.figures(), &like),
        months: months(&settlements),
        timeline,
        unseen,
        ..PersonProfile::default()
    }))
}

/// The figures of the group without the person: one that is equal to the person's own is taken out.
fn like(opened: &Opened, group: &Group, own: &Care) -> Result<Vec<[f32; FIGURES.len()]>, DataError> {
    let groups = opened.groups().map_err(told)?;
    let mut like = groups.0.get(group).cloned().unwrap_or_default();
    if let Some(at) = like.iter().position(|other| *other == own.figures()) {
        like.swap_remove(at);
    }
    Ok(like)
}

fn beside(own: &[f32; FIGURES.len()], like: &[[f32; FIGURES.len()]]) -> Vec<Measure> {
    let of = |at: usize| like.iter().map(|other| f64::from(other[at])).collect();
    FIGURES.iter().enumerate().map(|(at, figure)| measure(figure, f64::from(own[at]), of(at))).collect()
}

fn fen(row: &Row, column: &str) -> i64 {
    mingjian_model::parse_scaled(row.get(column), 2).unwrap_or(0)
}

fn settled(settlements: &[Row]) -> Care {
    let mut care = Care::default();
    for row in settlements {
        let moment = |column: &str| parse_moment(row.get(column));
        let money = (fen(row, "medfee_sumamt"), fen(row, "fund_pay_sumamt"));
        let refund = row.get("refd_setl_flag") == "1";
        care.add(row.get("med_type"), row.get("fixmedins_code"), moment("begndate"), moment("enddate"), money, refund);
    }
    care
}

fn months(settlements: &[Row]) -> Vec<ProfileMonth> {
    let mut months: BTreeMap<String, ProfileMonth> = BTreeMap::new();
    for row in settlements {
        let Some(name) = row.get("setl_time").get(..7) else { continue };
        let month = months.entry(name.to_owned()).or_insert_with(|| ProfileMonth { month: name.to_owned(), ..ProfileMonth::default() });
        let sign = if row.get("refd_setl_flag") == "1" { -1 } else { 1 };
        if codes::is_stay(row.get("med_type")) {
            month.stays += sign;
        } else {
            month.visits += sign;
        }
        month.amount_fen += fen(row, "medfee_sumamt");
        month.fund_fen += fen(row, "fund_pay_sumamt");
    }
    months.into_values().collect()
}

fn timeline(opened: &Opened, no: &str, visits: &[Row], settlements: &[Row]) -> PersonTimeline {
    let hits = opened.book.as_ref().and_then(|book| book.visits_of_person(no).ok()).unwrap_or_default();
    let paid = |visit: &str| settlements.iter().filter(|row| row.get("mdtrt_id") == visit).map(|row| fen(row, "medfee_sumamt")).sum();
    let mut lanes: Vec<Lane> = visits
        .iter()
        .map(|row| {
            let begin = row.get("begntime");
            let end = Some(row.get("endtime")).filter(|end| !end.is_empty()).unwrap_or(begin);
            lane(row, begin, end, row.get("dscg_maindiag_name"), paid(row.get("mdtrt_id")), hits.contains(row.get("mdtrt_id")))
        })
        .collect();
    let alone = settlements.iter().filter(|row| !visits.iter().any(|visit| visit.get("mdtrt_id") == row.get("mdtrt_id")));
    lanes.extend(alone.map(|row| {
        let time = row.get("setl_time");
        lane(row, time, time, row.get("dise_name"), fen(row, "medfee_sumamt"), hits.contains(row.get("mdtrt_id")))
    }));
    lanes.retain(|lane| !lane.begin.is_empty());
    lanes.sort_by(|a, b| (&a.begin, &a.institution).cmp(&(&b.begin, &b.institution)));
    overlapping(&mut lanes);
    let from = lanes.iter().map(|lane| lane.begin.clone()).min().unwrap_or_default();
    let to = lanes.iter().map(|lane| lane.end.clone()).max().unwrap_or_default();
    PersonTimeline { lanes, from, to }
}

fn lane(row: &Row, begin: &str, end: &str, what: &str, amount_fen: i64, hit: bool) -> Lane {
    let kind = match row.get("med_type") {
        stay if codes::is_stay(stay) => "stay",
        shop if shop.starts_with("41") => "pharmacy",
        _ => "visit",
    };
    let name = [row.get("fixmedins_name"), row.get("fixmedins_code")].into_iter().find(|name| !name.is_empty());
    Lane {
        kind: kind.to_owned(),
        institution: name.unwrap_or_default().to_owned(),
        begin: begin.to_owned(),
        end: end.to_owned(),
        label: [codes::care(row.get("med_type")), what].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" "),
        amount_fen,
        hit,
        overlap: false,
    }
}

/// Marks what lies inside a stay; the day of a transfer belongs to both stays and does not overlap.
pub fn overlapping(lanes: &mut [Lane]) {
    let stays: Vec<(usize, String, String)> = lanes
        .iter()
        .enumerate()
        .filter(|(_, lane)| lane.kind == "stay")
        .map(|(at, lane)| (at, lane.begin.clone(), lane.end.clone()))
        .collect();
    for (at, lane) in lanes.iter_mut().enumerate() {
        lane.overlap = stays.iter().any(|(stay, begin, end)| *stay != at && *begin < lane.end && lane.begin < *end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_full_ones() {
        let on = |text: &str| day::parse_day(text);
        assert_eq!(age(on("1960-06-15"), on("2025-06-14")), Some(64));
        assert_eq!(age(on("1960-06-15"), on("2025-06-15")), Some(65));
        assert_eq!(age(None, on("2025-06-15")), None);
    }

    #[test]
    fn a_refund_takes_off_what_it_returns() {
        let mut care = Care::default();
        care.add("11", "H1", None, None, (5_000, 3_000), false);
        care.add("11", "H1", None, None, (-5_000, -3_000), true);
        care.add("41", "P1", None, None, (2_000, 0), false);
        assert_eq!(care.figures(), [0.0, 1.0, 0.0, 0.0, 20.0, 0.0, 2.0]);
    }

    #[test]
    fn a_group_has_a_name_people_understand() {
        let group = group("1", day::parse_day("1958-01-01"), "310", true, day::parse_day("2025-12-31"));
        assert_eq!(title(&group), "男、60–69 岁、职工医保、有门诊慢特病登记");
    }
}
