//! Files into a real lake: what is there afterwards, twice, corrected, and how good it is.

use std::path::Path;

use mingjian_lake::Lake;
use mingjian_lake::import::quality::{self, QualityRow};
use mingjian_lake::import::{self, FileOutcome, ImportOptions, ImportReport, Source};

use crate::import_support::{Folder, options};

fn import(lake: &Lake, path: &Path, options: &ImportOptions) -> ImportReport {
    import::import(lake, &[Source::Path(path.to_path_buf())], options, &()).expect("imports")
}

const LINES: &str = "bkkp_sn,mdtrt_id,psn_no,setl_id,fixmedins_code,cnt,pric,det_item_fee_sumamt,updt_time\n\
                     1,M1,P1,S1,H33010000001,2,1.25,2.50,2025-03-05 09:00:00\n\
                     2,M1,P1,S1,H33010000001,x,1.25,2.50,2025-03-05 09:00:00\n";

#[test]
fn the_same_file_twice_changes_nothing_and_a_corrected_row_replaces() {
    let folder = Folder::new();
    let lake = Lake::open_with(&folder.path().join("w"), 4).expect("a lake");
    let path = folder.write("in/fee_list_d.csv", LINES);
    let first = import(&lake, &path, &options(""));
    assert_eq!((first.changed, first.tables["fee_list_d"].new, first.rejected), (true, 1, 1));
    let version = lake.snapshot(None).expect("a version").version();
    assert_eq!(first.version, version);

    let again = import(&lake, &path, &options(""));
    assert_eq!((again.changed, again.version), (false, version));
    assert_eq!(again.read.files[0].outcome, FileOutcome::Unchanged);
    assert_eq!(FileOutcome::Unchanged.title(), "同一文件已导入，未改变");

    // One that died behind its commit left the rows it had read; run again, it removes them, but not those of one who is at it.
    let left = folder.write("w/lake/_tmp/fee_list_d.spill", "rows");
    let other = lake.begin_import().expect("no other writer");
    let left_of_another = folder.write("w/lake/_tmp/mdtrt_d.spill", "rows");
    assert!(!left.exists() && left_of_another.exists());
    import(&lake, &path, &options(""));
    assert!(left_of_another.exists());
    drop(other);
    let left = folder.write("w/lake/_tmp/fee_list_d.spill", "rows");
    import(&lake, &path, &options(""));
    assert!(!left.exists());

    // Read anyway, it changes nothing either.
    let forced = import(&lake, &path, &ImportOptions { again: true, ..options("") });
    assert_eq!((forced.changed, forced.tables["fee_list_d"].unchanged), (false, 1));

    // Another profile is another import; of one that says nothing new nothing changes.
    let profiled = import(&lake, &path, &options("round = true"));
    assert_eq!(profiled.read.files[0].outcome, FileOutcome::Read);

    let corrected = folder.write("in/fee_list_d_2.csv", LINES.replace("x,1.25,2.50,2025-03-05", "1,2.50,2.50,2025-03-06"));
    let report = import(&lake, &corrected, &options(""));
    assert_eq!((report.tables["fee_list_d"].new, report.tables["fee_list_d"].unchanged), (1, 1));
    assert_eq!(lake.snapshot(None).expect("a version").rows("fee_list_d"), 2);
}

fn shown(rows: &[QualityRow]) -> Vec<String> {
    let mut shown: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}：{}/{} {}", row.fixmedins_code, row.check.title(), row.failed, row.checked, row.example))
        .collect();
    shown.sort();
    shown
}

const VISITS: &str = "mdtrt_id,psn_no,fixmedins_code\nM1,P1,H33010000001\nM2,P2,H33010000002\n";
const SETTLEMENTS: &str = "setl_id,mdtrt_id,psn_no,fixmedins_code,psn_cert_type,certno,medfee_sumamt,fulamt_ownpay_amt,overlmt_selfpay,preselfpay_amt,inscp_amt,\
     fund_pay_sumamt,hifp_pay,acct_pay,cash_payamt\n\
     S1,M1,P1,H33010000001,01,11010519491231002X,5.00,0,0,1.00,4.00,3.00,3.00,1.00,1.00\n\
     S2,M2,P2,H33010000002,01,110105194912310021,9.00,0,0,1.00,4.00,3.00,2.00,1.00,1.00\n\
     S3,M9,P2,H33010000002,01,11010519491231002X,0,0,0,0,0,0,0,0,0\n";
const FEES: &str = "bkkp_sn,mdtrt_id,psn_no,setl_id,fixmedins_code,cnt,pric,det_item_fee_sumamt,med_list_codg,bilg_dr_code,fee_ocur_time,crte_time,init_feedetl_sn\n\
     1,M1,P1,S1,H33010000001,2,2.5,5.00,XL02BBA326A001010102180,D330100000001,2025-03-05 09:00:00,2025-03-06 09:00:00,\n\
     2,M1,P1,S1,H33010000001,1,2.5,2.50,XL02BBA326A001010102180,D330100000001,2025-03-05 09:00:00,2025-03-06 09:00:00,\n\
     3,M1,P1,S1,H33010000001,-1,2.5,-2.50,XL02BBA326A001010102180,D330100000001,2025-03-05 09:00:00,2025-03-06 09:00:00,2\n\
     1,M2,P2,S2,H33010000002,-1,2.5,-2.50,ZZZ,张三,2025-03-05 09:00:00,2025-05-06 09:00:00,77\n\
     2,M2,P2,S7,H33010000002,1,2.5,2.60,,D330100000001,2025-03-05 09:00:00,2025-03-04 09:00:00,\n\
     3,M8,P2,S2,H33010000002,1,2.5,2.50,XL02BBA326A001010102181,D330100000001,2025-03-05 09:00:00,2025-03-06 09:00:00,\n";
const DIAGNOSES: &str = "setl_list_diag_id,setl_id,mdtrt_id,psn_no,diag_code\nG1,S1,M1,P1,I10.x00x002\nG2,S2,M2,P2,高血压\n";
const CATALOGUE: &str = "hilist_code,hilist_name\nXL02BBA326A001010102180,某药\n";

#[test]
fn the_quality_report_counts_by_institution() {
    let expected = [
        "H33010000002 上传滞后：1/3 M2",
        "H33010000002 冲销找不到原费用：1/1 M2，1",
        "H33010000002 医保目录编码不合规则：1/2 M2",
        "H33010000002 医保目录编码不在目录中：1/1 M8",
        "H33010000002 医保目录编码为空：1/3 M2",
        "H33010000002 医师编码不合规则：1/3 M2",
        "H33010000002 单价×数量与金额不符：1/3 M2",
        "H33010000002 基金分解不平：1/2 S2",
        "H33010000002 支付分解不平：1/2 S2",
        "H33010000002 明细合计与结算不符：1/1 S2",
        "H33010000002 明细找不到就诊：1/3 M8",
        "H33010000002 明细找不到结算：1/3 M2",
        "H33010000002 结算没有明细：1/2 S3",
        "H33010000002 结算找不到就诊：1/2 S3",
        "H33010000002 诊断编码不合规则：1/1 G2",
        "H33010000002 费用分解不平：1/2 S2",
        "H33010000002 费用时间晚于上传时间：1/3 M2",
        "H33010000002 身份证号校验不通过：1/2 S2",
    ];
    // In one import, and line by line in many: the report does not depend on it.
    for parts in [1, 3] {
        let folder = Folder::new();
        let lake = Lake::open_with(&folder.path().join("w"), 4).expect("a lake");
        for (name, text) in [("mdtrt_d", VISITS), ("setl_d", SETTLEMENTS), ("setl_list_diag_d", DIAGNOSES), ("hilist_b", CATALOGUE)] {
            folder.write(&format!("in/{name}.csv"), text);
        }
        let (header, lines) = FEES.split_once('\n').expect("a header");
        let lines: Vec<&str> = lines.lines().collect();
        for (number, chunk) in lines.chunks(lines.len() / parts).enumerate() {
            folder.write(&format!("in/fee_list_d_{number}.csv"), format!("{header}\n{}\n", chunk.join("\n")));
            import(&lake, &folder.path().join("in"), &options(""));
        }
        let snapshot = lake.snapshot(None).expect("a version");
        let mut expected: Vec<&str> = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(shown(&quality::check(&snapshot, 2).expect("checks")), expected, "{parts}");
        let stored: usize = snapshot.read_table(quality::QUALITY_TABLE, &[]).expect("stored").iter().map(|batch| batch.num_rows()).sum();
        assert_eq!(stored, expected.len());
    }
}
