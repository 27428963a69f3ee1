//! Who may not bill or be treated on the fund for a while, by the lists of the lake.

use mingjian_lake::Snapshot;
use mingjian_model::day::Day;

use crate::error::ScreenError;
use crate::load::columns::{Numbers, Texts, number_of, text_of};

/// Whom a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whom {
    /// 医药护人员
    Practitioner,
    /// 机构
    Institution,
    /// 参保人
    Person,
}

/// One row of a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Restriction {
    pub whom: Whom,
    pub code: String,
    /// First and last day; open where `None`.
    pub from: Option<Day>,
    pub to: Option<Day>,
    pub reason: String,
}

const LISTS: [(&str, Whom); 3] =
    [("prac_suspend_b", Whom::Practitioner), ("fixmedins_suspend_b", Whom::Institution), ("psn_restrict_b", Whom::Person)];

/// All rows of the three lists, sorted; none where the lake has no such list.
pub fn restrictions(snapshot: &Snapshot) -> Result<Vec<Restriction>, ScreenError> {
    let mut all = Vec::new();
    for (table, whom) in LISTS {
        if !snapshot.has_table(table) {
            continue;
        }
        let supplied = snapshot.columns(table);
        let columns: Vec<&str> =
            ["code", "begndate", "enddate", "reason"].into_iter().filter(|name| supplied.iter().any(|column| column == name)).collect();
        for batch in snapshot.read_table(table, &columns)? {
            let (code, reason) = (Texts::of(&batch, "code")?, Texts::of(&batch, "reason")?);
            let (from, to) = (Numbers::of(table, &batch, "begndate", 0)?, Numbers::of(table, &batch, "enddate", 0)?);
            all.extend((0..batch.num_rows()).map(|row| Restriction {
                whom,
                code: text_of(&code, row).to_owned(),
                from: number_of(&from, row).map(|day| day as Day),
                to: number_of(&to, row).map(|day| day as Day),
                reason: text_of(&reason, row).to_owned(),
            }));
        }
    }
    all.retain(|row| !row.code.is_empty());
    all.sort();
    Ok(all)
}
