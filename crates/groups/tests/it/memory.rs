//! A small budget spills, and says the same.

use mingjian_groups::Settings;
use mingjian_rules::Library;

use crate::town::{Rows, built, hits};

/// One rule that hits every line, with a long value, after a step that does not fit and a sum by line.
fn library() -> Library {
    let text = "+++\nid = \"M901\"\nname = \"everything\"\nversion = 1\nstatus = \"live\"\nkind = \"试\"\nresult = \"可疑\"\nclass = \"管理类\"\nstages = [\"after\"]\nbasis = [{ doc = \"甲\", article = \"一\" }]\n+++\n# everything\n试\n```sql\nwith wide as materialized (\n  select mdtrt_id, bkkp_sn, fee_ocur_time, fixmedins_code, repeat(mdtrt_id, 150) as long_value from net_lines\n)\nselect 'core' as band, max(w.fee_ocur_time) as first_time, max(w.fee_ocur_time) as last_time,\n  concat(w.mdtrt_id, '-', w.bkkp_sn) as evidence, w.fixmedins_code, w.long_value, count(*) as n\nfrom wide w group by w.mdtrt_id, w.bkkp_sn, w.fixmedins_code, w.long_value\n```\n```rule\nevidence fee_list_d\nsay \"{fixmedins_code} {n}\"\n```\n## 误报与申辩\n无\n## 应命中\n```csv fee_list_d\nbkkp_sn,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt\n1,V1,P1,H1,2025-03-05 09:00:00,1\n```\n```csv expect\nn\n1\n```\n## 不应命中\n```csv fee_list_d\nbkkp_sn,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt\n1,V1,P1,H1,2025-03-05 09:00:00,-1\n```\n";
    let (library, found) = Library::from_files(vec![("rules/test/M901-everything.md".to_owned(), text.to_owned())]);
    assert!(found.is_empty(), "{}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    library
}

#[test]
fn a_result_beyond_the_memory_budget_is_the_same_result() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..60_000).map(|line| {
        format!("{},V{:09},R{},H{},2025-03-{:02} 09:00:00,1", line % 7, line / 7 * 7919 % 10_007, line / 700, line % 3, 1 + line % 28)
    });
    let tables: Vec<Rows> = vec![("fee_list_d", "bkkp_sn,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt", rows.collect())];
    let (lake, library) = (built(folder.path(), "wide", &tables, 4, 1), library());
    let run = |memory_bytes| {
        let settings = Settings { threads: 2, memory_bytes, spill_folder: Some(folder.path().to_path_buf()) };
        hits(&lake, &library, None, &settings).remove("M901").unwrap()
    };
    let (roomy, tight) = (run(1 << 30), run(64 << 20));
    let bytes: usize = roomy.iter().flat_map(|hit| &hit.columns).map(|column| column.text.as_ref().map_or(0, String::len)).sum();
    assert!(bytes > 64 << 20, "{bytes}");
    assert!(roomy.len() > 50_000 && roomy == tight, "{} {}", roomy.len(), tight.len());
}
