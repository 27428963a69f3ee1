"""The peer of the import: DuckDB reads the same CSV files, types the columns and writes sorted Parquet (zstd), one file a table.

Usage: duckdb_import.py CITY_DIR OUT_DIR. Types and sort order are those of the lake; bad values become null (try_cast), nothing is
checked, set aside or compared with what is stored.
"""

import pathlib
import sys

import duckdb

MONEY = "decimal(16,2)"
ORDER = {
    "fee_list_d": "psn_no, mdtrt_id, fee_ocur_time, bkkp_sn",
    "mdtrt_d": "psn_no, begntime, mdtrt_id",
    "setl_d": "psn_no, setl_time, setl_id",
    "setl_list_diag_d": "psn_no, mdtrt_id, setl_list_diag_id",
    "setl_list_oprn_d": "psn_no, mdtrt_id, setl_list_oprn_id",
    "psn_info_b": "psn_no",
    "opsp_reg_d": "psn_no",
    "selinfo_3505": "fixmedins_code, sel_retn_time",
    "purcinfo_3503": "fixmedins_code",
}


def type_of(column):
    if column in ("cnt", "sel_retn_cnt", "purc_retn_cnt", "inv_cnt"):
        return "decimal(16,4)"
    if column in ("pric", "pric_uplmt_amt", "finl_trns_pric", "hilist_pric_uplmt_amt"):
        return "decimal(16,6)"
    if column.endswith(("_amt", "_pay", "_sumamt", "_payamt")) or column in ("overlmt_selfpay", "dedc_std", "crt_dedc", "act_pay_dedc", "balc"):
        return MONEY
    if column.endswith("time"):
        return "timestamp"
    if column in ("brdy", "die_date", "begndate", "enddate", "manu_date", "expy_end"):
        return "timestamp"
    return None


def main():
    city, out = map(pathlib.Path, sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    db = duckdb.connect()
    db.execute(f"set threads=2; set memory_limit='8GB'; set temp_directory='{out}/tmp'; set preserve_insertion_order=false")
    for path in sorted(city.glob("*.csv")):
        if path.stem == "truth":
            continue
        with open(path, encoding="utf-8") as file:
            columns = file.readline().strip().split(",")
        select = ", ".join(f"try_cast({c} as {type_of(c)}) {c}" if type_of(c) else c for c in columns)
        order = ORDER.get(path.stem)
        db.execute(
            f"copy (select {select} from read_csv('{path}', all_varchar=true, header=true, delim=',', quote='\"')"
            f"{' order by ' + order if order else ''}) to '{out / path.stem}.parquet' (format parquet, compression zstd, row_group_size 131072)"
        )


if __name__ == "__main__":
    main()
