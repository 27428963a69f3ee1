//! Where a file is cut into blocks, and on how many threads it is typed, changes no row.

use proptest::prelude::*;

use crate::import_support::{Folder, options, read_with};

/// Pieces a CSV is made of, the awkward ones more often than in life.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        ",",
        ",",
        ",",
        "\n",
        "\n",
        "\r\n",
        "\"",
        "\"\"",
        "\",\"",
        "\"a\nb\"",
        "M1",
        "P1",
        "H1",
        "2025-03-05",
        "12.50",
        "-3",
        "x",
        " ",
        "张三",
        "\u{3000}",
        "1,M1,P1,H1,2025-03-05,1\n",
        "2,\"M\r\n1\",P1,H1,,2\n",
        "bkkp_sn,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt\n",
        "\0",
        "\t",
        "\r",
    ])
}

fn outcome(folder: &Folder, bytes: &[u8], block_bytes: usize, threads: usize) -> (Vec<String>, Vec<String>, u64) {
    let path = folder.write("fee_list_d.csv", bytes);
    let mut options = options("encoding = 'utf-8'\ndelimiter = ','");
    (options.block_bytes, options.threads) = (block_bytes, threads);
    let (collected, report) = read_with(&path, &options).expect("reads");
    (collected.rows(), collected.rejected(), report.parts().map(|part| part.blank).sum())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn splitting_anywhere_gives_the_same_rows(pieces in prop::collection::vec(piece(), 0..120), block_bytes in 1usize..200, threads in 1usize..4) {
        let text = format!("bkkp_sn,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt\n{}", pieces.concat());
        let folder = Folder::new();
        let whole = outcome(&folder, text.as_bytes(), 0, 1);
        let cut = outcome(&folder, text.as_bytes(), block_bytes, threads);
        prop_assert_eq!(whole, cut);
    }

    #[test]
    fn bytes_of_any_kind_never_stop_the_reader(noise in prop::collection::vec(any::<u8>(), 0..400), block_bytes in 1usize..64) {
        let bytes = [b"bkkp_sn,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt\n1,M1,P1,H1,,1\n".as_slice(), &noise].concat();
        let folder = Folder::new();
        prop_assert_eq!(outcome(&folder, &bytes, 0, 2), outcome(&folder, &bytes, block_bytes, 1));
    }
}

#[test]
fn a_quoted_cell_without_end_is_found_wherever_blocks_end() {
    let head = "bkkp_sn,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt\n";
    let rows: String = (0..9_000).map(|row| format!("{row},M1,P1,H1,,1\n")).collect();
    let text = format!("{head}a,\"M1,P1,H1,,1\n{rows}b,M1,P1,H1,,1\n");
    let folder = Folder::new();
    let whole = outcome(&folder, text.as_bytes(), 0, 1);
    assert_eq!((whole.0.len(), whole.1.len()), (9_001, 1));
    for block_bytes in [1_000, 70_000, 131_072] {
        assert_eq!(outcome(&folder, text.as_bytes(), block_bytes, 2), whole, "{block_bytes}");
    }
}

#[test]
fn a_line_too_long_is_found_wherever_blocks_end() {
    let head = "bkkp_sn,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt\n";
    let text = format!("{head}1,M1,P1,H1,,1\n{}\n2,M1,P1,H1,,1\n{}", "y".repeat((1 << 20) + 1), "z".repeat(2 << 20));
    let folder = Folder::new();
    let whole = outcome(&folder, text.as_bytes(), 16 << 20, 1);
    assert_eq!(whole.0.len(), 2);
    let reason = "一行超过 1 MiB，不像是数据行，多为传输损坏。请重新导出或重新传输";
    assert_eq!(whole.1, [format!("2@3 =: {reason}"), format!("4@5 =: {reason}")]);
    for block_bytes in [500_000, 1 << 20, 3 << 20] {
        assert_eq!(outcome(&folder, text.as_bytes(), block_bytes, 2), whole, "{block_bytes}");
    }
}
