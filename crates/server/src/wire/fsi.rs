//! 3101 and 3102: the patients of a call, and how they become neutral. Names and dialects: docs/counter.md.

use mingjian_counter::request::{self, Order as NeutralOrder};
use mingjian_model::day::Moment;

use super::lenient::{List, Text, node};
use super::value::{day, moment, number};

node! {
    /// `patient_dtos[]`
    Patient, others {
        id: Text = "patnid" | "pid" | "psnno" | "patientid",
        name: Text = "patnname",
        sex: Text = "gend" | "sex",
        birth: Text = "brdy" | "birthday",
        area: Text = "poolarea" | "poolareano",
        current_visit: Text = "currmdtrtid" | "curmdtrtid" | "patvisitno",
        encounters: List<Encounter> = "fsiencounterdtos" | "encounterdtos" | "fsiencounterdto" | "encounterdto" | "encounters",
    }
}

node! {
    /// `fsi_encounter_dtos[]`
    Encounter, others {
        id: Text = "mdtrtid" | "patvisitno",
        institution: Text = "medinsid" | "fixmedinscode" | "medinscode",
        institution_name: Text = "medinsname" | "fixmedinsname",
        level: Text = "medinslv" | "hosplv",
        kind: Text = "medmdtrttype",
        med_type: Text = "medtype",
        insutype: Text = "insutype",
        begin: Text = "admdate" | "begntime" | "recipedate",
        end: Text = "dscgdate" | "endtime",
        main_dx: Text = "dscgmaindisecodg" | "dscgmaindiagcode",
        doctor: Text = "drcodg" | "drorddrcodg",
        department: Text = "dscgdeptcodg" | "admdeptcodg" | "sectioncode",
        diagnoses: List<Diagnosis> = "fsidiagnosedtos" | "diagnosedtos" | "fsidiagnosedto" | "diagnoses" | "diseinfo",
        operations: List<Operation> = "fsioperationdtos" | "operationdtos" | "fsioperationdto" | "operations",
        orders: List<Order> = "fsiorderdtos" | "orderdtos" | "fsiorderdto" | "orders" | "voladetailinfo",
        // A pharmacy's dialect states the patient here.
        patient_sex: Text = "gend",
        patient_birth: Text = "brdy",
    }
}

node! {
    /// `fsi_diagnose_dtos[]`
    Diagnosis {
        id: Text = "diseid" | "diagid",
        main: Text = "maindiseflag" | "maindiagflag",
        code: Text = "disecodg" | "diagcode",
    }
}

node! {
    /// `fsi_operation_dtos[]`
    Operation {
        code: Text = "oprncode" | "oprnoprtcode",
        date: Text = "oprndate" | "oprnoprtdate" | "oprnoprtbegntime",
    }
}

node! {
    /// `fsi_order_dtos[]`
    Order {
        id: Text = "rxid" | "feedetlsn",
        prescription: Text = "rxno",
        item: Text = "hilistcode" | "medlistcodg" | "nationsubcode",
        item_name: Text = "hilistname" | "itemname",
        local_item: Text = "hosplistcode" | "medinslistcodg" | "hiscode",
        local_name: Text = "hosplistname" | "medinslistname",
        count: Text = "cnt" | "count",
        price: Text = "pric" | "unitprice",
        amount: Text = "sumamt" | "detitemfeesumamt" | "fee",
        own: Text = "ownpayamt" | "fulamtownpayamt",
        self_paid: Text = "selfpayamt",
        time: Text = "drordbegndate" | "feeocurtime",
        department: Text = "drorddeptcodg" | "bilgdeptcodg",
        doctor: Text = "drorddrcodg" | "bilgdrcodg" | "bilgdrcode",
        behaviour: Text = "drordbhvr",
        current: Text = "currdrordflag",
    }
}

/// A national institution code: H or P and eleven digits.
pub fn is_national(institution: &str) -> bool {
    institution.len() == 12 && institution.starts_with(['H', 'P']) && institution[1..].bytes().all(|b| b.is_ascii_digit())
}

impl Patient {
    /// The neutral form. `caller`: the institution the envelope names, which stands in where an encounter has only a hospital's own code.
    pub fn neutral(self, caller: &str) -> request::Patient {
        let first = self.encounters.0.first();
        let or = |own: &Text, there: Option<&Text>| {
            if own.0.is_empty() { there.map_or(String::new(), |text| text.0.clone()) } else { own.0.clone() }
        };
        let sex = or(&self.sex, first.map(|encounter| &encounter.patient_sex));
        let birth = or(&self.birth, first.map(|encounter| &encounter.patient_birth));
        request::Patient {
            id: self.id.0,
            sex: sex_of(&sex),
            birth: day(&birth),
            current_visit: self.current_visit.0,
            encounters: self.encounters.0.into_iter().map(|encounter| encounter.neutral(caller)).collect(),
        }
    }
}

/// gend: 1 男, 2 女, else unknown.
fn sex_of(gend: &str) -> u8 {
    match gend {
        "1" | "01" | "男" | "M" => mingjian_engine::timeline::SEX_MALE,
        "2" | "02" | "女" | "F" => mingjian_engine::timeline::SEX_FEMALE,
        _ => mingjian_engine::timeline::SEX_UNKNOWN,
    }
}

impl Encounter {
    fn neutral(self, caller: &str) -> request::Encounter {
        let institution = if !is_national(&self.institution.0) && is_national(caller) { caller.to_owned() } else { self.institution.0 };
        // med_type is required; where it is missing, 就诊类型 says as much as it can.
        let med_type = match (self.med_type.0.as_str(), self.kind.0.as_str()) {
            ("", "1") => "11".to_owned(),
            ("", "2") => "21".to_owned(),
            ("", "3") => "41".to_owned(),
            _ => self.med_type.0,
        };
        request::Encounter {
            id: self.id.0,
            institution,
            institution_name: self.institution_name.0,
            level: self.level.0,
            med_type,
            insutype: self.insutype.0,
            begin: moment(&self.begin.0),
            end: moment(&self.end.0),
            main_dx: self.main_dx.0,
            doctor: self.doctor.0,
            department: self.department.0,
            diagnoses: self
                .diagnoses
                .0
                .into_iter()
                .map(|diagnosis| request::Diagnosis { id: diagnosis.id.0, code: diagnosis.code.0, main: is_yes(&diagnosis.main.0) })
                .collect(),
            operations: self
                .operations
                .0
                .into_iter()
                .map(|operation| request::Operation { begin: moment(&operation.date.0), code: operation.code.0 })
                .collect(),
            orders: self.orders.0.into_iter().enumerate().map(|(at, order)| order.neutral(at)).collect(),
        }
    }
}

fn is_yes(flag: &str) -> bool {
    matches!(flag, "1" | "01" | "true" | "是" | "Y" | "y")
}

impl Order {
    /// `at`: the place in the list, which names a line that has no id.
    fn neutral(self, at: usize) -> NeutralOrder {
        let time: Option<Moment> = moment(&self.time.0);
        NeutralOrder {
            id: if self.id.0.is_empty() { format!("#{}", at + 1) } else { self.id.0 },
            prescription: self.prescription.0,
            item: if self.item.0.is_empty() { self.local_item.0 } else { self.item.0 },
            item_name: if self.item_name.0.is_empty() { self.local_name.0 } else { self.item_name.0 },
            time,
            count: number(&self.count.0, 4).unwrap_or(0),
            price: number(&self.price.0, 6),
            amount: number(&self.amount.0, 2),
            own: number(&self.own.0, 2).unwrap_or(0),
            self_paid: number(&self.self_paid.0, 2).unwrap_or(0),
            doctor: self.doctor.0,
            department: self.department.0,
            discharge_drug: is_yes(&self.behaviour.0),
            current: (!self.current.0.is_empty()).then(|| is_yes(&self.current.0)),
        }
    }
}
