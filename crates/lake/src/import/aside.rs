//! 拒收: rows that cannot land, told without giving persons away.

use mingjian_model::schema::{Column, Table};

use super::cell::Fault;
use super::plan::Plan;
use crate::block::Rejected;

/// The most a value of a rejected row tells.
const VALUE_CHARS: usize = 60;

/// A cell at fault in a block.
#[derive(Debug, Clone)]
pub(crate) struct CellFault {
    /// Row of the block.
    pub row: usize,
    /// Number of the target; targets before it are better to tell.
    pub target: usize,
    pub fault: Fault,
    pub value: Vec<u8>,
}

/// A rejected row for a cell.
pub(crate) fn cell(plan: &Plan, fault: &CellFault, row: u64, line: Option<u64>) -> Rejected {
    let column = &plan.table.columns[plan.targets[fault.target].column];
    let value = masked(column, &String::from_utf8_lossy(&fault.value));
    Rejected {
        file: plan.file.to_string(),
        table: plan.table.name.to_owned(),
        row,
        line,
        column: column.name.to_owned(),
        value,
        reason: fault.fault.reason(Some(column)),
    }
}

/// A rejected row as a whole.
pub(crate) fn record(file: &str, table: &Table, fault: Fault, row: u64, line: Option<u64>) -> Rejected {
    Rejected {
        file: file.to_owned(),
        table: table.name.to_owned(),
        row,
        line,
        column: String::new(),
        value: String::new(),
        reason: fault.reason(None),
    }
}

/// A value as it may be shown: names, certificate and phone numbers, addresses masked, in a shifted row too; cut at [`VALUE_CHARS`].
pub(crate) fn masked(column: &Column, value: &str) -> String {
    let value: String = value.chars().filter(|c| !c.is_control()).take(VALUE_CHARS).collect();
    let personal = matches!(column.name, "certno" | "mdtrt_cert_no" | "tel" | "addr" | "coner_name" | "psn_name")
        || column.name.ends_with("_name") && column.title.contains("姓名");
    if personal || looks_personal(&value) { mask(&value) } else { value }
}

/// 15 or 18 digits of a certificate, 11 of a mobile phone.
fn looks_personal(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let certificate = value.len() == 18 && digits >= 17 || value.len() == 15 && digits == 15;
    let phone = value.len() == 11 && digits == 11 && value.starts_with('1') && !value.starts_with("10");
    // A drug's traceability code or a service item has other lengths, or is no person.
    certificate && plausible_birth(value) || phone
}

/// Digits 7 to 14 (or 7 to 12) of a certificate state a day of birth.
fn plausible_birth(value: &str) -> bool {
    let year_digits = if value.len() == 18 { 4 } else { 2 };
    let part = |from: usize, len: usize| value.get(from..from + len).and_then(|digits| digits.parse::<u32>().ok());
    let (month, day) = (part(6 + year_digits, 2), part(8 + year_digits, 2));
    month.is_some_and(|month| (1..=12).contains(&month)) && day.is_some_and(|day| (1..=31).contains(&day))
}

/// Keeps the first character (three of a longer number) and the last two of a long one.
fn mask(value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    let (head, tail) = if chars.len() >= 8 { (3, 2) } else { (chars.len().min(1), 0) };
    let stars = chars.len() - head - tail;
    chars[..head].iter().chain(std::iter::repeat_n(&'*', stars)).chain(&chars[chars.len() - tail..]).collect()
}

#[cfg(test)]
mod tests {
    use mingjian_model::schema::SETL_D;

    use super::*;

    #[test]
    fn hides_persons_also_in_a_shifted_row() {
        let column = |name: &str| SETL_D.column(name).expect("a column");
        assert_eq!(masked(column("psn_name"), "王小明"), "王**");
        assert_eq!(masked(column("certno"), "11010519491231002X"), "110*************2X");
        assert_eq!(masked(column("medfee_sumamt"), "11010519491231002X"), "110*************2X");
        assert_eq!(masked(column("medfee_sumamt"), "13800001111"), "138******11");
        assert_eq!(masked(column("brdy"), "1960-02-31"), "1960-02-31");
        assert_eq!(masked(column("medfee_sumamt"), "12.345"), "12.345");
        assert_eq!(masked(column("medfee_sumamt"), "003310010160100"), "003310010160100");
    }
}
