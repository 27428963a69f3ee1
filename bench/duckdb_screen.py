"""The peer of the screening: the kernel's rules as SQL in DuckDB, one statement a rule kind, on the same lake.

Usage: duckdb_screen.py WORKSPACE LIBRARY FINDINGS_CSV. The statements are those of tests/oracle: base.sql (void settlements, folded
reversals, scope), then one file a rule kind. Prints as JSON how many rules agree with our findings, finding by finding.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests" / "oracle"))
import oracle  # noqa: E402

GROUP_RULES = {"december.sql", "beds.sql", "doctor.sql", "trace.sql", "stock.sql"}


def main():
    workspace, library, findings = map(pathlib.Path, sys.argv[1:4])
    db = oracle.connect()
    db.execute(f"set threads=2; set memory_limit='14GB'; set temp_directory='{workspace}/duckdb_tmp'")
    oracle.load_lake(db, workspace)
    oracle.load_knowledge(db, library / "knowledge")
    theirs, errors = oracle.run_rules(db, skip=GROUP_RULES)
    ours = oracle.load_findings(findings)
    rules = sorted(set(theirs) | set(ours))
    different = [rule for rule in rules if oracle.count(ours.get(rule, [])) != oracle.count(theirs.get(rule, []))]
    evidence = {key for rows in ours.values() for row in rows for key in row[2]}
    print(json.dumps({"equal": len(rules) - len(different), "different": different, "errors": errors, "evidence_lines": len(evidence)}, ensure_ascii=False))


if __name__ == "__main__":
    main()
