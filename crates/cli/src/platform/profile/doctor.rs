//! 医师画像: what a doctor ordered at an institution, beside doctors of the same department and level.

use std::collections::{BTreeMap, HashMap, HashSet};

use mingjian_lake::Snapshot;
use mingjian_model::day::{self, Day};
use mingjian_platform::DataError;
use mingjian_platform::contract::Coded;
use mingjian_platform::contract::profile::{DoctorProfile, Like, ProfileMonth};

use super::super::{Opened, told};
use super::compare::{Figure, LIKE_MIN, measures};
use crate::codes;
use crate::columns::Rows;
use crate::errors::Outcome;
use mingjian_people::mask;

/// A doctor at an institution.
type Key = (String, String);

/// All doctors' figures of a version of the lake.
#[derive(Default)]
pub struct Doctors {
    doctors: HashMap<Key, Figures>,
    /// Lines of an institution: all, and those that name no doctor.
    nameless: HashMap<String, (i64, i64)>,
}

#[derive(Default)]
struct Figures {
    name: String,
    departments: HashMap<String, i64>,
    months: BTreeMap<String, Month>,
    /// Visits outside a stay, by day.
    days: HashMap<Day, i64>,
    persons: i64,
    drugs_fen: i64,
    materials_fen: i64,
    tests_fen: i64,
}

#[derive(Default, Clone, Copy)]
struct Month {
    visits: i64,
    visits_fen: i64,
    stays: i64,
    stays_fen: i64,
    scope_fen: i64,
}

const COLUMNS: &[&str] = &[
    "psn_no",
    "mdtrt_id",
    "fixmedins_code",
    "bilg_dr_code",
    "bilg_dr_name",
    "bilg_dept_name",
    "med_type",
    "fee_ocur_time",
    "det_item_fee_sumamt",
    "inscp_amt",
    "med_list_codg",
    "med_chrgitm_type",
];

/// 检查费, 化验费.
const TESTS: [&str; 2] = ["03", "04"];

impl Doctors {
    /// One pass over the lines of charges.
    pub fn read(snapshot: &Snapshot) -> Outcome<Doctors> {
        let mut all = Doctors::default();
        if !snapshot.has_table("fee_list_d") {
            return Ok(all);
        }
        let threads = std::thread::available_parallelism().map_or(1, usize::from) as u32;
        let parts = std::thread::scope(|scope| {
            let hands: Vec<_> = (0..threads).map(|hand| scope.spawn(move || Doctors::read_share(snapshot, hand, threads))).collect();
            hands.into_iter().map(|hand| hand.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect::<Vec<_>>()
        });
        for part in parts {
            all.add(part?);
        }
        Ok(all)
    }

    /// Every so many buckets. A person lies in one bucket, so sums of buckets add up.
    fn read_share(snapshot: &Snapshot, first: u32, step: u32) -> Outcome<Doctors> {
        let mut share = Doctors::default();
        for bucket in (first..snapshot.buckets()).step_by(step as usize) {
            let mut seen = Seen::default();
            for batch in snapshot.read_bucket("fee_list_d", bucket, COLUMNS)?.into_iter().flatten() {
                share.read_lines(&Rows::new(&batch), &mut seen);
            }
        }
        Ok(share)
    }

    fn read_lines(&mut self, rows: &Rows<'_>, seen: &mut Seen) {
        let column = |name: &str| rows.column(name);
        let (person, visit, place, code) = (column("psn_no"), column("mdtrt_id"), column("fixmedins_code"), column("bilg_dr_code"));
        let (name, department, kind, time) =
            (column("bilg_dr_name"), column("bilg_dept_name"), column("med_type"), column("fee_ocur_time"));
        let (total, scope, item, charge) =
            (column("det_item_fee_sumamt"), column("inscp_amt"), column("med_list_codg"), column("med_chrgitm_type"));
        for row in 0..rows.len() {
            let Some(moment) = time.int(row) else { continue };
            let place = place.text(row);
            let code = code.text(row);
            match self.nameless.get_mut(place) {
                Some(lines) => *lines = (lines.0 + 1, lines.1 + i64::from(code.is_empty())),
                None => {
                    self.nameless.insert(place.to_owned(), (1, i64::from(code.is_empty())));
                }
            }
            if code.is_empty() {
                continue;
            }
            let visit_is_new = seen.at(code, place, "v", visit.text(row));
            let person_is_new = visit_is_new && seen.at(code, place, "p", person.text(row));
            let figures = self.doctors.entry((code.to_owned(), place.to_owned())).or_default();
            if figures.name.is_empty() {
                figures.name = name.text(row).to_owned();
            }
            let money = total.int(row).unwrap_or(0);
            let day = day::day_of(moment);
            let stay = codes::is_stay(kind.text(row));
            figures.persons += i64::from(person_is_new);
            let month = figures.months.entry(day::format_day(day)[..7].to_owned()).or_default();
            if stay {
                month.stays += i64::from(visit_is_new);
                month.stays_fen += money;
            } else {
                month.visits += i64::from(visit_is_new);
                month.visits_fen += money;
                *figures.days.entry(day).or_default() += i64::from(visit_is_new);
            }
            month.scope_fen += scope.int(row).unwrap_or(0);
            match codes::item_kind(item.text(row)) {
                "药品" | "饮片" => figures.drugs_fen += money,
                "材料" => figures.materials_fen += money,
                _ if TESTS.contains(&charge.text(row)) => figures.tests_fen += money,
                _ => {}
            }
            let department = department.text(row);
            match figures.departments.get_mut(department) {
                Some(lines) => *lines += 1,
                None => {
                    figures.departments.insert(department.to_owned(), 1);
                }
            }
        }
    }

    fn add(&mut self, part: Doctors) {
        for (place, (all, without)) in part.nameless {
            let lines = self.nameless.entry(place).or_default();
            *lines = (lines.0 + all, lines.1 + without);
        }
        for (key, more) in part.doctors {
            let figures = self.doctors.entry(key).or_default();
            // The same name whichever thread came first.
            if figures.name.is_empty() || (!more.name.is_empty() && more.name < figures.name) {
                figures.name = more.name;
            }
            for (department, lines) in more.departments {
                *figures.departments.entry(department).or_default() += lines;
            }
            for (month, sums) in more.months {
                let month = figures.months.entry(month).or_default();
                month.visits += sums.visits;
                month.visits_fen += sums.visits_fen;
                month.stays += sums.stays;
                month.stays_fen += sums.stays_fen;
                month.scope_fen += sums.scope_fen;
            }
            for (day, visits) in more.days {
                *figures.days.entry(day).or_default() += visits;
            }
            figures.persons += more.persons;
            figures.drugs_fen += more.drugs_fen;
            figures.materials_fen += more.materials_fen;
            figures.tests_fen += more.tests_fen;
        }
    }
}

/// Persons and visits of a bucket that were counted for a doctor.
#[derive(Default)]
struct Seen {
    counted: HashSet<String>,
    last: String,
}

impl Seen {
    /// Whether it is seen for the first time with this doctor. Lines of a visit lie together, so most are those of the line before.
    fn at(&mut self, code: &str, place: &str, what: &str, id: &str) -> bool {
        let told = [what, code, place, id].join("\u{1f}");
        if what == "v" {
            if told == self.last {
                return false;
            }
            self.last.clone_from(&told);
        }
        self.counted.insert(told)
    }
}

impl Figures {
    fn sum(&self) -> Month {
        self.months.values().fold(Month::default(), |sum, month| Month {
            visits: sum.visits + month.visits,
            visits_fen: sum.visits_fen + month.visits_fen,
            stays: sum.stays + month.stays,
            stays_fen: sum.stays_fen + month.stays_fen,
            scope_fen: sum.scope_fen + month.scope_fen,
        })
    }

    /// Where most lines were ordered; of equal ones the first by name.
    fn department(&self) -> &str {
        let most = self.departments.iter().filter(|(name, _)| !name.is_empty()).max_by(|a, b| (a.1, b.0).cmp(&(b.1, a.0)));
        most.map_or("", |(name, _)| name)
    }

    fn measures(&self) -> [Option<f64>; 8] {
        let sum = self.sum();
        let per = |above: i64, below: i64| (below > 0).then(|| above as f64 / below as f64);
        let total = sum.visits_fen + sum.stays_fen;
        let days = self.days.values().filter(|visits| **visits > 0).count() as i64;
        [
            per(sum.visits, days),
            self.days.values().max().filter(|most| **most > 0).map(|most| *most as f64),
            per(sum.visits + sum.stays, self.persons),
            per(sum.visits_fen, sum.visits * 100),
            per(sum.stays_fen, sum.stays * 100),
            per(self.drugs_fen * 100, total),
            per(self.materials_fen * 100, total),
            per(self.tests_fen * 100, total),
        ]
    }
}

/// In the order of [`Figures::measures`].
const FIGURES: [Figure; 8] = [
    Figure("visits_day", "出诊日均门诊人次", "人次"),
    Figure("visits_most", "一日门诊人次最多", "人次"),
    Figure("per_person", "人均就诊次数", "次"),
    Figure("visit_cost", "门诊次均开单金额", "元"),
    Figure("stay_cost", "住院人次均开单金额", "元"),
    Figure("drug_share", "药品占比", "%"),
    Figure("material_share", "材料占比", "%"),
    Figure("test_share", "检查化验占比", "%"),
];

/// A doctor at each institution he or she orders at, the one with most money first; without what casework knows (findings, leads).
pub fn profiles(opened: &Opened, code: &str) -> Result<Vec<DoctorProfile>, DataError> {
    let all = opened.doctors().map_err(told)?;
    let mut own: Vec<(&Key, &Figures)> = all.doctors.iter().filter(|(key, _)| key.0 == code).collect();
    let worth = |figures: &Figures| figures.sum().visits_fen + figures.sum().stays_fen;
    own.sort_by_key(|(key, figures)| (-worth(figures), key.1.clone()));
    let job_title = if own.is_empty() { String::new() } else { job_title(&opened.snapshot, code).map_err(told)? };
    Ok(own.into_iter().map(|(key, figures)| profile(opened, all, key, figures, &job_title)).collect())
}

fn profile(opened: &Opened, all: &Doctors, key: &Key, own: &Figures, job_title: &str) -> DoctorProfile {
    let (code, place) = key;
    let level = |place: &str| opened.peers.level(place).unwrap_or("").to_owned();
    let (own_level, department) = (level(place), own.department());
    let same_department: Vec<(&Key, &Figures)> =
        all.doctors.iter().filter(|(other, figures)| *other != key && figures.department() == department).collect();
    let near: Vec<&(&Key, &Figures)> = same_department.iter().filter(|(other, _)| level(&other.1) == own_level).collect();
    // Of a small department of a level there may be too few: then those of all levels.
    let (title, like): (String, Vec<[Option<f64>; 8]>) = if near.len() >= LIKE_MIN {
        (format!("{own_level}机构的{department}医师"), near.iter().map(|(_, figures)| figures.measures()).collect())
    } else {
        (format!("各级机构的{department}医师"), same_department.iter().map(|(_, figures)| figures.measures()).collect())
    };
    let months = own.months.iter().map(|(month, sums)| ProfileMonth {
        month: month.clone(),
        visits: sums.visits,
        stays: sums.stays,
        amount_fen: sums.visits_fen + sums.stays_fen,
        fund_fen: sums.scope_fen,
        ..ProfileMonth::default()
    });
    let mut unseen = Vec::new();
    if let Some((lines, without)) = all.nameless.get(place).filter(|(_, without)| *without > 0) {
        let share = 100.0 * *without as f64 / *lines as f64;
        unseen.push(format!("本机构有 {without} 行（{share:.1}%）费用明细没有开单医师，未计入任何医师"));
    }
    unseen.push("只看医保结算上传的明细，自费就诊和未上传的不在内；医师在岗时间、病情轻重未作调整".to_owned());
    if like.len() < LIKE_MIN {
        unseen.push(format!("同科室的医师不足 {LIKE_MIN} 人，不作比较"));
    }
    DoctorProfile {
        code: code.clone(),
        name_masked: mask::name(&own.name),
        institution: Coded { code: place.clone(), name: opened.peers.name(place).unwrap_or(place).to_owned() },
        level: own_level,
        region: opened.peers.region(place).unwrap_or_default().to_owned(),
        department: department.to_owned(),
        job_title: job_title.to_owned(),
        like: Like { title, count: like.len() as i64 },
        measures: measures(&FIGURES, &own.measures(), &like),
        months: months.collect(),
        unseen,
        ..DoctorProfile::default()
    }
}

/// 职称 (drord_dr_profttl) in words, where the register has the doctor.
fn job_title(snapshot: &Snapshot, code: &str) -> Outcome<String> {
    if !snapshot.has_table("prac_psn_b") {
        return Ok(String::new());
    }
    for batch in snapshot.read_table("prac_psn_b", &["prac_psn_code", "drord_dr_profttl"])? {
        let rows = Rows::new(&batch);
        let found = (0..rows.len()).find(|row| rows.column("prac_psn_code").text(*row) == code);
        if let Some(row) = found {
            return Ok(codes::job_title(rows.column("drord_dr_profttl").text(row)).to_owned());
        }
    }
    Ok(String::new())
}
