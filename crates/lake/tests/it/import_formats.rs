//! Every form of file and header gives the same rows.

use std::io::{Read, Write};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, LargeStringArray, StringArray, TimestampMillisecondArray,
};
use arrow::record_batch::RecordBatch;
use encoding_rs::GB18030;
use flate2::{Compression, write::GzEncoder};
use parquet::arrow::ArrowWriter;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::import_support::{Folder, options, read, read_with};

const CSV: &str = "bkkp_sn,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt,pric,det_item_fee_sumamt,hilist_name\n\
                   1,M1,P1,H1,2025-03-05 09:00:00,2,1.25,2.50,阿莫西林\n\
                   2,M1,P1,H1,2025-03-06 10:30:00,-1,1.25,-1.25,阿莫西林\n";

fn expected() -> Vec<String> {
    vec![
        "fee_list_d#1@2: bkkp_sn=1 mdtrt_id=M1 fee_ocur_time=2025-03-05T09:00:00 fixmedins_code=H1 psn_no=P1 cnt=2.0000 pric=1.250000 det_item_fee_sumamt=2.50 hilist_name=阿莫西林".to_owned(),
        "fee_list_d#2@3: bkkp_sn=2 mdtrt_id=M1 fee_ocur_time=2025-03-06T10:30:00 fixmedins_code=H1 psn_no=P1 cnt=-1.0000 pric=1.250000 det_item_fee_sumamt=-1.25 hilist_name=阿莫西林".to_owned(),
    ]
}

fn without_lines(rows: Vec<String>) -> Vec<String> {
    rows.into_iter().map(|row| row.replacen("@2:", ":", 1).replacen("@3:", ":", 1)).collect()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("packed");
    encoder.finish().expect("packed")
}

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFFu16).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn text_in_every_encoding_delimiter_and_packing() {
    let (gbk, _, _) = GB18030.encode(CSV);
    let tabs = CSV.replace(',', "\t");
    let bars = CSV.replace(',', "|");
    let (bars_gbk, _, _) = GB18030.encode(&bars);
    let quoted: String = CSV
        .lines()
        .map(|line| format!("{}\r\n", line.split(',').map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",")))
        .collect();
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("fee_list_d.csv", CSV.into()),
        ("fee_list_d_bom.csv", format!("\u{FEFF}{CSV}").into()),
        ("fee_list_d_gbk.csv", gbk.to_vec()),
        ("fee_list_d_tab.txt", tabs.clone().into()),
        ("fee_list_d_bar.dat", bars.clone().into()),
        ("fee_list_d_bar_gbk.dat", bars_gbk.to_vec()),
        ("fee_list_d_utf16.csv", utf16(&tabs)),
        ("fee_list_d_quoted.csv", quoted.into()),
        ("fee_list_d_crlf.csv", CSV.replace('\n', "\r\n").into()),
        ("fee_list_d_no_newline.csv", CSV.trim_end().into()),
        ("fee_list_d.csv.gz", gz(CSV.as_bytes())),
        ("fee_list_d_gbk.csv.gz", gz(&gbk)),
        ("fee_list_d_two.csv.gz", [gz(&CSV.as_bytes()[..120]), gz(&CSV.as_bytes()[120..])].concat()),
        // The name does not tell what it is, the first bytes do.
        ("fee_list_d_packed.csv", gz(CSV.as_bytes())),
        // Tab-separated text called .xls.
        ("fee_list_d.xls", tabs.into()),
    ];
    for (name, bytes) in files {
        let folder = Folder::new();
        let (collected, _) = read(&folder.write(name, bytes)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(collected.rows(), expected(), "{name}");
        assert_eq!(collected.rejected(), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_zip_holds_several_tables() {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    zip.start_file("2025/fee_list_d_01.csv", options).expect("begun");
    zip.write_all(CSV.as_bytes()).expect("written");
    zip.start_file("2025/结算.csv", options).expect("begun");
    zip.write_all("setl_id,mdtrt_id,psn_no,fixmedins_code,医疗费用总额\nS1,M1,P1,H1,1.25\n".as_bytes()).expect("written");
    zip.start_file("说明.docx", options).expect("begun");
    let folder = Folder::new();
    let path = folder.write("一月.zip", zip.finish().expect("packed").into_inner());
    let (collected, report) = read(&path).expect("reads");
    let mut all = expected();
    all.push("setl_d#1@2: setl_id=S1 mdtrt_id=M1 psn_no=P1 fixmedins_code=H1 medfee_sumamt=1.25".to_owned());
    assert_eq!(collected.rows(), all);
    assert_eq!(folder.without_path(&report.left_out[0].file), "一月.zip/说明.docx");
    assert_eq!(report.sources[0].rows, 3);
    assert_eq!(report.sources[0].blake3.len(), 64);
}

#[test]
fn an_archive_that_breaks_off_is_named_and_the_rows_before_land() {
    let many: String =
        (0..20_000).map(|row| format!("{row},M1,P1,H1,2025-03-05 09:00:00,2,1.25,2.50,阿莫西林{}\n", row * 7919 % 10_007)).collect();
    let packed = gz(format!("{}\n{many}", CSV.lines().next().expect("a header")).as_bytes());
    let folder = Folder::new();
    let path = folder.write("fee_list_d.csv.gz", &packed[..packed.len() / 2]);
    let (collected, report) = read(&path).expect("reads");
    let landed = collected.rows().len();
    assert!(landed > 1_000 && landed < 20_000, "{landed}");
    assert_eq!(
        collected.rejected(),
        [format!("{}@{} =: 文件到此中断（压缩包不完整），这一行及其后的内容没有读到。请重新传输整个文件后再导入", landed + 1, landed + 2)]
    );
    assert!(report.files[0].cut_off);
    assert_eq!(report.sources[0].blake3, blake3::hash(&packed[..packed.len() / 2]).to_hex().to_string());
}

#[test]
fn a_workbook_with_a_title_dates_numbers_and_several_sheets() {
    let mut book = Workbook::new();
    let day = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let sheet = book.add_worksheet().set_name("费用明细").expect("named");
    sheet.write(0, 0, "某医院费用明细").expect("written");
    for (column, name) in CSV.lines().next().expect("a header").split(',').enumerate() {
        sheet.write(1, column as u16, name).expect("written");
    }
    let moment = ExcelDateTime::from_ymd(2025, 3, 5).and_then(|day| day.and_hms(9, 0, 0)).expect("a moment");
    for (column, text) in ["1", "M1", "P1", "H1"].into_iter().enumerate() {
        sheet.write(2, column as u16, text).expect("written");
    }
    sheet.write_with_format(2, 4, &moment, &day).expect("written");
    for (column, number) in [(5, 2.0), (6, 1.25), (7, 2.5)] {
        sheet.write(2, column, number).expect("written");
    }
    sheet.write(2, 8, "阿莫西林").expect("written");
    // The key as a number, the time as a bare serial, a float's noise, and an id that lost its digits.
    for (column, number) in [(0, 2.0), (4, 45_722.437_5), (5, -1.0), (6, 1.25), (7, -1.250_000_000_000_000_2)] {
        sheet.write(3, column, number).expect("written");
    }
    for (column, text) in [(1, "M1"), (2, "P1"), (3, "H1"), (8, "阿莫西林")] {
        sheet.write(3, column, text).expect("written");
    }
    sheet.write(5, 0, 3.0).expect("written");
    sheet.write(5, 1, 330_123_456_789_012_345.0).expect("written");
    let other = book.add_worksheet().set_name("Sheet2").expect("named");
    for (column, text) in ["setl_id", "mdtrt_id", "psn_no", "fixmedins_code"].into_iter().enumerate() {
        other.write(0, column as u16, text).expect("written");
        other.write(1, column as u16, "X").expect("written");
    }
    book.add_worksheet().set_name("空").expect("named");
    let folder = Folder::new();
    let path = folder.write("某院.xlsx", book.save_to_buffer().expect("saved"));
    let (collected, report) = read(&path).expect("reads");
    let rows = collected.rows();
    let shifted: Vec<String> = expected().into_iter().map(|row| row.replacen("#1@2", "#1@3", 1).replacen("#2@3", "#2@4", 1)).collect();
    assert_eq!(rows[1..], shifted);
    assert_eq!(rows[0], "setl_d#1@2: setl_id=X mdtrt_id=X psn_no=X fixmedins_code=X");
    assert_eq!(
        collected.rejected(),
        ["4@6 mdtrt_id=330123456789012350: 长编号被 Excel 存成了数字，末几位已丢失。请把这一列设为文本格式后从原系统重新导出"]
    );
    assert_eq!(folder.without_path(&report.left_out[0].file), "某院.xlsx[空]");
}

/// Programs that write formulas without computing them leave the cell's result out.
#[test]
fn a_formula_without_its_result_costs_its_row() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in ["setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "medfee_sumamt"].into_iter().enumerate() {
        sheet.write(0, column as u16, name).expect("written");
        for row in 1..4 {
            sheet.write(row, column as u16, format!("{row}")).expect("written");
        }
    }
    sheet.write_formula(1, 4, Formula::new("=1+1").set_result("2")).expect("written");
    sheet.write_formula(2, 4, Formula::new("=1+2").set_result("LEFT OUT")).expect("written");
    let mut whole = zip::ZipArchive::new(std::io::Cursor::new(book.save_to_buffer().expect("saved"))).expect("a zip");
    let mut bytes = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for number in 0..whole.len() {
        let mut member = whole.by_index(number).expect("a member");
        let mut text = Vec::new();
        member.read_to_end(&mut text).expect("read");
        bytes.start_file(member.name().expect("a name"), SimpleFileOptions::default()).expect("begun");
        let text = String::from_utf8_lossy(&text).replace(" t=\"str\"><f>1+2</f><v>LEFT OUT</v>", "><f>1+2</f><v></v>");
        assert!(!text.contains("LEFT OUT"));
        bytes.write_all(text.as_bytes()).expect("written");
    }
    let folder = Folder::new();
    let path = folder.write("setl_d.xlsx", bytes.finish().expect("finished").into_inner());
    let (collected, _) = read(&path).expect("reads");
    assert_eq!(
        collected.rejected(),
        ["2@3 medfee_sumamt=公式: 单元格是公式，文件里没有存它的结果。请用 Excel 打开、保存一遍（或粘贴为数值）后重新导入"]
    );
    assert_eq!(collected.rows().len(), 2);
}

#[test]
fn parquet_of_any_types() {
    let text = |values: &[&str]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("bkkp_sn", Arc::new(Int64Array::from(vec![1, 2]))),
        ("MDTRT_ID", Arc::new(LargeStringArray::from(vec!["M1", "M1"]))),
        ("psn_no", text(&["P1", "P1"])),
        ("fixmedins_code", text(&["H1", "H1"])),
        ("fee_ocur_time", Arc::new(TimestampMillisecondArray::from(vec![1_741_165_200_000, 1_741_257_000_000]))),
        ("cnt", Arc::new(Float64Array::from(vec![2.0, -1.0]))),
        ("pric", text(&["1.25", "1.25"])),
        ("det_item_fee_sumamt", Arc::new(Decimal128Array::from(vec![250, -125]).with_precision_and_scale(18, 2).expect("fits"))),
        ("hilist_name", text(&["阿莫西林", "阿莫西林"])),
        ("extra", Arc::new(Date32Array::from(vec![1, 2]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("a batch");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.flush().expect("a row group");
    writer.write(&batch.slice(1, 1)).expect("written");
    writer.close().expect("closed");
    let folder = Folder::new();
    // The folder names the table, as engines write partitions.
    let path = folder.write("fee_list_d/pt=202503/part-0.parquet", bytes);
    let (collected, report) = read(&path).expect("reads");
    let mut all = without_lines(expected());
    all.push(all[1].replacen("#2", "#3", 1));
    assert_eq!(collected.rows(), all);
    assert_eq!(report.files[0].parts[0].unused, ["extra"]);
}

#[test]
fn headers_of_his_nodes_chinese_titles_and_profiles() {
    let bodies = "1,M1,P1,H1,2025-03-05 09:00:00,2,1.25,2.50,阿莫西林\n2,M1,P1,H1,2025-03-06 10:30:00,-1,1.25,-1.25,阿莫西林\n";
    let headers = [
        ("上传.csv", "feedetl_sn,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt,pric,det_item_fee_sumamt,hilist_name"),
        ("导出.csv", "费用明细流水号,就诊ID,人员编号,定点医药机构编号,费用发生时间,数量,单价,金额,医保目录名称"),
        ("feedetail.csv", "FEEDETL_SN, MDTRT_ID ,Psn_No,fixmedins_code,fee_ocur_date,cnt,pric,det_item_fee_sumamt,hilist_name"),
    ];
    for (name, header) in headers {
        let folder = Folder::new();
        let (collected, _) = read(&folder.write(name, format!("{header}\n{bodies}"))).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(collected.rows(), expected(), "{name}");
    }
    let profile = "[fee_list_d]\nfiles = ['*收费*']\n[fee_list_d.columns]\n'甲' = 'bkkp_sn'\n'乙' = 'mdtrt_id'\n'丙' = 'psn_no'\n'丁' = 'fee_ocur_time'\n\
                   '戊' = 'cnt'\n'己' = 'pric'\n'庚' = 'det_item_fee_sumamt'\n'辛' = 'hilist_name'\n[fee_list_d.constants]\nfixmedins_code = 'H1'\n";
    let folder = Folder::new();
    let path = folder.write("收费2025.csv", format!("甲,乙,丙,丁,戊,己,庚,辛\n{}", bodies.replace("H1,", "")));
    let (collected, _) = read_with(&path, &options(profile)).expect("reads");
    assert_eq!(collected.rows(), expected());
}
