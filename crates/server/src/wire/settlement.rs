//! 结算 as the history takes it in: national names, one object a settlement.

use mingjian_model::day::{Day, Moment};
use mingjian_screening::person::{DiagnosisRow, LineRow, OperationRow, PersonRows, SettlementRow, ToldBy, VisitRow, sex_of};

use super::lenient::{List, Text, node};
use super::value::{day, moment, number};

node! {
    /// The body: `{"settlements":[…]}`.
    Settlements, others {
        all: List<Settled> = "settlements" | "settlement" | "setlinfo" | "data",
    }
}

node! {
    /// One settlement with its visit.
    Settled {
        psn_no: Text = "psnno" | "patnid",
        gend: Text = "gend",
        brdy: Text = "brdy",
        mdtrt_id: Text = "mdtrtid",
        institution: Text = "fixmedinscode" | "medinsid",
        institution_name: Text = "fixmedinsname" | "medinsname",
        med_type: Text = "medtype",
        insutype: Text = "insutype",
        hosp_lv: Text = "hosplv" | "medinslv",
        begin: Text = "begntime" | "begndate" | "admdate",
        end: Text = "endtime" | "enddate" | "dscgdate",
        dscg_way: Text = "dscgway",
        main_dx: Text = "dscgmaindiagcode" | "dscgmaindisecodg",
        setl_id: Text = "setlid",
        setl_time: Text = "setltime",
        takes_back: Text = "initsetlid",
        refunded: Text = "refdsetlflag",
        medfee: Text = "medfeesumamt",
        scope: Text = "inscpamt" | "inscpscpamt",
        fund: Text = "fundpaysumamt",
        account: Text = "acctpay",
        shared_account: Text = "acctmulaidpay",
        diagnoses: List<Diagnosis> = "diagnoses" | "diseinfo" | "setllistdiagd",
        operations: List<Operation> = "operations" | "oprninfo" | "setllistoprnd",
        lines: List<Line> = "feelist" | "feelistd" | "feedetail",
    }
}

node! {
    /// setl_list_diag_d
    Diagnosis {
        id: Text = "setllistdiagid",
        code: Text = "diagcode",
        main: Text = "maindiagflag",
    }
}

node! {
    /// setl_list_oprn_d
    Operation {
        code: Text = "oprnoprtcode",
        begin: Text = "oprnoprtbegntime" | "oprnoprtdate",
        end: Text = "oprnoprtendtime",
    }
}

node! {
    /// fee_list_d; names of the HIS upload (2204, 2301) too.
    Line {
        id: Text = "bkkpsn" | "feedetlsn" | "rxid",
        item: Text = "medlistcodg" | "hilistcode",
        time: Text = "feeocurtime" | "feeocurdate",
        count: Text = "cnt",
        price: Text = "pric",
        amount: Text = "detitemfeesumamt",
        scope: Text = "inscpamt" | "inscpscpamt",
        own: Text = "fulamtownpayamt",
        over_limit: Text = "overlmtselfpay" | "overlmtamt",
        price_cap: Text = "pricuplmtamt",
        prescription: Text = "rxdrordno" | "rxno" | "drordno",
        origin: Text = "initfeedetlsn",
        discharge: Text = "dscgtkdrugflag",
        maternity: Text = "matnfeeflag",
        approved: Text = "hospapprflag",
        doctor: Text = "bilgdrcode" | "bilgdrcodg",
        department: Text = "bilgdeptcodg",
        dose: Text = "sindosdscr" | "sindos",
        frequency: Text = "usedfrqudscr" | "frqudscr",
        days: Text = "prddays" | "useddays",
        route: Text = "medcwaydscr",
    }
}

impl Settled {
    /// What it lacks to be kept; `None`: nothing.
    pub fn lacks(&self) -> Option<&'static str> {
        [(&self.psn_no, "psn_no"), (&self.mdtrt_id, "mdtrt_id"), (&self.setl_id, "setl_id"), (&self.institution, "fixmedins_code")]
            .into_iter()
            .find(|(text, _)| text.0.is_empty())
            .map(|(_, name)| name)
    }

    /// The rows of the settlement's only visit.
    pub fn rows(&self, now: Moment) -> PersonRows<'_> {
        let time = moment(&self.setl_time.0).unwrap_or(now);
        let begin = moment(&self.begin.0).or(Some(time));
        let birth: Option<Day> = day(&self.brdy.0);
        let fen = |text: &Text| number(&text.0, 2).unwrap_or(0);
        PersonRows {
            psn_no: &self.psn_no.0,
            sex: sex_of(&self.gend.0),
            birth,
            died: None,
            registrations: Vec::new(),
            visits: vec![VisitRow {
                id: &self.mdtrt_id.0,
                institution: &self.institution.0,
                institution_name: &self.institution_name.0,
                med_type: &self.med_type.0,
                insutype: &self.insutype.0,
                hosp_lv: &self.hosp_lv.0,
                dscg_way: &self.dscg_way.0,
                main_dx: &self.main_dx.0,
                referred_from: "",
                begin,
                end: moment(&self.end.0),
                told_by: ToldBy::Itself,
            }],
            settlements: vec![SettlementRow {
                visit: 0,
                id: &self.setl_id.0,
                time,
                refunded: self.refunded.0 == "1",
                takes_back: &self.takes_back.0,
                medfee: fen(&self.medfee),
                scope: fen(&self.scope),
                fund: fen(&self.fund),
                account: fen(&self.account) + fen(&self.shared_account),
            }],
            diagnoses: self
                .diagnoses
                .0
                .iter()
                .map(|row| DiagnosisRow { visit: 0, id: &row.id.0, code: &row.code.0, main: row.main.0 == "1" })
                .collect(),
            operations: self
                .operations
                .0
                .iter()
                .filter_map(|row| Some(OperationRow { visit: 0, code: &row.code.0, begin: moment(&row.begin.0)?, end: moment(&row.end.0) }))
                .collect(),
            lines: self.lines.0.iter().map(|line| line.row(&self.setl_id.0, time)).collect(),
        }
    }
}

impl Line {
    fn row<'l>(&'l self, settlement: &'l str, time: Moment) -> LineRow<'l> {
        let fen = |text: &Text| number(&text.0, 2);
        let amount = fen(&self.amount).unwrap_or(0);
        let own = fen(&self.own).unwrap_or(0);
        LineRow {
            visit: 0,
            id: &self.id.0,
            item: &self.item.0,
            item_name: "",
            time: moment(&self.time.0).unwrap_or(time),
            count: number(&self.count.0, 4).unwrap_or(0),
            price: number(&self.price.0, 6).unwrap_or(0),
            amount,
            scope: fen(&self.scope).unwrap_or(amount - own),
            own,
            over_limit: fen(&self.over_limit).unwrap_or(0),
            price_cap: number(&self.price_cap.0, 6).unwrap_or(0),
            settlement,
            prescription: &self.prescription.0,
            origin: &self.origin.0,
            discharge_drug: self.discharge.0 == "1",
            maternity_fee: self.maternity.0 == "1",
            approved: self.approved.0 == "1",
            doctor: Some(self.doctor.0.as_str()).filter(|doctor| !doctor.is_empty()),
            department: &self.department.0,
            dose: &self.dose.0,
            frequency: &self.frequency.0,
            stated_days: number(&self.days.0, 0).unwrap_or(0),
            route: &self.route.0,
        }
    }
}
