//! 表头: which national column a source's column is, and which national table a source is.
//!
//! A header cell is, in this order: what the profile says, a national name, a name of a HIS upload node or an inventory
//! node ([`aliases`]), a Chinese title. Case, blanks, underscores and full-width letters do not matter. A national name beats
//! another name for the same column; what finds no place is told, not lost in silence.

mod aliases;
mod nearest;
mod recognise;

use std::collections::BTreeMap;

use mingjian_model::schema::Table;

pub(crate) use nearest::nearest;
pub(crate) use recognise::{Named, by_header, by_name, describe_tables};

use super::plan::{From, Target};
use aliases::{ALIASES, TITLES};

/// What the profile says about one table's columns: source names in normal form, and constants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    pub columns: BTreeMap<String, String>,
    pub constants: BTreeMap<String, String>,
}

/// A header brought into a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// In schema order.
    pub targets: Vec<Target>,
    /// Source columns without a place.
    pub unused: Vec<String>,
    /// Required national columns nothing supplies.
    pub missing: Vec<&'static str>,
}

/// Finds the column a header cell is.
type Finder<'a> = &'a dyn Fn(&str) -> Option<usize>;

/// The normal form of a header cell.
pub(crate) fn normal(name: &str) -> String {
    let half = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    name.chars()
        .map(half)
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{FEFF}' | '"' | '\'' | '*' | '\0'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Maps a header onto a table.
pub(crate) fn map(table: &'static Table, header: &[String], wishes: Option<&Wishes>) -> Mapping {
    let mut taken: Vec<Option<From>> = vec![None; table.columns.len()];
    let mut placed = vec![false; header.len()];
    let names: Vec<String> = header.iter().map(|name| normal(name)).collect();
    let wished = |name: &str| wishes.and_then(|wishes| wishes.columns.get(name)).and_then(|column| table.column_index(column));
    let passes: [Finder<'_>; 4] = [&wished, &|name| table.column_index(name), &|name| plain(table, name), &|name| other(table, name)];
    for find in passes {
        for (source, name) in names.iter().enumerate() {
            if placed[source] || name.is_empty() {
                continue;
            }
            if let Some(column) = find(name).filter(|column| taken[*column].is_none()) {
                taken[column] = Some(From::Cell(source));
                placed[source] = true;
            }
        }
    }
    // A constant fills in what the source does not have.
    for (name, text) in wishes.into_iter().flat_map(|wishes| &wishes.constants) {
        if let Some(column) = table.column_index(name).filter(|column| taken[*column].is_none()) {
            taken[column] = Some(From::Constant(text.as_str().into()));
        }
    }
    let supplied = |name: &str| table.column_index(name).is_some_and(|column| taken[column].is_some());
    let missing = table.required.iter().copied().filter(|name| !supplied(name)).collect();
    let unused = header
        .iter()
        .zip(&placed)
        .filter(|(name, placed)| !**placed && !name.trim().is_empty())
        .map(|(name, _)| name.trim().to_owned())
        .collect();
    let targets = taken.into_iter().enumerate().filter_map(|(column, from)| Some(Target { column, from: from? })).collect();
    Mapping { targets, unused, missing }
}

/// The national name but for underscores (`mdtrtId`), or with the suffix other systems write (`bilg_dr_codg`).
fn plain(table: &Table, name: &str) -> Option<usize> {
    let bare = |name: &str| name.replace(['_', '-', '.'], "");
    let wanted = bare(name);
    if let Some(column) = table.columns.iter().position(|column| bare(column.name) == wanted) {
        return Some(column);
    }
    let swapped = match name.strip_suffix("codg") {
        Some(stem) => format!("{stem}code"),
        None => format!("{}codg", name.strip_suffix("code")?),
    };
    table.column_index(&swapped)
}

/// A name of another system, a Chinese title, or either with the other in brackets.
fn other(table: &Table, name: &str) -> Option<usize> {
    let named = |list: &[(&str, &[&str])], name: &str| {
        let (_, columns) = list.iter().find(|(alias, _)| *alias == name)?;
        columns.iter().find_map(|column| table.column_index(column))
    };
    let single = |name: &str| {
        named(ALIASES, name)
            .or_else(|| table.columns.iter().position(|column| !column.title.is_empty() && normal(column.title) == name))
            .or_else(|| named(TITLES, name))
    };
    single(name).or_else(|| {
        let (outer, inner) = name.split_once(['(', '[', '【', ':'])?;
        let inner = inner.trim_end_matches([')', ']', '】']);
        let known = |part: &str| table.column_index(part).or_else(|| plain(table, part)).or_else(|| single(part));
        known(inner).or_else(|| known(outer))
    })
}

#[cfg(test)]
mod tests {
    use mingjian_model::schema::{FEE_LIST_D, MDTRT_D, SELINFO_3505, SETL_D};

    use super::*;

    fn mapped(table: &'static Table, header: &[&str]) -> Vec<String> {
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        let mapping = map(table, &header, None);
        let mut pairs: Vec<String> = mapping
            .targets
            .iter()
            .map(|target| match &target.from {
                From::Cell(source) => format!("{}={}", header[*source], table.columns[target.column].name),
                From::Constant(text) => format!("'{text}'={}", table.columns[target.column].name),
            })
            .collect();
        pairs.extend(mapping.unused.iter().map(|name| format!("{name}=?")));
        pairs
    }

    #[test]
    fn the_traps_of_the_upload_nodes() {
        let cases: &[(&'static Table, &str, &str)] = &[
            (&FEE_LIST_D, "feedetl_sn", "bkkp_sn"),
            (&FEE_LIST_D, "rxno", "rx_drord_no"),
            (&FEE_LIST_D, "drord_no", "rx_drord_no"),
            (&FEE_LIST_D, "bilg_dr_codg", "bilg_dr_code"),
            (&FEE_LIST_D, "fee_ocur_date", "fee_ocur_time"),
            (&FEE_LIST_D, "inscp_scp_amt", "inscp_amt"),
            (&FEE_LIST_D, "overlmt_amt", "overlmt_selfpay"),
            (&FEE_LIST_D, "orders_dr_code", "acord_dr_code"),
            (&FEE_LIST_D, "medins_milist_codg", "medins_list_codg"),
            (&FEE_LIST_D, "dise_no", "dise_codg"),
            (&SETL_D, "psn_cash_pay", "cash_payamt"),
            (&SETL_D, "dise_codg", "dise_no"),
            (&SETL_D, "hosp_part_amt", "ownpay_hosp_part"),
            (&SETL_D, "oth_pay", "othfund_pay"),
            (&SETL_D, "med_sumfee", "medfee_sumamt"),
            (&MDTRT_D, "atddr_no", "chfpdr_code"),
            (&MDTRT_D, "main_cond_desc", "main_cond_dscr"),
            (&MDTRT_D, "dscg_dept_code", "dscg_dept_codg"),
            (&SELINFO_3505, "rxno", "rxno"),
        ];
        for (table, name, column) in cases {
            assert_eq!(mapped(table, &[name]), [format!("{name}={column}")], "{}", table.name);
        }
    }

    #[test]
    fn titles_case_blanks_and_brackets_do_not_matter() {
        for name in
            ["MDTRT_ID", " mdtrt_id ", "mdtrtId", "就诊ID", "就诊Id", "就诊流水号", "就诊ID(mdtrt_id)", "mdtrt_id（就诊ID）", "Ｍdtrt_id"]
        {
            assert_eq!(mapped(&FEE_LIST_D, &[name]), [format!("{name}=mdtrt_id")]);
        }
    }

    #[test]
    fn the_national_name_wins_and_the_rest_is_told() {
        assert_eq!(mapped(&FEE_LIST_D, &["bilg_dr_codg", "bilg_dr_code", "xyz"]), ["bilg_dr_code=bilg_dr_code", "bilg_dr_codg=?", "xyz=?"]);
        assert_eq!(mapped(&FEE_LIST_D, &["cnt", "cnt"]), ["cnt=cnt", "cnt=?"]);
    }
}
