"""Writes the attribute rules of the library as a decision of GoRules ZEN (JDM): one decision table, looped over the lines of a request.

Usage: zen_rules.py LIBRARY ROWS OUT.json

Modelled are the rules that look at one line and its visit alone: N001 N002 N007 N012 N013 N065 N067 N080 N081, with the points in force today.
A row has the codes of one rule under one condition; groups are cut so that there are ROWS rows, which ZEN's index of a table's
text column makes cheap. Sex is a column of its own, everything else a condition in ZEN's language.
"""

import csv
import datetime
import json
import pathlib
import sys

RANK = {"一级": 1, "二级": 2, "三级": 3}


def points(library, table):
    today = str(datetime.date.today())
    with open(library / "knowledge" / f"{table}.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#!")):
            if (row.get("valid_from") or "") <= today <= (row.get("valid_to") or "9999"):
                yield row, [code for code in row["codes"].split(";") if code]


def years(text):
    return int(text.removesuffix("岁"))


def groups(library):
    """(rule, sex cell, condition) → codes"""
    found = {}

    def put(rule, codes, sex="", condition=""):
        found.setdefault((rule, sex, condition), []).extend(codes)

    for rule, table in (("N067", "drug_sex"), ("N081", "item_sex")):
        for row, codes in points(library, table):
            put(rule, codes, sex='"1"' if row["sex"] == "女" else '"2"')
    for rule, table in (("N065", "drug_child_only"), ("N007", "drug_child_limited"), ("N080", "item_child")):
        for row, codes in points(library, table):
            if row.get("below_age"):
                put(rule, codes, condition=f"age >= {years(row['below_age'])}")
            if row.get("min_age"):
                put(rule, codes, condition=f"age < {years(row['min_age'])}")
    for row, codes in points(library, "drug_level"):
        put("N012", codes, condition=f"level >= 1 and level < {RANK[row['level']]} and care != '购药'")
    for row, codes in points(library, "drug_care"):
        allowed = ", ".join(f"'{care}'" for care in row["care"].replace("、", ";").split(";"))
        put("N013", codes, condition=f"not (care in [{allowed}])")
    for row, codes in points(library, "drug_injury_only"):
        put("N001", codes)
    for row, codes in points(library, "drug_maternity_only"):
        put("N002", codes, condition="not (medType in ['51', '52', '53']) and insutype != '510'")
    return found


def cut(found, wanted):
    """Groups in `wanted` rows, the largest cut most."""
    total = sum(len(codes) for codes in found.values())
    rows = []
    for (rule, sex, condition), codes in sorted(found.items()):
        codes = sorted(set(codes))
        parts = max(1, min(len(codes), round(wanted * len(codes) / total)))
        for part in range(parts):
            rows.append((rule, sex, condition, codes[part::parts]))
    return rows


def main():
    library, wanted, out = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
    found = groups(library)
    rows = next(rows for aim in range(wanted, 0, -1) if len(rows := cut(found, aim)) <= wanted or aim == 1)
    table = {
        "hitPolicy": "collect", "executionMode": "loop", "inputField": "lines", "outputPath": "hits", "passThrough": False,
        "inputs": [
            {"id": "code", "name": "code", "field": "code"}, {"id": "sex", "name": "sex", "field": "sex"}, {"id": "cond", "name": "condition"},
        ],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": [
            {"_id": str(number), "code": ", ".join(f'"{code}"' for code in codes), "sex": sex, "cond": condition, "rule": f'"{rule}"'}
            for number, (rule, sex, condition, codes) in enumerate(rows)
        ],
    }
    graph = {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode", "content": {}},
            {"id": "table", "name": "rules", "type": "decisionTableNode", "content": table},
            {"id": "out", "name": "out", "type": "outputNode", "content": {}},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }
    out.write_text(json.dumps(graph, ensure_ascii=False), encoding="utf-8")
    print(json.dumps({"rows": len(rows), "points": sum(len(codes) for _, _, _, codes in rows)}))


if __name__ == "__main__":
    main()
