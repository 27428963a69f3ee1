//! Bad input of every kind through the real binary: what is read, what is set aside, and the words a user gets about it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rust_xlsxwriter::{Formula, Workbook};

use crate::{json, mingjian, ok};

const HEAD: &str = "bkkp_sn,mdtrt_id,psn_no,setl_id,fixmedins_code,fixmedins_name,fee_ocur_time,cnt,pric,det_item_fee_sumamt,updt_time";

fn line(number: u32) -> String {
    format!("B{number},M1,P1,S1,H33010000001,第一医院,2025-03-05 09:00:00,1,2.50,2.50,2025-04-01 00:00:00")
}

/// A CSV of good lines 1 to 3 with `bad` behind the first.
fn csv(bad: &str) -> String {
    let good: Vec<String> = (1..=3).map(line).collect();
    let bad = if bad.is_empty() { String::new() } else { format!("{bad}\n") };
    format!("{HEAD}\n{}\n{bad}{}\n{}\n", good[0], good[1], good[2])
}

/// An import of some files: what lies in the folder `in` before it, and what comes of it.
struct Case {
    name: &'static str,
    files: Vec<(&'static str, Vec<u8>)>,
    /// Lines that land in fee_list_d.
    landed: u64,
    /// Parts of what is said, on both outputs.
    said: &'static [&'static str],
    /// Rows set aside as `file|row|column|value|reason`, of which each must begin like this.
    aside: &'static [&'static str],
}

impl Case {
    fn new(name: &'static str, file: &'static str, bytes: impl Into<Vec<u8>>) -> Case {
        Case { name, files: vec![(file, bytes.into())], landed: 0, said: &[], aside: &[] }
    }

    fn and(mut self, file: &'static str, bytes: impl Into<Vec<u8>>) -> Case {
        self.files.push((file, bytes.into()));
        self
    }

    fn lands(self, landed: u64) -> Case {
        Case { landed, ..self }
    }

    fn says(self, said: &'static [&'static str]) -> Case {
        Case { said, ..self }
    }

    fn sets_aside(self, aside: &'static [&'static str]) -> Case {
        Case { aside, ..self }
    }

    /// Imports the folder into a workspace of its own. A case that lands nothing and sets nothing aside fails or changes nothing.
    fn run(&self) {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("in");
        for (file, bytes) in &self.files {
            let path = input.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        self.check(folder.path(), &input);
    }

    fn check(&self, folder: &Path, input: &Path) {
        let workspace = workspace(folder);
        let output = mingjian(&workspace, &["import", input.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).replace(&format!("{}/", input.display()), "");
        for part in self.said {
            assert!(said.contains(part), "{}: no “{part}” in\n{said}", self.name);
        }
        assert!(!said.contains("程序内部出错"), "{}: {said}", self.name);
        let (landed, aside) = found(&workspace, input);
        assert_eq!(landed, self.landed, "{}: {said}", self.name);
        assert_eq!(aside.len(), self.aside.len(), "{}: {aside:#?}", self.name);
        for (found, expected) in aside.iter().zip(self.aside) {
            assert!(found.starts_with(expected), "{}: {found}\nshould begin with {expected}", self.name);
            assert!(found.contains('请'), "{}: {found} does not say what to do", self.name);
        }
        if self.landed == 0 && self.aside.is_empty() {
            assert!(said.contains("错误：") || said.contains("没有变化，数据湖仍是版本 0"), "{}: {said}", self.name);
        }
    }
}

fn workspace(folder: &Path) -> PathBuf {
    let workspace = folder.join("data");
    fs::create_dir_all(&workspace).unwrap();
    fs::write(workspace.join("mingjian.toml"), "[lake]\nbuckets = 2\n").unwrap();
    workspace
}

/// Lines in fee_list_d, and the rows set aside.
fn found(workspace: &Path, input: &Path) -> (u64, Vec<String>) {
    if !workspace.join("lake").exists() {
        return (0, Vec::new());
    }
    let history = json(workspace, &["lake", "history"]);
    let landed = history.as_array().unwrap().last().and_then(|record| record["tables"]["fee_list_d"]["rows"].as_u64()).unwrap_or(0);
    let rejected = json(workspace, &["rejected", "--top", "100"]);
    let row = |row: &serde_json::Value| {
        let text = |name: &str| row[name].as_str().unwrap_or_default().replace(&format!("{}/", input.display()), "");
        format!("{}|{}|{}|{}|{}", text("file"), row["row_no"], text("column_name"), text("value"), text("reason"))
    };
    let mut aside: Vec<String> = rejected["rows"].as_array().unwrap().iter().map(row).collect();
    aside.sort();
    (landed, aside)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut child = Command::new("gzip").arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    child.wait_with_output().unwrap().stdout
}

/// Many different lines, so that a part of the packed file holds some.
fn many() -> String {
    let lines: Vec<String> = (1..=3000).map(|number| line(number * 7919 % 100_003)).collect();
    format!("{HEAD}\n{}\n", lines.join("\n"))
}

fn half(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() / 2].to_vec()
}

/// "第一医院" in GBK; the rest of a line is ASCII.
fn gbk(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, part) in text.split("第一医院").enumerate() {
        if number > 0 {
            bytes.extend([0xB5, 0xDA, 0xD2, 0xBB, 0xD2, 0xBD, 0xD4, 0xBA]);
        }
        bytes.extend(part.as_bytes());
    }
    bytes
}

fn xlsx(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

/// The three good lines in a sheet.
fn sheet(sheet: &mut rust_xlsxwriter::Worksheet) {
    for (row, text) in csv("").lines().enumerate() {
        for (column, cell) in text.split(',').enumerate() {
            sheet.write_string(row as u32, column as u16, cell).unwrap();
        }
    }
}

#[test]
fn texts_of_every_encoding_and_delimiter_land_whole() {
    let text = csv("");
    let mark = |bytes: &[u8]| [b"\xEF\xBB\xBF", bytes].concat();
    let utf16: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for case in [
        Case::new("UTF-8", "fee_list_d.csv", text.clone()),
        Case::new("UTF-8 with a mark", "fee_list_d.csv", mark(text.as_bytes())),
        Case::new("GBK", "fee_list_d.csv", gbk(&text)),
        Case::new("GB18030 with a mark", "fee_list_d.csv", [b"\x84\x31\x95\x33".to_vec(), gbk(&text)].concat()),
        Case::new("UTF-16", "fee_list_d.csv", utf16),
        Case::new("tab", "fee_list_d.txt", text.replace(',', "\t")),
        Case::new("tab in GBK", "fee_list_d.xls", gbk(&text.replace(',', "\t"))),
        Case::new("CRLF", "fee_list_d.csv", text.replace('\n', "\r\n")),
        Case::new("no newline at the end", "fee_list_d.csv", text.trim_end()),
        Case::new("gz", "fee_list_d.csv.gz", gzip(text.as_bytes())),
        Case::new("a text called gz", "fee_list_d.csv.gz", text.clone()),
    ] {
        case.lands(3).run();
    }
}

#[test]
fn files_that_are_cut_or_damaged_say_so() {
    let cut = csv("");
    let sheets = xlsx(sheet);
    let packed = gzip(many().as_bytes());
    for case in [
        Case::new("a cut CSV", "fee_list_d.csv", &cut.as_bytes()[..cut.len() - 25])
            .lands(2)
            .sets_aside(&["fee_list_d.csv|3|||列数不对：这一行 10 列，表头 11 列。请检查单元格里是否有未加引号的分隔符，或这一行被截断"]),
        Case::new("no gz inside", "fee_list_d.csv.gz", b"\x1F\x8Bxxxx".as_slice()).says(&["fee_list_d.csv.gz：压缩包损坏", "请重新传输"]),
        Case::new("a cut zip", "fee_list_d.zip", b"PK\x03\x04xxxx".as_slice()).says(&["fee_list_d.zip：压缩包损坏", "请重新传输"]),
        Case::new("a cut workbook", "fee_list_d.xlsx", half(&sheets)).says(&["fee_list_d.xlsx：工作簿损坏", "另存为 .xlsx"]),
        Case::new("a cut Parquet", "fee_list_d.parquet", b"PAR1xxxxxxxxxxxx".as_slice())
            .says(&["fee_list_d.parquet：Parquet 文件损坏", "请重新导出或重新传输"]),
        Case::new("noise", "fee_list_d.csv", (0..4000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>())
            .says(&["fee_list_d.csv：认不出编码", "请用 UTF-8 编码重新导出"]),
        Case::new("NULs alone", "fee_list_d.csv", vec![0; 5000]).says(&["未导入 fee_list_d.csv：内容全是空字符（NUL）"]),
        Case::new("an empty file", "fee_list_d.csv", "").says(&["未导入 fee_list_d.csv：空文件"]),
        Case::new("a header alone", "fee_list_d.csv", format!("{HEAD}\n")).says(&["只有表头、没有数据行：fee_list_d.csv"]),
        Case::new("no header", "fee_list_d.csv", line(1) + "\n").says(&["缺少必需的列 bkkp_sn（记账流水号）", "第一行不像表头"]),
        Case::new("one line of 10 MB", "fee_list_d.csv", "x".repeat(10 << 20)).says(&["fee_list_d.csv：缺少必需的列", "第一行不像表头"]),
        Case::new("a workbook that is a web page", "fee_list_d.xls", "<html><table><tr><td>1</td></tr></table></html>")
            .says(&["fee_list_d.xls：缺少必需的列", "第一行不像表头"]),
    ] {
        case.run();
    }
    // Of a cut gz what is there lands, and where it broke off is told.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fee_list_d.csv.gz");
    fs::write(&path, half(&packed)).unwrap();
    let workspace = workspace(folder.path());
    let said = ok(&workspace, &["import", path.to_str().unwrap()]);
    assert!(said.contains("不完整，后面的行没有读到，请重新取得这个文件再导入"), "{said}");
    let (landed, aside) = found(&workspace, folder.path());
    assert!(landed > 100 && landed < 3000, "{landed}");
    assert!(
        aside.len() == 1 && aside[0].contains("文件到此中断（压缩包不完整）") && aside[0].contains(&format!("|{}|", landed + 1)),
        "{aside:?}"
    );
    // The whole file, sent again, brings the rest.
    fs::write(&path, &packed).unwrap();
    ok(&workspace, &["import", path.to_str().unwrap()]);
    assert_eq!(found(&workspace, folder.path()).0, 3000);
}

#[test]
fn rows_that_cannot_land_are_named_with_file_row_column_and_value() {
    let with = |column: usize, cell: &str| {
        let mut cells: Vec<String> = line(9).split(',').map(str::to_owned).collect();
        cells[column] = cell.to_owned();
        csv(&cells.join(","))
    };
    let (time, count, amount) = (6, 7, 9);
    let cases: &[(&str, String, &[&str])] = &[
        ("too few columns", csv("B9,M1,P1"), &["fee_list_d.csv|2|||列数不对：这一行 3 列，表头 11 列"]),
        ("too many columns", csv(&(line(9) + ",甲,乙")), &["fee_list_d.csv|2|||列数不对：这一行 13 列，表头 11 列"]),
        ("no number", with(count, "一"), &["fee_list_d.csv|2|cnt|一|不是数字"]),
        ("NaN", with(amount, "NaN"), &["fee_list_d.csv|2|det_item_fee_sumamt|NaN|不是数字"]),
        ("an absurd amount", with(amount, "99999999999999999999"), &["fee_list_d.csv|2|det_item_fee_sumamt|99999999999999999999|数字太大"]),
        ("a 31st of February", with(time, "2025-02-31"), &["fee_list_d.csv|2|fee_ocur_time|2025-02-31|没有这一天"]),
        ("a 13th month", with(time, "20251345"), &["fee_list_d.csv|2|fee_ocur_time|20251345|没有这一天"]),
        ("the year 9999", with(time, "9999-12-31"), &["fee_list_d.csv|2|fee_ocur_time|9999-12-31|年份不在 1900～2100 之内"]),
        ("the year 1025", with(time, "1025-01-01"), &["fee_list_d.csv|2|fee_ocur_time|1025-01-01|年份不在"]),
        ("25 hours", with(time, "2025-03-05 25:00:00"), &["fee_list_d.csv|2|fee_ocur_time|2025-03-05 25:00:00|没有这个时刻"]),
        ("no key", with(0, ""), &["fee_list_d.csv|2|bkkp_sn||缺少记账流水号（bkkp_sn）"]),
        ("no person", with(2, "NULL"), &["fee_list_d.csv|2|psn_no|NULL|缺少人员编号（psn_no）"]),
        ("NUL in a cell", with(2, "P\u{0}1"), &["fee_list_d.csv|2|psn_no|P1|含有空字符（NUL）"]),
        ("an open quote", with(5, "\"第一"), &["fee_list_d.csv|2|||引号没有成对"]),
        ("a line of 10 MB", with(5, &"x".repeat(10 << 20)), &["fee_list_d.csv|2|||一行超过 1 MiB"]),
        ("a certificate in a wrong column", with(count, "11010519491231002X"), &["fee_list_d.csv|2|cnt|110*************2X|不是数字"]),
        ("the same row twice", csv(&line(1)), &[]),
    ];
    for (name, text, aside) in cases {
        let case = Case { name, files: vec![("fee_list_d.csv", text.clone().into_bytes())], landed: 3, said: &[], aside };
        case.run();
    }
    let contradicts = line(1).replace("2.50,2.50", "2.50,9.99");
    Case::new("a row that contradicts another file's", "1/fee_list_d.csv", csv(""))
        .and("2/fee_list_d.csv", format!("{HEAD}\n{contradicts}\n"))
        .lands(2)
        .sets_aside(&[
            "1/fee_list_d.csv|1|mdtrt_id，bkkp_sn|M1，B1|同一次导入中主键相同",
            "2/fee_list_d.csv|1|mdtrt_id，bkkp_sn|M1，B1|同一次",
        ])
        .run();
    Case::new("nothing lands", "fee_list_d.csv", format!("{HEAD}\n{}\n", line(1).replace(",1,2.50", ",一,2.50")))
        .says(&["fee_list_d", "费用明细", "1 行没能入湖，记在另册：mingjian rejected"])
        .sets_aside(&["fee_list_d.csv|1|cnt|一|不是数字"])
        .run();
}

#[test]
fn formulas_of_a_workbook_count_by_their_results() {
    let filled = |result: &str| {
        xlsx(|to| {
            sheet(to);
            to.write_formula(2, 9, Formula::new("=H3*I3").set_result(result)).unwrap();
        })
    };
    Case::new("a formula with its result", "费用明细.xlsx", filled("2.5")).lands(3).run();
    Case::new("a formula that failed", "费用明细.xlsx", filled("#DIV/0!"))
        .lands(2)
        .sets_aside(&["费用明细.xlsx|2|det_item_fee_sumamt|#DIV/0!|不是数字"])
        .run();
}

#[test]
fn a_folder_with_strays_pipes_and_broken_links() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    fs::create_dir_all(&input).unwrap();
    fs::write(input.join("fee_list_d.csv"), csv("")).unwrap();
    fs::write(input.join("说明.docx"), "x").unwrap();
    fs::write(input.join("备注.csv"), "甲,乙\n1,2\n").unwrap();
    fs::write(input.join("truth.csv"), "act_id,scenario,legal,rule_or_model,in_library\nA1,x,0,N001,1\n").unwrap();
    fs::write(input.join("~$fee_list_d.xlsx"), "x").unwrap();
    std::os::unix::fs::symlink("nowhere", input.join("setl_d.csv")).unwrap();
    std::os::unix::fs::symlink(".", input.join("again")).unwrap();
    let piped = Command::new("mkfifo").arg(input.join("mdtrt_d.csv")).status().is_ok_and(|status| status.success());
    let mut case = Case::new("strays", "unused", "").lands(3).says(&[
        "未导入 说明.docx：不是可导入的文件",
        "未导入 备注.csv：认不出是哪张表",
        "未导入 truth.csv：造城的答案，不导入",
        "未导入 setl_d.csv：链接指向的文件不存在",
        "未导入 again：链接指回了上级目录",
    ]);
    case.check(folder.path(), &input);
    if piped {
        case.said = &["未导入 mdtrt_d.csv：不是普通文件"];
        case.check(folder.path(), &input);
    }
}

/// Nothing can be read of a process's memory at its beginning, not by root either.
#[test]
fn a_file_that_cannot_be_read_stops_the_import_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    fs::create_dir_all(&input).unwrap();
    fs::write(input.join("fee_list_d.csv"), csv("")).unwrap();
    std::os::unix::fs::symlink("/proc/self/mem", input.join("setl_d.csv")).unwrap();
    Case::new("unreadable", "unused", "")
        .says(&["错误：setl_d.csv：无法读取（磁盘或设备读写出错，系统错误 5）。请检查文件权限和磁盘后重新运行；数据湖没有变化"])
        .check(folder.path(), &input);
}

/// The same file, a newer row, an older one, the row as it stood.
#[test]
fn what_is_imported_again() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(folder.path());
    let path = folder.path().join("fee_list_d.csv");
    let import = |text: String| {
        fs::write(&path, text).unwrap();
        ok(&workspace, &["import", path.to_str().unwrap()])
    };
    let amount = || {
        let lake = mingjian_lake::Lake::open(&workspace).unwrap();
        let batches = lake.snapshot(None).unwrap().read_table("fee_list_d", &["bkkp_sn", "det_item_fee_sumamt"]).unwrap();
        let text = arrow::util::pretty::pretty_format_batches(&batches).unwrap().to_string();
        text.lines().find(|line| line.contains("B1 ")).unwrap().split('|').nth(2).unwrap().trim().to_owned()
    };
    import(csv(""));
    let said = import(csv(""));
    assert!(
        said.contains("1 个文件以前导入过，内容没有变，跳过（要重新读，加 --again）") && said.contains("没有变化，数据湖仍是版本 1"),
        "{said}"
    );
    let newer = line(1).replace("2.50,2.50", "2.50,7.50").replace("2025-04-01", "2025-04-02");
    let older = line(1).replace("2.50,2.50", "2.50,1.50").replace("2025-04-01", "2025-03-31");
    let said = import(format!("{HEAD}\n{newer}\n"));
    assert!(said.contains("已导入，数据湖版本 2"), "{said}");
    assert_eq!(amount(), "7.50");
    let said = import(format!("{HEAD}\n{older}\n"));
    assert!(said.contains("没有变化，数据湖仍是版本 2"), "an older row changes nothing: {said}");
    assert_eq!(amount(), "7.50");
    // Older and newer in one file, the older one last: the newer one stands.
    let newest = newer.replace("7.50", "8.50").replace("2025-04-02", "2025-04-03");
    import(format!("{HEAD}\n{newest}\n{older}\n"));
    assert_eq!(amount(), "8.50");
    // Equal times, another content: what stands stays, and the row is told.
    let said = import(format!("{HEAD}\n{}\n", newest.replace("8.50", "9.50")));
    assert!(said.contains("1 行没能入湖"), "{said}");
    assert_eq!(amount(), "8.50");
    let (_, aside) = found(&workspace, folder.path());
    assert!(aside[0].contains("与库内同一主键的行更新时间相同而内容不同") && aside[0].contains("更新时间"), "{aside:?}");
}

/// Data-standard names of the upload nodes that mean another column, or are written otherwise, in the bureau's tables.
#[test]
fn headers_of_the_upload_nodes() {
    let fees = "feedetl_sn,mdtrt_id,psn_no,fixmedins_code,rxno,fee_ocur_date,cnt,pric,det_item_fee_sumamt,bilg_dr_codg,orders_dr_code,\
                medins_milist_codg,inscp_scp_amt,overlmt_amt,dise_no\n\
                1,M1,P1,H33010000001,R1,20250305090000,1,2.5,2.5,D330100000001,D330100000002,L1,2.5,0,I10\n";
    let settlements = "setl_id,mdtrt_id,psn_no,fixmedins_code,medfee_sumamt,psn_cash_pay,inscp_scp_amt,hosp_part_amt,oth_pay,dise_codg\n\
                       S1,M1,P1,H33010000001,2.5,1.0,2.5,0.2,0.3,I10\n";
    let visits = "mdtrt_id,psn_no,fixmedins_code,begntime,atddr_no,main_cond_desc\nM1,P1,H33010000001,2025-03-05,D330100000001,咳嗽\n";
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(folder.path());
    for (name, text) in [("2204费用明细.csv", fees), ("2304结算.csv", settlements), ("2401入院就诊.csv", visits)] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let report = json(&workspace, &["import", path.to_str().unwrap()]);
        assert_eq!(report["files"][0]["parts"][0]["unused"], serde_json::json!([]), "{name}: {report}");
        assert_eq!(report["rejected"], 0, "{name}: {report}");
    }
    let columns = |table: &str| mingjian_lake::Lake::open(&workspace).unwrap().snapshot(None).unwrap().columns(table);
    for (table, expected) in [
        (
            "fee_list_d",
            &[
                "bkkp_sn",
                "fee_ocur_time",
                "rx_drord_no",
                "bilg_dr_code",
                "acord_dr_code",
                "medins_list_codg",
                "inscp_amt",
                "overlmt_selfpay",
                "dise_codg",
            ][..],
        ),
        ("setl_d", &["cash_payamt", "inscp_amt", "ownpay_hosp_part", "othfund_pay", "dise_no"]),
        ("mdtrt_d", &["chfpdr_code", "main_cond_dscr"]),
    ] {
        let found = columns(table);
        for column in expected {
            assert!(found.iter().any(|name| name == column), "{table} has no {column}: {found:?}");
        }
    }
}
