//! A real PostgreSQL, where one is installed: `MINGJIAN_TEST_POSTGRES` names the server, e.g. `postgresql://postgres@localhost/postgres`.
//! Without it the test says so and holds only the message of a server that is not there.

use mingjian_lake::import::{self, Source};
use postgres::{Client, NoTls};

use crate::import_support::{Collected, options};

#[test]
fn a_server_that_is_not_there_is_told() {
    let sink = Collected::default();
    let source = Source::Postgres("postgresql://somebody:secret@127.0.0.1:1/city".to_owned());
    let message = import::read(&[source], &options(""), &(), &sink).expect_err("nobody listens").to_string();
    assert!(message.starts_with("postgresql://somebody@127.0.0.1:1/city：连接失败（") && !message.contains("secret"), "{message}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a server to test against is named by whoever runs the tests")]
fn tables_are_found_by_name_and_copied_out() {
    let Some(url) = std::env::var_os("MINGJIAN_TEST_POSTGRES").and_then(|url| url.into_string().ok()) else {
        println!("MINGJIAN_TEST_POSTGRES is not set: not tried against a server");
        return;
    };
    let mut client = Client::connect(&url, NoTls).expect("connects");
    client
        .batch_execute(
            "drop schema if exists mingjian_test cascade; create schema mingjian_test; set search_path to mingjian_test;
             create table \"FEE_LIST_D\" (bkkp_sn bigint, mdtrt_id text, psn_no text, fixmedins_code varchar(12), fee_ocur_time timestamp, crte_time timestamptz,
                 cnt numeric(16,4), pric double precision, det_item_fee_sumamt numeric, hilist_name text, prd_days int, extra jsonb);
             insert into \"FEE_LIST_D\" values
                 (1, 'M1', 'P1', 'H1', '2025-03-05 09:00:00', '2025-03-05 01:00:00+00', 2, 1.25, 2.50, E'阿莫\"西\\n林,', 3, '{\"a\":1}'),
                 (2, 'M1', 'P1', 'H1', '2025-03-05 09:00:00.5', null, -1, 0.1, -0.1, '', null, null),
                 (3, null, 'P1', 'H1', null, null, 1, 1, 1, null, null, null);
             create table 收费 (流水 text, 就诊 text, 人 text, 数 numeric);
             insert into 收费 values ('9', 'M9', 'P9', 1);
             create table other (x text);",
        )
        .expect("made");
    let profile = "[fee_list_d]\nfiles = ['收费']\n[fee_list_d.columns]\n'流水' = 'bkkp_sn'\n'就诊' = 'mdtrt_id'\n'人' = 'psn_no'\n'数' = 'cnt'\n\
                   [fee_list_d.constants]\nfixmedins_code = 'H9'\n";
    let sink = Collected::default();
    let report = import::read(&[Source::Postgres(url)], &options(profile), &(), &sink).expect("reads");
    client.batch_execute("drop schema mingjian_test cascade").expect("dropped");
    assert_eq!(report.rows(), 4);
    assert_eq!(
        sink.rows(),
        [
            "fee_list_d#1@2: bkkp_sn=1 mdtrt_id=M1 fee_ocur_time=2025-03-05T09:00:00 fixmedins_code=H1 psn_no=P1 cnt=2.0000 pric=1.250000 \
             det_item_fee_sumamt=2.50 hilist_name=阿莫\"西\n林, prd_days=3 crte_time=2025-03-05T09:00:00",
            "fee_list_d#2@4: bkkp_sn=2 mdtrt_id=M1 fee_ocur_time=2025-03-05T09:00:00.500 fixmedins_code=H1 psn_no=P1 cnt=-1.0000 pric=0.100000 \
             det_item_fee_sumamt=-0.10",
            "fee_list_d#1@2: bkkp_sn=9 mdtrt_id=M9 fixmedins_code=H9 psn_no=P9 cnt=1.0000",
        ]
    );
    assert_eq!(sink.rejected(), ["3@5 mdtrt_id=: 缺少就诊ID（mdtrt_id），这一行无法入湖。请补齐后重新导入"]);
    assert_eq!(report.parts().next().map(|part| part.unused.clone()), Some(vec!["extra".to_owned()]));
}
