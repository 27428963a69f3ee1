"""召回与误报: what of the planted acts the findings saw, per scenario, and how many legal look-alikes were hit.

Usage: python tests/recall.py CITY_DIR FINDINGS_CSV [--min-recall SHARE] [--max-false SHARE]

An act is seen when a finding of its rule rests on one of its rows: a fee line, a settlement or a visit of the act, or, for findings
about an institution or practitioner, the act's institution. Prints a table; with bounds, exit code 1 where a scenario that is in
the library falls outside them.
"""

import argparse
import collections
import csv
import pathlib
import sys

csv.field_size_limit(1 << 30)


def ids(text):
    return {part for part in (text or "").split(";") if part}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("city", type=pathlib.Path)
    parser.add_argument("findings", type=pathlib.Path)
    parser.add_argument("--min-recall", type=float)
    parser.add_argument("--max-false", type=float)
    args = parser.parse_args()

    rows_of = collections.defaultdict(set)  # rule → evidence and subject ids of its findings
    places_of = collections.defaultdict(set)  # rule → institutions its subject-less findings are about
    with open(args.findings, encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            rule = row["rule_id"]
            rows_of[rule] |= ids(row["evidence"])
            if row["evidence_table"] == "setl_list_diag_d":
                rows_of[rule].add(row["mdtrt_id"])
            if not row["psn_no"] and row["evidence_table"] != "selinfo_3505":
                places_of[rule].add(row["fixmedins_code"])

    acts = collections.OrderedDict()
    with open(args.city / "truth.csv", encoding="utf-8-sig", newline="") as file:
        for act in csv.DictReader(file):
            key = (act["scenario"], act["legal"], act["rule_or_model"], act["in_library"])
            stats = acts.setdefault(key, [0, 0, []])
            stats[0] += 1
            rows = ids(act["lines"]) | ids(act["setl_id"]) | ids(act["mdtrt_id"])
            rows |= {"R" + setl_id[1:] for setl_id in ids(act["setl_id"])}  # the receipt of a sale, as the city numbers them
            seen = any(
                rows & rows_of[rule] or ids(act["fixmedins_code"]) & places_of[rule]
                for rule in ids(act["rule_or_model"].replace(" ", ";"))
            )
            if seen:
                stats[1] += 1
            else:
                stats[2].append(act["act_id"])

    failed = False
    print(f"{'场景':<34}{'性质':<6}{'规则':<14}{'在库':<5}{'个数':>8}{'命中':>8}{'比例':>9}")
    for (scenario, legal, rule, in_library), (total, seen, missed) in acts.items():
        share = seen / total
        bad = in_library == "1" and (
            (legal == "1" and args.max_false is not None and share > args.max_false)
            or (legal != "1" and args.min_recall is not None and share < args.min_recall)
        )
        failed |= bad
        note = " ←" + ("误报" if legal == "1" else "漏 " + " ".join(missed[:3])) if bad else ""
        print(f"{scenario:<34}{'合法' if legal == '1' else '违规':<6}{rule:<14}{in_library:<5}{total:>8}{seen:>8}{share:>9.1%}{note}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
