//! Bad input of every kind, and the very words a user reads.

use crate::import_support::{Folder, options, read, read_with};

const HEAD: &str = "bkkp_sn,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt,pric,det_item_fee_sumamt,prd_days,selfpay_prop\n";
const GOOD: &str = "1,M1,P1,H1,2025-03-05 09:00:00,1,2.5,2.5,,\n";

/// A file of a good row, the case, and a good row: both good ones land, and this is told about the case.
fn check(rows: &[u8], expected: &[&str]) {
    let folder = Folder::new();
    let text = [HEAD.as_bytes(), GOOD.as_bytes(), rows, GOOD.replace("1,M1", "9,M1").as_bytes()].concat();
    let path = folder.write("fee_list_d.csv", text);
    let (collected, report) = read(&path).expect("reads");
    let name = String::from_utf8_lossy(rows).into_owned();
    assert_eq!(collected.rejected(), expected, "{name}");
    let landed = collected.rows();
    let good = |key: &str| landed.iter().any(|row| row.contains(&format!("bkkp_sn={key} mdtrt_id=M1")));
    assert!(good("1") && good("9"), "{name}: {landed:?}");
    assert_eq!(report.rejected(), expected.len() as u64, "{name}");
}

#[test]
fn rows_are_set_aside_one_by_one_with_place_and_reason() {
    let cases: &[(&str, &str)] = &[
        ("2,M1,P1,H1,2025-02-30,1,2.5,2.5,,\n", "2@3 fee_ocur_time=2025-02-30: 没有这一天。请核对年、月、日后重新导入"),
        ("2,M1,P1,H1,1825-03-05,1,2.5,2.5,,\n", "2@3 fee_ocur_time=1825-03-05: 年份不在 1900～2100 之内。请核对后重新导入"),
        ("2,M1,P1,H1,2025-03-05 25:00:00,1,2.5,2.5,,\n", "2@3 fee_ocur_time=2025-03-05 25:00:00: 没有这个时刻。请核对时、分、秒后重新导入"),
        (
            "2,M1,P1,H1,昨天,1,2.5,2.5,,\n",
            "2@3 fee_ocur_time=昨天: 认不出日期时间。请改成如 2025-03-05 09:00:00 的写法，或在导入对照文件的 date_formats 里写明格式",
        ),
        (
            "2,M1,P1,H1,45721,1,2.5,2.5,,\n",
            "2@3 fee_ocur_time=45721: 像是 Excel 的日期序号。请把这一列设为日期格式后重新导出，或直接导入 .xlsx",
        ),
        ("2,M1,P1,H1,,一,2.5,2.5,,\n", "2@3 cnt=一: 不是数字。请改成如 1234.56 的写法后重新导入"),
        (
            "2,M1,P1,H1,,1,2.5,2.505,,\n",
            "2@3 det_item_fee_sumamt=2.505: 小数超过 2 位。请按 2 位小数重新导出；如来源一向如此，可在导入对照文件里写 round = true（四舍五入）",
        ),
        ("2,M1,P1,H1,,1,2.5,1E+20,,\n", "2@3 det_item_fee_sumamt=1E+20: 数字太大，超过 16 位。请核对是否错列后重新导入"),
        ("2,M1,P1,H1,,1,2.5,2.5,7.5,\n", "2@3 prd_days=7.5: 应为整数，却带小数。请改成整数后重新导入"),
        ("2,M1,P1,H1,,1,2.5,2.5,很久,\n", "2@3 prd_days=很久: 不是整数。请改成如 7 的写法后重新导入"),
        ("2,M1,P1,H1,,1,2.5,2.5,,15\n", "2@3 selfpay_prop=15: 比例应在 0 与 1 之间，如 0.1 或 10%。请改正后重新导入"),
        (",M1,P1,H1,,1,2.5,2.5,,\n", "2@3 bkkp_sn=: 缺少记账流水号（bkkp_sn），这一行无法入湖。请补齐后重新导入"),
        ("2, ,P1,H1,,1,2.5,2.5,,\n", "2@3 mdtrt_id= : 缺少就诊ID（mdtrt_id），这一行无法入湖。请补齐后重新导入"),
        ("2,M1,NULL,H1,,1,2.5,2.5,,\n", "2@3 psn_no=NULL: 缺少人员编号（psn_no），这一行无法入湖。请补齐后重新导入"),
        ("2,M1,P1,,,1,2.5,2.5,,\n", "2@3 fixmedins_code=: 缺少机构编码（fixmedins_code），这一行无法入湖。请补齐后重新导入"),
        (
            "2,3.30123E+17,P1,H1,,1,2.5,2.5,,\n",
            "2@3 mdtrt_id=3.30123E+17: 长编号被 Excel 存成了数字，末几位已丢失。请把这一列设为文本格式后从原系统重新导出",
        ),
        ("2,M1,P1\n", "2@3 =: 列数不对：这一行 3 列，表头 10 列。请检查单元格里是否有未加引号的分隔符，或这一行被截断"),
        (
            "2,M1,P1,H1,,1,2.5,2.5,,,多,余\n",
            "2@3 =: 列数不对：这一行 12 列，表头 10 列。请检查单元格里是否有未加引号的分隔符，或这一行被截断",
        ),
        ("2,M1,\"P1,H1,,1,2.5,2.5,,\n", "2@3 =: 引号没有成对，这一行读不完整。请补上引号或去掉多余的引号"),
        ("2,M1,P\x001,H1,,1,2.5,2.5,,\n", "2@3 psn_no=P1: 含有空字符（NUL），多为传输损坏。请重新导出或重新传输"),
        // A certificate number in a shifted row is not shown.
        ("2,M1,P1,H1,,11010519491231002X,2.5,2.5,,\n", "2@3 cnt=110*************2X: 不是数字。请改成如 1234.56 的写法后重新导入"),
    ];
    for (row, expected) in cases {
        check(row.as_bytes(), &[expected]);
    }
}

#[test]
fn bytes_of_no_encoding_cost_their_row() {
    check(b"2,M\xFF1,P1,H1,,1,2.5,2.5,,\n", &["2@3 mdtrt_id=M\u{FFFD}1: 含有无法解码的字节。请用 UTF-8 或 GB18030 编码重新导出"]);
    let folder = Folder::new();
    let path = folder.write(
        "fee_list_d.csv",
        [HEAD.as_bytes(), "1,M一,P1,H1,,1,1,1,,\n".repeat(30).as_bytes(), b"2,M\xFF,P1,H1,,1,1,1,,\n", GOOD.as_bytes()].concat(),
    );
    let (collected, _) = read(&path).expect("reads");
    assert_eq!(collected.rejected(), ["31@32 mdtrt_id=: 含有无法解码的字节。请用 UTF-8 或 GB18030 编码重新导出"]);
    assert_eq!(collected.rows().len(), 31);
}

#[test]
fn what_is_no_row_is_no_fault() {
    // Blank lines, lines of commas alone, the header again, and a comma at the end of each row.
    check(format!("\n\r\n,,,,,,,,,\n   \n{HEAD}2,M1,P1,H1,,1,2.5,2.5,,,\n\n\n").as_bytes(), &[]);
    // Quoted newlines, doubled quotes, quotes within a cell.
    check("2,\"M\n2\",\"P\"\"1\",H\"1,,1,2.5,2.5,,\n".as_bytes(), &[]);
}

#[test]
fn the_line_of_a_row_counts_newlines_in_quotes() {
    check(
        "2,\"M\r\n2\",P1,H1,,1,2.5,2.5,,\n3,M1,P1,H1,,x,2.5,2.5,,\n".as_bytes(),
        &["3@5 cnt=x: 不是数字。请改成如 1234.56 的写法后重新导入"],
    );
}

#[test]
fn files_that_cannot_be_read_say_what_to_do() {
    let cases: &[(&str, &[u8], &str)] = &[
        (
            "fee_list_d.csv",
            b"bkkp_sn,mdtrt_id,psn_no,cnt\n1,2,3,4\n",
            "fee_list_d.csv：缺少必需的列 fixmedins_code（机构编码）。读到的列：bkkp_sn、mdtrt_id、psn_no、cnt。若该列另有名字，请在导入对照文件里写 [fee_list_d.columns] \"源列名\" = \"fixmedins_code\"；若每行相同，写 [fee_list_d.constants] fixmedins_code = \"值\"",
        ),
        (
            "fee_list_d.csv",
            b"1,2,3,4\n1,2,3,4\n",
            "fee_list_d.csv：缺少必需的列 bkkp_sn（记账流水号）。读到的列：1、2、3、4。若该列另有名字，请在导入对照文件里写 [fee_list_d.columns] \"源列名\" = \"bkkp_sn\"；若每行相同，写 [fee_list_d.constants] bkkp_sn = \"值\"。第一行不像表头：文件的第一行应是列名",
        ),
        (
            "名单.csv",
            b"code,begndate,enddate,reason\n1,2,3,4\n",
            "名单.csv：表头同时符合几张表（prac_suspend_b 医药护人员暂停、fixmedins_suspend_b 机构暂停、psn_restrict_b 参保人限制），无法确定。请在文件名里写上表名，或在导入对照文件里写 [表名] files = [\"名单.csv\"]",
        ),
        (
            "说明.docx",
            b"x",
            "说明.docx：不认识的文件类型。可导入的有 .csv .txt .tsv（可压缩为 .gz 或 .zip）、.xlsx、.parquet 和 postgresql:// 连接串",
        ),
        (
            "setl_d.parquet",
            b"PAR1xxxx",
            "setl_d.parquet：Parquet 文件损坏、不完整，或不是 Parquet 文件，无法读取。请重新导出或重新传输后再导入（",
        ),
        (
            "setl_d.xlsx",
            b"PK\x03\x04xxxx",
            "setl_d.xlsx：工作簿损坏、加了密码，或不是工作簿，无法读取。请用 Excel 打开并另存为 .xlsx 后再导入（",
        ),
        ("setl_d.zip", b"PK\x03\x04xxxx", "setl_d.zip：压缩包损坏、不完整，或不是压缩包，无法读取。请重新传输或重新打包后再导入（"),
        ("setl_d.csv.gz", b"\x1F\x8Bxxxx", "setl_d.csv.gz：压缩包损坏、不完整，或不是压缩包，无法读取。请重新传输或重新打包后再导入（"),
    ];
    for (name, bytes, expected) in cases {
        let folder = Folder::new();
        let path = folder.write(name, bytes);
        let message = folder.without_path(&read(&path).err().expect("an error").to_string());
        if expected.ends_with('（') {
            assert!(message.starts_with(expected), "{message}");
        } else {
            assert_eq!(message, *expected);
        }
    }
    let folder = Folder::new();
    let missing = read(&folder.path().join("没有.csv")).err().expect("an error");
    assert_eq!(folder.without_path(&missing.to_string()), "没有.csv：没有这个文件或目录。请检查路径");
    let unknown = folder.write("数据.csv", "甲,乙\n1,2\n");
    let message = folder.without_path(&read(&unknown).err().expect("an error").to_string());
    assert!(message.starts_with("数据.csv：认不出是哪张表。文件名里写上表名（如 fee_list_d_202501.csv），或在导入对照文件里写 [表名] files = [\"数据.csv\"]。读到的表头：甲、乙。可用的表：setl_d（结算）、"), "{message}");
}

/// What a message says is read by people who see no business: the first person of a file without a header is not told.
#[test]
fn a_file_without_a_header_tells_nobody_of_its_first_row() {
    let folder = Folder::new();
    for (name, words) in [("数据.csv", "认不出是哪张表"), ("psn_info_b.csv", "缺少必需的列")] {
        let path =
            folder.write(name, "610300000000000,01,610102198102070009,吴桂英,18049049916\n610300000000001,01,610102198102070017,周建国,\n");
        let message = read(&path).err().expect("an error").to_string();
        assert!(message.contains(words) && message.contains("像是数据"), "{message}");
        assert!(!message.contains("吴桂英") && !message.contains("610102198102070009"), "{message}");
    }
}

#[test]
fn all_files_that_fail_are_named_at_once() {
    let folder = Folder::new();
    folder.write("fee_list_d.csv", "bkkp_sn\n1\n");
    folder.write("setl_d.csv", "setl_id\n1\n");
    let message = folder.without_path(&read(folder.path()).err().expect("an error").to_string());
    assert!(message.starts_with("有 2 个文件无法导入，数据湖没有变化：\n- fee_list_d.csv：缺少必需的列 mdtrt_id（就诊ID）。"), "{message}");
    assert!(
        message.contains("\n- setl_d.csv：缺少必需的列 psn_no（人员编号）。") && message.contains("。另外还缺 mdtrt_id、fixmedins_code"),
        "{message}"
    );
}

#[test]
fn a_folder_may_hold_what_is_none_of_ours() {
    let folder = Folder::new();
    folder.write("城/fee_list_d.csv", format!("{HEAD}{GOOD}"));
    folder.write("城/truth.csv", "scenario,rule,lines,amount\na,b,c,d\n");
    folder.write("城/说明.pdf", "x");
    folder.write("城/.hidden.csv", "x");
    folder.write("城/empty.csv", "\n\n");
    let (collected, report) = read(folder.path()).expect("reads");
    assert_eq!(collected.rows().len(), 1);
    let left: Vec<String> = report.left_out.iter().map(|left| format!("{} {}", folder.without_path(&left.file), left.reason)).collect();
    assert_eq!(left, ["城/说明.pdf 不是可导入的文件", "城/empty.csv 空文件", "城/truth.csv 认不出是哪张表"]);
}

#[test]
fn rounding_and_formats_come_from_the_profile() {
    let folder = Folder::new();
    let path = folder.write("fee_list_d.csv", format!("{HEAD}1,M1,P1,H1,05/03/2025 09:07,1,2.5,2.505,,\n"));
    let (collected, _) = read_with(&path, &options("round = true\ndate_formats = ['%d/%m/%Y %H:%M']")).expect("reads");
    assert_eq!(collected.rejected(), Vec::<String>::new());
    assert_eq!(
        collected.rows(),
        [
            "fee_list_d#1@2: bkkp_sn=1 mdtrt_id=M1 fee_ocur_time=2025-03-05T09:07:00 fixmedins_code=H1 psn_no=P1 cnt=1.0000 pric=2.500000 det_item_fee_sumamt=2.51"
        ]
    );
}
