//! 认表: which national table a file is — by its name, by its folder, else by its header.

use mingjian_model::schema::{TABLES, Table, table};

use super::{Wishes, map, normal};

/// What a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// The national name stands in it.
    Surely(&'static Table),
    /// A Chinese title or a node's name does; the header decides when it disagrees.
    Likely(&'static Table),
}

/// Other words for tables, in file and sheet names. The longest word that stands in a name wins.
const WORDS: &[(&str, &str)] = &[
    ("feedetail", "fee_list_d"),
    ("fee_detail", "fee_list_d"),
    ("费用明细", "fee_list_d"),
    ("收费明细", "fee_list_d"),
    ("住院明细", "fee_list_d"),
    ("门诊明细", "fee_list_d"),
    ("setlinfo", "setl_d"),
    ("结算主单", "setl_d"),
    ("结算信息", "setl_d"),
    ("结算表", "setl_d"),
    ("结算", "setl_d"),
    ("mdtrtinfo", "mdtrt_d"),
    ("就诊信息", "mdtrt_d"),
    ("就诊记录", "mdtrt_d"),
    ("就诊", "mdtrt_d"),
    ("结算清单诊断", "setl_list_diag_d"),
    ("清单诊断", "setl_list_diag_d"),
    ("diseinfo", "setl_list_diag_d"),
    ("结算清单手术", "setl_list_oprn_d"),
    ("清单手术", "setl_list_oprn_d"),
    ("oprninfo", "setl_list_oprn_d"),
    ("参保人员", "psn_info_b"),
    ("参保人", "psn_info_b"),
    ("慢特病登记", "opsp_reg_d"),
    ("医药机构", "fixmedins_b"),
    ("医保目录", "hilist_b"),
    ("限价", "hilist_price_b"),
    ("死亡", "death_list"),
    ("盘存", "invinfo_3501"),
    ("3501", "invinfo_3501"),
    ("库存变更", "invinfo_3502"),
    ("3502", "invinfo_3502"),
    ("采购退货", "purcinfo_3504"),
    ("3504", "purcinfo_3504"),
    ("采购", "purcinfo_3503"),
    ("3503", "purcinfo_3503"),
    ("销售退货", "selinfo_3506"),
    ("3506", "selinfo_3506"),
    ("药品销售", "selinfo_3505"),
    ("3505", "selinfo_3505"),
];

/// What the name of a file, a sheet or a folder says.
pub(crate) fn by_name(name: &str) -> Option<Named> {
    let name = normal(name);
    let longest = |words: &mut dyn Iterator<Item = (&'static str, &'static Table)>| {
        words.filter(|(word, _)| name.contains(&normal(word))).max_by_key(|(word, _)| word.len()).map(|(_, table)| table)
    };
    if let Some(table) = longest(&mut TABLES.iter().map(|table| (table.name, *table))) {
        return Some(Named::Surely(table));
    }
    let words = WORDS.iter().filter_map(|(word, name)| Some((*word, table(name)?)));
    let titles = TABLES.iter().filter(|table| table.title.chars().count() > 2).map(|table| (table.title, *table));
    longest(&mut words.chain(titles)).map(Named::Likely)
}

/// What a header says: the tables whose required columns it has, best first; several when it cannot tell.
pub(crate) fn by_header(header: &[String], wishes: &dyn Fn(&str) -> Option<Wishes>) -> Vec<&'static Table> {
    let mut scored: Vec<(usize, usize, &'static Table)> = TABLES
        .iter()
        .map(|table| {
            let mapping = map(table, header, wishes(table.name).as_ref());
            (mapping.targets.len(), table.columns.len(), mapping.missing.is_empty(), *table)
        })
        .filter(|(found, _, complete, _)| *complete && *found >= 2.max(header.len() / 2))
        .map(|(found, columns, _, table)| (found, columns, table))
        .collect();
    // The most columns found; of equals the table that has the fewest others.
    scored.sort_by_key(|(found, columns, _)| (usize::MAX - found, *columns));
    let Some(&(found, columns, _)) = scored.first() else { return Vec::new() };
    scored.into_iter().take_while(|(f, c, _)| (*f, *c) == (found, columns)).map(|(_, _, table)| table).collect()
}

/// The national tables as a list for messages.
pub(crate) fn describe_tables() -> String {
    TABLES.iter().map(|table| format!("{}（{}）", table.name, table.title)).collect::<Vec<_>>().join("、")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_and_sheets() {
        let cases: &[(&str, Option<Named>)] = &[
            ("fee_list_d_202501.csv", table("fee_list_d").map(Named::Surely)),
            ("202501_SETL_D.csv.gz", table("setl_d").map(Named::Surely)),
            ("setl_list_diag_d.csv", table("setl_list_diag_d").map(Named::Surely)),
            ("某院2025年费用明细.xlsx", table("fee_list_d").map(Named::Likely)),
            ("结算清单诊断2025", table("setl_list_diag_d").map(Named::Likely)),
            ("结算2025", table("setl_d").map(Named::Likely)),
            ("3505上传.csv", table("selinfo_3505").map(Named::Likely)),
            ("Sheet1", None),
            ("truth", None),
        ];
        for (name, expected) in cases {
            assert_eq!(by_name(name), *expected, "{name}");
        }
    }

    #[test]
    fn headers_tell_tables_apart() {
        let tell = |header: &str| -> Vec<&str> {
            let header: Vec<String> = header.split(',').map(str::to_owned).collect();
            by_header(&header, &|_| None).into_iter().map(|table| table.name).collect()
        };
        assert_eq!(tell("feedetl_sn,mdtrt_id,psn_no,fixmedins_code,cnt,pric"), ["fee_list_d"]);
        assert_eq!(tell("setl_id,mdtrt_id,psn_no,fixmedins_code,medfee_sumamt"), ["setl_d"]);
        assert_eq!(tell("fixmedins_code,med_list_codg,purc_retn_cnt,dynt_no"), ["purcinfo_3503"]);
        assert_eq!(tell("fixmedins_code,med_list_codg,purc_retn_cnt,medins_prod_purc_no"), ["purcinfo_3504"]);
        assert_eq!(tell("code,begndate,enddate,reason"), ["prac_suspend_b", "fixmedins_suspend_b", "psn_restrict_b"]);
        assert_eq!(tell("a,b,c"), Vec::<&str>::new());
    }
}
