"""独立核对: every rule of the library once more as plain SQL on DuckDB, over the same CSV files, compared finding by finding.

Usage: python tests/oracle/oracle.py CITY_DIR FINDINGS_CSV LIBRARY_DIR [RULE_ID …]

The SQL (rules/*.sql) was written from the house readings, not from the kernel. Each file gives rows of
(rule_id, subject columns, evidence, amount, band, result); two findings are equal when rule, result, band, the set of evidence
ids and the amount are. Exit code 1 when any rule differs; the first differences of each are printed.
"""

import csv
import pathlib
import sys
import tempfile
import tomllib

import duckdb

HERE = pathlib.Path(__file__).parent
EMPTY_COLUMNS = {
    "death_list": ["certno", "psn_name", "die_date"],
}


def load_city(db, folder):
    for path in sorted(folder.glob("*.csv")):
        if path.stem == "truth":
            continue
        db.execute(
            f"create table {path.stem} as select * from read_csv('{path}', all_varchar=true, header=true, delim=',', quote='\"', nullstr='')"
        )


def load_knowledge(db, folder):
    """Each table as k_<name>: its columns as text, one row per code (and per part code); `is_prefix` marks prefixes."""
    for path in sorted(folder.glob("*.csv")):
        meta, rows = [], []
        with open(path, encoding="utf-8", newline="") as file:
            lines = []
            for line in file:
                if line.startswith("#!"):
                    meta.append(line[2:])
                else:
                    lines.append(line)
        info = tomllib.loads("".join(meta))
        reader = csv.DictReader(lines)
        columns = [name for name in reader.fieldnames if name not in ("codes", "part_codes")]
        for row in reader:
            codes = [code for code in (row.get("codes") or "").split(";") if code] or [None]
            parts = [code for code in (row.get("part_codes") or "").split(";") if code] or [None]
            for code in codes:
                prefix = info.get("match") == "prefix" or (code or "").endswith("*")
                for part in parts:
                    rows.append([row[c] or None for c in columns] + [(code or "").rstrip("*") or None, part, prefix])
        names = ", ".join(f'"{c}" varchar' for c in columns)
        db.execute(f"create table k_{path.stem} ({names}, code varchar, part_code varchar, is_prefix boolean)")
        if rows:
            with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8") as out:
                csv.writer(out).writerows([["" if v is None else v for v in row] for row in rows])
                out.flush()
                db.execute(f"insert into k_{path.stem} select * from read_csv('{out.name}', header=false, all_varchar=true, nullstr='', delim=',', quote='\"')")
        for bound, default in (("valid_from", "0001-01-01"), ("valid_to", "9999-12-31")):
            if bound in columns:
                db.execute(f"alter table k_{path.stem} alter {bound} type date using coalesce(try_cast({bound} as date), date '{default}')")


def connect():
    """DuckDB with its Delta extension, which comes as a wheel of the same version: nothing is fetched from the network."""
    import duckdb_extension_delta

    db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    db.load_extension(str(next(pathlib.Path(duckdb_extension_delta.__file__).parent.rglob("delta.duckdb_extension"))))
    return db


def load_lake(db, workspace):
    """The tables of a lake's newest version, as views over its Delta tables."""
    lake = workspace / "lake"
    for log in sorted(lake.glob("*/_delta_log")):
        table = log.parent.name
        if not table.startswith("_") and table not in ("findings", "rejected", "quality"):
            db.execute(f"create view {table} as select * from delta_scan('{log.parent}')")


def fen(text):
    return None if text in (None, "") else round(float(text) * 100)


def load_findings(path):
    """rule_id → (result, band, evidence ids, amount in fen) of each finding."""
    out = {}
    with open(path, encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            key = (row["result"], row["band"], tuple(sorted(row["evidence"].split(";"))), fen(row["amount"]))
            out.setdefault(row["rule_id"], []).append(key)
    return out


def run_rules(db, skip=()):
    """Runs base.sql and the rules' statements; gives the same shape as load_findings, and what failed by file."""
    existing = {row[0] for row in db.execute("show tables").fetchall()}
    for table, columns in EMPTY_COLUMNS.items():
        if table not in existing:
            db.execute(f"create table {table} ({', '.join(c + ' varchar' for c in columns)})")
    db.execute((HERE / "base.sql").read_text(encoding="utf-8"))
    out, errors = {}, {}
    for path in sorted((HERE / "rules").glob("*.sql")):
        if path.name in skip:
            continue
        try:
            result = db.execute(path.read_text(encoding="utf-8"))
            names = [d[0] for d in result.description]
            rows = result.fetchall()
        except duckdb.Error as error:  # the file is named, the run goes on
            errors[path.name] = str(error)
            continue
        seen = set()
        for row in rows:
            row = dict(zip(names, row))
            amount = None if row["amount"] is None else round(row["amount"] * 100)
            key = (row["result"], row["band"], tuple(sorted(row["evidence"].split(";"))), amount)
            # Two windows of one rule over the same rows are one finding; findings without rows are each their own.
            if key[2] == ("",) or (row["rule_id"], key) not in seen:
                seen.add((row["rule_id"], key))
                out.setdefault(row["rule_id"], []).append(key)
    return out, errors


def main():
    data, findings, library = map(pathlib.Path, sys.argv[1:4])
    only = set(sys.argv[4:])
    db = duckdb.connect()
    load_city(db, data)
    load_knowledge(db, library / "knowledge")
    ours = load_findings(findings)
    theirs, errors = run_rules(db)
    failed = bool(errors)
    for name, error in errors.items():
        print(f"{name}: SQL 出错: {error}")

    print(f"{'规则':<8}{'内核':>10}{'独立SQL':>10}{'只内核有':>10}{'只SQL有':>10}")
    for rule in sorted(set(ours) | set(theirs)):
        if only and rule not in only:
            continue
        left, right = count(ours.get(rule, [])), count(theirs.get(rule, []))
        only_left, only_right = diff(left, right), diff(right, left)
        print(f"{rule:<8}{sum(left.values()):>10}{sum(right.values()):>10}{len(only_left):>10}{len(only_right):>10}")
        for title, some in (("只内核有", only_left), ("只SQL有", only_right)):
            failed = failed or bool(some)
            for key in some[:5]:
                print("   ", title, key[0], key[1], ";".join(key[2])[:200], key[3])
    sys.exit(1 if failed else 0)


def count(keys):
    out = {}
    for key in keys:
        out[key] = out.get(key, 0) + 1
    return out


def diff(a, b):
    return [key for key, n in a.items() if b.get(key, 0) < n]


if __name__ == "__main__":
    main()
