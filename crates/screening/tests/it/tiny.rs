//! A lake one can read at a glance: what hits, what it costs, what it says.

use mingjian_lake::Lake;
use mingjian_screening::findings::FindingBook;
use mingjian_screening::{explain, findings};

use crate::fixture::{Csv, import, lake, library, library_of, library_of_shared_money, options, screened};

fn tables() -> Vec<Csv<'static>> {
    vec![
        ("psn_info_b", "psn_no,gend,brdy,certno\nP1,1,1980-01-01,110101198001010011\nP2,2,1990-01-01,110101199001010022\n".into()),
        ("death_list", "certno,psn_name,die_date\n110101199001010022,乙,2025-03-10\n".into()),
        ("fixmedins_b", "fixmedins_code,fixmedins_name,fixmedins_type,hosp_lv\nH11010000001,甲医院,1,02\nP11010000001,乙药店,2,\n".into()),
        ("hilist_b", "hilist_code,hilist_name,med_chrgitm_type,unit,convrat\nXG01AAA001A001010100001,妇科药,09,盒,24\n".into()),
        (
            "mdtrt_d",
            "mdtrt_id,psn_no,fixmedins_code,hosp_lv,begntime,endtime,med_type,insutype\n\
             V1,P1,H11010000001,02,2025-03-05 09:00:00,,11,310\n\
             V2,P2,H11010000001,02,2025-03-12 09:00:00,,11,390\n\
             V3,P1,P11010000001,,2025-03-06 10:00:00,,41,310\n\
             V4,P2,P11010000001,,2025-03-06 11:00:00,,41,390\n"
                .into(),
        ),
        (
            "setl_d",
            "setl_id,mdtrt_id,init_setl_id,psn_no,fixmedins_code,setl_time,med_type,medfee_sumamt,inscp_amt,fund_pay_sumamt,acct_pay,acct_mulaid_pay,refd_setl_flag\n\
             S1,V1,,P1,H11010000001,2025-03-05 10:00:00,11,100.00,80.00,60.00,20.00,0.00,0\n\
             S2,V2,,P2,H11010000001,2025-03-12 10:00:00,11,10.00,10.00,5.00,0.00,0.00,0\n\
             S3,V3,,P1,P11010000001,2025-03-06 10:00:00,41,30.00,30.00,0.00,30.00,0.00,0\n\
             S4,V4,,P2,P11010000001,2025-03-06 11:00:00,41,50.00,50.00,0.00,50.00,0.00,0\n"
                .into(),
        ),
        (
            "fee_list_d",
            "bkkp_sn,mdtrt_id,fee_ocur_time,setl_id,fixmedins_code,psn_no,med_type,cnt,pric,det_item_fee_sumamt,fulamt_ownpay_amt,inscp_amt,med_list_codg,bilg_dr_code,init_feedetl_sn\n\
             1,V1,2025-03-05 09:10:00,S1,H11010000001,P1,11,5,10,50.00,0.00,40.00,XG01AAA001A001010100001,D1,\n\
             2,V1,2025-03-05 09:20:00,S1,H11010000001,P1,11,-1,10,-10.00,0.00,-8.00,XG01AAA001A001010100001,D1,1\n\
             3,V2,2025-03-12 09:10:00,S2,H11010000001,P2,11,1,10,10.00,0.00,10.00,XG01AAA001A001010100001,,\n\
             1,V3,2025-03-06 10:00:00,S3,P11010000001,P1,41,1,30,30.00,0.00,30.00,XN01AAA001A001010100001,,\n\
             1,V4,2025-03-06 11:00:00,S4,P11010000001,P2,41,1,50,50.00,0.00,50.00,XN01AAA001A001010100001,,\n"
                .into(),
        ),
    ]
}

fn tiny(folder: &std::path::Path) -> Lake {
    let lake = lake(folder, "tiny", 2);
    import(&lake, &tables());
    lake
}

#[test]
fn findings_carry_evidence_shares_and_words() {
    let folder = tempfile::tempdir().unwrap();
    let lake = tiny(folder.path());
    let (report, found) = screened(&lake, &library(), &options(1));
    let shown = |id: &str| -> Vec<String> {
        found
            .iter()
            .filter(|finding| finding.rule_id == id)
            .map(|finding| {
                let money = |fen: Option<i64>| fen.map_or_else(|| "-".to_owned(), |fen| mingjian_model::Fen(fen).to_string());
                format!(
                    "{} {} {} {} [{}] {} {} {} | {}",
                    finding.result,
                    finding.psn_no.as_deref().unwrap_or("-"),
                    finding.mdtrt_id.as_deref().unwrap_or("-"),
                    finding.bilg_dr_code.as_deref().unwrap_or("-"),
                    finding.evidence.join(";"),
                    money(finding.amount),
                    money(finding.fund_amount),
                    money(finding.acct_amount),
                    finding.text
                )
            })
            .collect()
    };
    // Five packs less one taken back: 32.00 of scope; fund 32 × 60 ÷ 80 = 24.00, account (32 − 24) × 20 ÷ 40 = 4.00.
    assert_eq!(shown("N901"), ["违规 P1 V1 D1 [1] 32.00 24.00 4.00 | 男性用了“妇科药”4，32.00元"]);
    // Four on the day, three allowed: a quarter of 32.00.
    assert_eq!(shown("N902"), ["可疑 P1 V1 D1 [1] 8.00 6.00 1.00 | 妇科药一日4，超出8.00元"]);
    assert_eq!(shown("N903"), ["违规 P2 V2 - [V2] - - - | 2025-03-10死亡，2025-03-12就诊"]);
    // No practitioner at the hospital; pharmacies need none.
    assert_eq!(shown("N904"), ["违规 P2 V2 - [3] - - - | 1行有误"]);
    assert_eq!(shown("M901"), ["可疑 - - - [S3;S4] - - - | P11010000001 有 2 次购药，共 80 元"]);
    assert_eq!((report.totals.findings, report.totals.persons, report.totals.lines), (5, 2, 5));
    assert_eq!((report.totals.amount, report.totals.amount_once, report.totals.lines_at_risk), (40_00, 32_00, 1));
    assert!(report.not_run.is_empty(), "{:?}", report.not_run);
}

#[test]
fn findings_on_the_same_money_form_a_cluster_that_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let (_, found) = screened(&tiny(folder.path()), &library(), &options(2));
    let of = |id: &str| found.iter().find(|finding| finding.rule_id == id).unwrap();
    let (sexed, many) = (of("N901"), of("N902"));
    assert_eq!((sexed.leads, sexed.cluster_amount), (true, Some(32_00)), "违规 leads 可疑");
    assert_eq!((many.leads, many.cluster_amount, &many.cluster_id), (false, None, &sexed.finding_id));
}

#[test]
fn money_of_a_group_counts_what_findings_on_its_lines_leave() {
    let folder = tempfile::tempdir().unwrap();
    let (report, found) = screened(&tiny(folder.path()), &library_of_shared_money(), &options(2));
    let of = |id: &str, institution: &str| {
        found.iter().find(|finding| finding.rule_id == id && finding.fixmedins_code.as_deref() == Some(institution)).unwrap()
    };
    // 32.00 of V1's line (one of five packs was taken back) stand in N901 already; V2's 10.00 do not.
    let month = of("M902", "H11010000001");
    assert_eq!((month.amount, month.leads, month.cluster_amount), (Some(42_00), true, Some(10_00)));
    assert_eq!(of("N901", "H11010000001").cluster_amount, Some(32_00));
    // With the pharmacy's 30.00, which no group holds.
    assert_eq!((report.totals.amount, report.totals.amount_once), (10_400, 7_200));
}

#[test]
fn a_line_in_a_finding_over_visits_is_taken_off_a_group_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = tables();
    for (name, rows) in &mut tables {
        rows.push_str(match *name {
            "mdtrt_d" => "V5,P1,H11010000001,02,2025-03-07 09:00:00,,11,310\n",
            "setl_d" => "S5,V5,,P1,H11010000001,2025-03-07 10:00:00,11,20.00,20.00,10.00,0.00,0.00,0\n",
            "fee_list_d" => "5,V5,2025-03-07 09:10:00,S5,H11010000001,P1,11,2,10,20.00,0.00,20.00,XG01AAA001A001010100001,D1,\n",
            _ => "",
        });
    }
    let lake = lake(folder.path(), "visits", 2);
    import(&lake, &tables);
    let (_, found) = screened(&lake, &library_of_shared_money(), &options(1));
    let of =
        |id: &str| found.iter().find(|finding| finding.rule_id == id && finding.fixmedins_code.as_deref() == Some("H11010000001")).unwrap();
    assert_eq!(of("N902").evidence, ["1", "5"], "one finding over both visits");
    assert_eq!((of("M902").amount, of("M902").cluster_amount), (Some(6_200), Some(1_000)), "V2's 10.00 are left");
}

#[test]
fn what_a_rule_lacks_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(folder.path(), "poor", 2);
    let poor: Vec<Csv<'_>> = tables().into_iter().filter(|(name, _)| !matches!(*name, "death_list" | "setl_d" | "psn_info_b")).collect();
    import(&lake, &poor);
    let (report, found) = screened(&lake, &library(), &options(1));
    let reasons: Vec<String> = report.not_run.iter().map(|rule| format!("{} {}", rule.rule_id, rule.reason)).collect();
    assert_eq!(
        reasons,
        ["M901 不判：缺表 setl_d（结算）", "N901 不判：缺表 psn_info_b（参保人）", "N903 不判：缺表 death_list（死亡名单）"]
    );
    assert!(found.iter().any(|finding| finding.rule_id == "N902" && finding.setl_id.is_none() && finding.fund_amount == Some(0)));
}

#[test]
fn a_line_without_a_time_is_a_fault_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(folder.path(), "untimed", 1);
    let lines = "bkkp_sn,mdtrt_id,fee_ocur_time,psn_no,fixmedins_code,cnt,det_item_fee_sumamt,inscp_amt,fulamt_ownpay_amt,med_list_codg\n\
                 1,V1,,P1,H1,1,10.00,10.00,0.00,002501010150200\n2,V1,2025-03-06 09:00:00,P1,H1,1,10.00,10.00,0.00,002501010150200\n";
    let visits = "mdtrt_id,psn_no,fixmedins_code,begntime,endtime,med_type\nV1,P1,H1,2025-03-05 09:00:00,2025-03-07 09:00:00,21\n";
    import(&lake, &[("mdtrt_d", visits.into()), ("fee_list_d", lines.into())]);
    let told = |logic: &str| {
        let (report, found) = screened(&lake, &library_of(logic), &options(1));
        assert!(report.not_run.is_empty(), "{:?}", report.not_run);
        found.into_iter().map(|finding| format!("{} {}", finding.evidence.join(";"), finding.text)).collect::<Vec<_>>()
    };
    assert_eq!(told("for raw lines\nper visit\nhit when no_time\namount none\nsay \"{day}\""), ["1 2025-03-05"]);
    assert_eq!(told("for all lines where day <= end_day\nper visit\nhit when true\namount none\nsay \"{day}\""), ["2 2025-03-06"]);
}

#[test]
fn lines_tell_the_charge_type_of_items_the_catalogue_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(folder.path(), "types", 2);
    let lines = "bkkp_sn,mdtrt_id,fee_ocur_time,psn_no,fixmedins_code,cnt,det_item_fee_sumamt,inscp_amt,fulamt_ownpay_amt,med_list_codg,med_chrgitm_type\n\
                 1,V1,2025-03-06 09:00:00,P1,H1,1,10.00,10.00,0.00,002501010150200,04\n2,V1,2025-03-06 09:00:00,P1,H1,1,30.00,30.00,0.00,001109000010000,14\n";
    import(
        &lake,
        &[
            ("mdtrt_d", "mdtrt_id,psn_no,fixmedins_code,begntime,med_type\nV1,P1,H1,2025-03-05 09:00:00,21\n".into()),
            ("hilist_b", "hilist_code,hilist_name,med_chrgitm_type\n001109000010000,床位费,01\n".into()),
            ("fee_list_d", lines.into()),
        ],
    );
    let logic = "for visits\nper visit\nhit when charges > 0\namount none\nsay \"{charges{04}} {charges{01}} {charges}\"";
    let (report, found) = screened(&lake, &library_of(logic), &options(1));
    assert!(report.not_run.is_empty(), "{:?}", report.not_run);
    assert_eq!(found[0].text, "10.00 30.00 40.00", "the catalogue's word stands where it has one");
}

#[test]
fn a_visit_takes_from_its_settlement_what_it_leaves_open() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(folder.path(), "open", 2);
    import(
        &lake,
        &[
            (
                "mdtrt_d",
                "mdtrt_id,psn_no,fixmedins_code,begntime,med_type\nV1,P1,H1,2025-03-05 09:00:00,\nV2,P2,H1,2025-03-05 09:00:00,13\n".into(),
            ),
            (
                "setl_d",
                "setl_id,mdtrt_id,psn_no,fixmedins_code,hosp_lv,setl_time,med_type,insutype\n\
                 S1,V1,P1,H1,05,2025-03-05 10:00:00,11,390\nS2,V2,P2,H1,05,2025-03-05 10:00:00,11,310\n"
                    .into(),
            ),
        ],
    );
    let logic = "for visits\nper visit\nhit when med_type in {11, 13} and insurance in {310, 390} and level = 二级\namount none\nsay \"{med_type} {insurance} {level}\"";
    let (report, found) = screened(&lake, &library_of(logic), &options(1));
    assert!(report.not_run.is_empty(), "{:?}", report.not_run);
    let mut texts: Vec<&str> = found.iter().map(|finding| finding.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["11 390 二级", "13 310 二级"], "what the visit says itself stands");
}

#[test]
fn a_finding_is_explained_from_the_lake() {
    let folder = tempfile::tempdir().unwrap();
    let lake = tiny(folder.path());
    let library = library();
    let (_, found) = screened(&lake, &library, &options(1));
    let finding = found.iter().find(|finding| finding.rule_id == "N901").unwrap();
    let book = FindingBook::open(&lake, None).unwrap();
    assert_eq!(book.len(), found.len());
    let told = explain(&lake, &library, &book, &finding.finding_id[..8], 7).unwrap();
    assert_eq!(&told.finding, finding);
    assert_eq!(told.evidence.len(), 1);
    assert_eq!(told.evidence[0].row.get("fee_ocur_time"), "2025-03-05 09:10:00");
    assert_eq!(told.evidence[0].row.get("cnt"), "5");
    assert_eq!(told.points[0].cells[0], ("name".to_owned(), "妇科药".to_owned()));
    assert_eq!(told.timeline.iter().map(|visit| visit.visit.get("mdtrt_id")).collect::<Vec<_>>(), ["V1", "V3"]);
    assert!(told.timeline[0].lines[0].marked && !told.timeline[0].lines[1].marked);
    assert_eq!(
        told.arithmetic,
        [
            "涉案金额 = 32.00",
            "结算 S1：统筹基金 = 32.00 × 基金支付 60.00 ÷ 范围内费用 80.00 = 24.00",
            "结算 S1：个人账户 = 8.00 × 账户支付 20.00 ÷（总费用 100.00 − 基金支付 60.00）= 4.00",
            "基金损失 = 统筹 24.00 + 个人账户 4.00 = 28.00"
        ]
    );
    assert_eq!(told.cluster.len(), 1);
    for unknown in ["ffffffff", "", &finding.finding_id[..5], "zz"] {
        assert!(explain(&lake, &library, &book, unknown, 7).is_err(), "{unknown}");
    }
}

#[test]
fn a_refunded_settlement_leaves_with_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let lake = tiny(folder.path());
    import(
        &lake,
        &[(
            "setl_d",
            "setl_id,mdtrt_id,init_setl_id,psn_no,fixmedins_code,setl_time,med_type,medfee_sumamt,inscp_amt,fund_pay_sumamt\n\
             S9,V1,S1,P1,H11010000001,2025-03-08 10:00:00,11,-100.00,-80.00,-60.00\n"
                .into(),
        )],
    );
    let (_, found) = screened(&lake, &library(), &options(1));
    assert!(found.iter().all(|finding| finding.mdtrt_id.as_deref() != Some("V1")), "{found:?}");
}

#[test]
fn a_version_and_days_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let lake = tiny(folder.path());
    let day = mingjian_model::day::parse_day("2025-03-10");
    let (_, found) = screened(&lake, &library(), &mingjian_screening::ScreenOptions { from: day, as_of: Some(1), ..options(1) });
    let rules: Vec<&str> = found.iter().map(|finding| finding.rule_id.as_str()).collect();
    assert_eq!(rules.len(), 2, "{rules:?}");
    let mut csv = Vec::new();
    findings::write_csv(&found, &mut csv).unwrap();
    assert_eq!(String::from_utf8(csv).unwrap().lines().count(), 3);
}

#[test]
fn a_cancelled_screening_leaves_the_findings_as_they_were() {
    struct Impatient;
    impl mingjian_screening::Progress for Impatient {
        fn cancelled(&self) -> bool {
            true
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let lake = tiny(folder.path());
    let (_, before) = screened(&lake, &library(), &options(1));
    let version = lake.snapshot(None).unwrap().version();
    let outcome = mingjian_screening::screen(&lake, &library(), &options(1), &Impatient);
    assert!(matches!(outcome, Err(mingjian_screening::ScreenError::Cancelled)), "{outcome:?}");
    assert_eq!(lake.snapshot(None).unwrap().version(), version);
    assert_eq!(findings::load(&lake, &findings::Filter::default(), None).unwrap(), before);
}
