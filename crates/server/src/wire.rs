//! 报文: JSON as hospitals send it, and as they expect it back.
//!
//! Tolerant by construction: keys are compared without case and underscores and known under all names seen in the field, a list may be
//! one object, a number may be a text and the reverse, nulls and empty texts mean 'not stated', unknown keys are passed over, a wrong kind of value
//! is 'not stated' and not an error. Only what is no JSON at all, or lacks the call itself, is refused, with words.

pub mod answer;
mod body;
mod dialect;
pub mod feedback;
pub mod fsi;
mod lenient;
pub mod settlement;
mod value;

pub(crate) use body::decode_in;
pub use body::{BodyError, decode, decode_as};
pub(crate) use dialect::Dialect;
pub use dialect::{DialectError, Dialects};
pub use lenient::{List, Text};

use lenient::node;

node! {
    /// 交易信封: what stands around every call.
    Envelope, others {
        infno: Text = "infno",
        msgid: Text = "msgid",
        area: Text = "mdtrtareaadmvs",
        inf_time: Text = "inftime",
        institution: Text = "fixmedinscode",
        vendor: Text = "fixmedinssoftfcty",
        operator: Text = "opter",
        input: Input = "input",
        data: Data = "data",
    }
}

node! {
    /// Of an envelope, what says whose dialect it is.
    Head {
        institution: Text = "fixmedinscode",
        vendor: Text = "fixmedinssoftfcty",
    }
}

node! {
    /// `input`
    Input {
        data: Data = "data" | "fsidata" | "fsidatadto",
    }
}

node! {
    /// `input.data` of 3101, 3102 and 3103.
    Data, others {
        system: Text = "syscode",
        scene: Text = "trigscen" | "trigscenario",
        rules: List<Text> = "ruleids",
        task: Text = "taskid",
        patients: List<fsi::Patient> = "patientdtos" | "patientdto" | "fsipatientdtos" | "patient" | "patients",
        warn_type: Text = "warntype",
        warns: List<feedback::Warn> = "warns" | "warn",
    }
}

impl Envelope {
    /// The payload: below `input`, or, of callers that leave the envelope out, at the top.
    pub fn into_data(self) -> Data {
        if self.input.data.is_empty() { self.data } else { self.input.data }
    }
}

impl Data {
    pub fn is_empty(&self) -> bool {
        self.patients.0.is_empty() && self.warns.0.is_empty() && self.others.is_empty()
    }
}

#[cfg(test)]
pub(crate) fn moment_of(text: &str) -> mingjian_model::day::Moment {
    value::moment(text).unwrap_or_default()
}
