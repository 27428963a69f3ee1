//! A lake from texts, and a library of a few made-up rules.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{Field, Schema};
use mingjian_lake::{Lake, Origin, TypedBlock, arrow_type};
use mingjian_model::schema;
use mingjian_rules::Library;
use mingjian_screening::{Finding, Quiet, ScreenOptions, ScreenReport, findings, screen};

/// A national table as CSV text, header first; cells hold no commas.
pub type Csv<'a> = (&'a str, String);

/// Imports the tables in one version of the lake.
pub fn import(lake: &Lake, tables: &[Csv<'_>]) {
    let txn = lake.begin_import().unwrap();
    for (name, text) in tables {
        txn.append(block(name, text)).unwrap();
    }
    txn.commit(Vec::new()).unwrap();
}

fn block(name: &str, text: &str) -> TypedBlock {
    let table = schema::table(name).unwrap_or_else(|| panic!("no table {name}"));
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let header: Vec<&str> = lines.next().unwrap().split(',').map(str::trim).collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').map(str::trim).collect()).collect();
    let (mut fields, mut arrays): (Vec<Field>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
    for column in table.columns {
        let Some(at) = header.iter().position(|name| *name == column.name) else { continue };
        let texts: StringArray = rows.iter().map(|row| row.get(at).copied().filter(|cell| !cell.is_empty())).collect();
        fields.push(Field::new(column.name, arrow_type(column.ty), true));
        arrays.push(cast(&texts, &arrow_type(column.ty)).unwrap());
    }
    for name in &header {
        assert!(table.column(name).is_some(), "{}: no column {name}", table.name);
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let rows = (1..=rows.len() as u64).collect();
    TypedBlock { table, batch, origin: Origin { file: "fixture.csv".into(), rows, lines: Vec::new() } }
}

/// A rule file around a body.
fn rule(id: &str, name: &str, result: &str, class: &str, knowledge: &str, body: &str) -> (String, String) {
    let text = format!(
        "+++\nid = \"{id}\"\nname = \"{name}\"\nversion = 1\nstatus = \"live\"\nkind = \"试\"\nresult = \"{result}\"\nclass = \"{class}\"\nstages = [\"after\"]\nbasis = [{{ doc = \"甲\", article = \"一\" }}]\nknowledge = [{knowledge}]\n+++\n# {name}\n试\n{body}\n## 误报与申辩\n无\n"
    );
    (format!("rules/test/{id}-{name}.md"), text)
}

/// One kernel case each side, so that the file is whole.
const CASES: &str = "## 应命中\n```csv\nitem,expect\n003310010160100,是\n```\n## 不应命中\n```csv\nitem\n003310010160100\n```\n";

/// Made-up rules: sex of a drug (medical, by line), quantity a day (policy, by group), dead persons (settlements), drugs at pharmacies
/// by the institution (SQL).
pub fn library() -> Library {
    let kernel = |id, name, result, class, knowledge, logic: &str| {
        let (path, text) = rule(id, name, result, class, knowledge, &format!("```rule\n{logic}\n```"));
        (path, text + CASES)
    };
    let sql = "```sql\nselect 'core' as band, s.fixmedins_code, min(s.setl_time) as first_time, max(s.setl_time) as last_time,\n  string_agg(s.setl_id, ';' order by s.setl_id) as evidence, count(*) as n, sum(s.medfee_sumamt) as total\nfrom net_settlements s where s.med_type = '41' group by s.fixmedins_code having count(*) >= 2\n```\n```rule\nevidence setl_d\nsay \"{fixmedins_code} 有 {n} 次购药，共 {total} 元\"\n```";
    let sql_cases = "## 应命中\n两次购药\n```csv setl_d\nsetl_id,psn_no,mdtrt_id,fixmedins_code,med_type,setl_time,medfee_sumamt\nS1,P1,V1,H1,41,2025-03-05 09:00:00,10.00\nS2,P2,V2,H1,41,2025-03-06 09:00:00,15.50\n```\n```csv expect\nfixmedins_code,n,total,evidence\nH1,2,25.5,S1;S2\n```\n## 不应命中\n退了一次\n```csv setl_d\nsetl_id,psn_no,mdtrt_id,fixmedins_code,med_type,setl_time,medfee_sumamt,init_setl_id\nS1,P1,V1,H1,41,2025-03-05 09:00:00,10.00,\nS2,P2,V2,H1,41,2025-03-06 09:00:00,15.50,\nS3,P2,V2,H1,41,2025-03-07 09:00:00,-15.50,S2\n```\n";
    let (sql_path, sql_text) = rule("M901", "pharmacy_sales", "可疑", "管理类", "", sql);
    let files = vec![
        (
            "knowledge/sexed.csv".to_owned(),
            "#! title = \"性别\"\n#! origin = \"试\"\n#! types = { sex = \"sex\" }\npoint,name,codes,sex\nK1,妇科药,XG01AAA001A001010100001,女\nK2,男科药,XG02AAA001A001010100001,男\n".to_owned(),
        ),
        kernel("N901", "sexed_drug", "违规", "医疗类", "\"sexed\"", "for lines where item in sexed as k\nper visit, item\nhit when sex != k.sex\namount scope\nsay \"{sex}性用了“{item}”{count}，{amount}元\""),
        kernel("N902", "too_many", "可疑", "政策类", "", "for lines where drug\nper person, institution, item, day\nhit when sum(count) > 3\namount excess count over 3\nsay \"{item}一日{sum(count)}，超出{amount}元\""),
        kernel("N903", "after_death", "违规", "管理类", "", "for visits\nper visit\nhit when begin_day > death_day\namount none\nsay \"{death_day}死亡，{begin_day}就诊\""),
        kernel("N904", "faulty_lines", "违规", "管理类", "", "for raw lines\nper visit\nhit when ill_formed_item or amount_mismatch or orphan_reversal or no_doctor\namount none\nsay \"{count()}行有误\""),
        (sql_path, sql_text + sql_cases),
    ];
    let (library, found) = Library::from_files(files);
    assert!(found.is_empty(), "{}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    library
}

/// Kernel rules by visit (N901) and over visits (N902), and an SQL rule, M902, that puts a hospital's drugs of a month at risk.
pub fn library_of_shared_money() -> Library {
    let logic = "for lines where drug\nper visit, item\nhit when sex = 男\namount scope\nsay \"{amount}元\"";
    let (path, text) = rule("N901", "alone", "违规", "政策类", "", &format!("```rule\n{logic}\n```"));
    let logic = "for lines where drug\nper person, institution, item\nhit when count() > 1\namount scope\nsay \"{amount}元\"";
    let (twice_path, twice) = rule("N902", "twice", "违规", "医疗类", "", &format!("```rule\n{logic}\n```"));
    let sql = "```sql\nselect 'core' as band, l.fixmedins_code, min(l.fee_ocur_time) as first_time, max(l.fee_ocur_time) as last_time,\n  string_agg(l.bkkp_sn, ';' order by l.bkkp_sn) as evidence, sum(l.net_inscp_amt) as amount\nfrom net_lines l where l.med_type = '11' group by l.fixmedins_code\n```\n```rule\nevidence fee_list_d\nsay \"{amount}元\"\n```";
    let cases = "## 应命中\n一行\n```csv fee_list_d\nbkkp_sn,mdtrt_id,psn_no,fixmedins_code,med_type,fee_ocur_time,cnt,inscp_amt,det_item_fee_sumamt\n1,V1,P1,H1,11,2025-03-05 09:00:00,1,10.00,10.00\n```\n```csv expect\nfixmedins_code,amount\nH1,10\n```\n## 不应命中\n购药\n```csv fee_list_d\nbkkp_sn,mdtrt_id,psn_no,fixmedins_code,med_type,fee_ocur_time,cnt,inscp_amt,det_item_fee_sumamt\n1,V1,P1,H1,41,2025-03-05 09:00:00,1,10.00,10.00\n```\n";
    let (sql_path, sql_text) = rule("M902", "monthly", "违规", "管理类", "", sql);
    let (library, found) = Library::from_files(vec![(path, text + CASES), (twice_path, twice + CASES), (sql_path, sql_text + cases)]);
    assert!(found.is_empty(), "{}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    library
}

/// A library of one kernel rule, N901.
pub fn library_of(logic: &str) -> Library {
    let (path, text) = rule("N901", "alone", "违规", "政策类", "", &format!("```rule\n{logic}\n```"));
    Library::from_files(vec![(path, text + CASES)]).0
}

pub fn options(threads: usize) -> ScreenOptions {
    ScreenOptions { threads, ..ScreenOptions::default() }
}

/// Screens and reads the findings back.
pub fn screened(lake: &Lake, library: &Library, options: &ScreenOptions) -> (ScreenReport, Vec<Finding>) {
    let report = screen(lake, library, options, &Quiet).unwrap();
    let found = findings::load(lake, &findings::Filter::default(), None).unwrap();
    (report, found)
}

/// A lake of its own in a folder, with so many buckets.
pub fn lake(folder: &Path, name: &str, buckets: u32) -> Lake {
    Lake::open_with(&folder.join(name), buckets).unwrap()
}
