"""Makes a library of N rules out of the one at hand, for the question: what does one more rule cost?

Usage: multiply.py LIBRARY OUT N CITY_DIR [KEPT_FILE]

Rules that look items up in knowledge tables are copied. Each copy's tables hold an equal share of the points, and the
codes of its points are permuted over items of like frequency in the city (frequency ranks in bands of 16), so that
every copy asks as much of a line as its share of the original did while the total of points stays constant. So that the total of hits
does too, points named in KEPT_FILE (lines `table:point`, or a rule's id for all of its points) keep their codes: those that hit
already, and those that began to hit where they were moved to. Rules without a knowledge table of items stay single; SQL rules are left out, they are measured apart. The permutation is
seeded by rule and copy.
"""

import collections
import csv
import pathlib
import random
import re
import shutil
import sys

BAND = 16


def frequencies(city):
    counts = collections.Counter()
    with open(city / "fee_list_d.csv", encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        position = next(reader).index("med_list_codg")
        for n, row in enumerate(reader):
            counts[row[position]] += 1
            if n == 2_000_000:
                break
    return counts


def read_table(path):
    meta, lines = [], []
    with open(path, encoding="utf-8", newline="") as file:
        for line in file:
            (meta if line.startswith("#!") else lines).append(line)
    reader = csv.DictReader(lines)
    return meta, reader.fieldnames, list(reader)


def permutation(codes, counts, seed):
    """A shuffle within bands of like frequency; codes of one kind (first letter, length) stay among themselves."""
    kinds = collections.defaultdict(list)
    for code in codes:
        kinds[(code[:1] if not code.isdigit() else "0", len(code))].append(code)
    out = {}
    dice = random.Random(seed)
    for kind in sorted(kinds):
        ranked = sorted(kinds[kind], key=lambda code: (-counts[code], code))
        for start in range(0, len(ranked), BAND):
            band = ranked[start : start + BAND]
            mixed = band[:]
            dice.shuffle(mixed)
            out.update(zip(band, mixed))
    return out


def own_table(table, rule_id, copy):
    """Each copy of a rule reads a table of its own, so that no point is asked for twice where rules share a table."""
    return f"{table}_of_{rule_id.lower()}_c{copy}"


def main():
    source, out, wanted, city = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]), pathlib.Path(sys.argv[4])
    kept = set(pathlib.Path(sys.argv[5]).read_text(encoding="utf-8").split("\n")) if len(sys.argv) > 5 else set()
    shutil.copytree(source, out)
    counts = frequencies(city)
    texts = {path: path.read_text(encoding="utf-8") for path in sorted((out / "rules").rglob("*.md"))}
    for path in [path for path, text in texts.items() if "```sql" in text]:
        path.unlink()
        del texts[path]
    rules = list(texts)
    tables = {path.stem: read_table(path) for path in (out / "knowledge").glob("*.csv")}

    def item_tables(text):
        """Tables the rule looks lines' items up in by `for`, and may therefore be split among copies."""
        block = "\n".join(re.findall(r"```rule\n(.*?)```", text, re.S))
        found = re.findall(r"for (?:all |raw )?(?:lines where item|pairs) in (\w+) as", block)
        return sorted(set(found)) if len(set(re.findall(r"\bin (\w+) as", block))) == len(set(found)) else []

    copyable = [path for path in rules if item_tables(texts[path])]
    copies = collections.Counter()
    extra = wanted - len(rules)
    for n in range(max(0, extra)):
        copies[copyable[n % len(copyable)]] += 1

    for path in copyable:
        total = copies[path] + 1
        if total == 1:
            continue
        text = texts[path]
        rule_id = re.search(r'^id = "(\w+)"', text, re.M).group(1)
        for table in item_tables(text):
            meta, columns, rows = tables[table]
            every = sorted({code for row in rows for column in ("codes", "part_codes") for code in (row.get(column) or "").split(";") if code})
            for copy in range(total):
                mix = permutation(every, counts, f"{rule_id}-{copy}") if copy else {code: code for code in every}
                # More copies than points: the rest have one whose codes nobody charges.
                spare = {column: "X" + rows[0][column].split(";")[0] for column in ("codes", "part_codes") if rows[0].get(column)}
                own = [row for i, row in enumerate(rows) if i % total == copy]
                share = own or [dict(rows[0], **spare, **{columns[0]: "spare"})]
                with open(out / "knowledge" / f"{own_table(table, rule_id, copy)}.csv", "w", encoding="utf-8", newline="") as file:
                    file.writelines(meta)
                    writer = csv.DictWriter(file, columns, lineterminator="\n")
                    writer.writeheader()
                    for row in share:
                        row = dict(row)
                        moved = own and rule_id not in kept and f"{table}:{row[columns[0]]}" not in kept
                        for column in ("codes", "part_codes"):
                            if moved and row.get(column):
                                row[column] = ";".join(mix[code] for code in row[column].split(";"))
                        writer.writerow(row)
        for copy in range(total):
            copied = text
            if copy:
                copied = re.sub(r'^id = "(\w+)"', rf'id = "\1C{copy}"', copied, count=1, flags=re.M)
                copied = re.sub(r'^name = "(\w+)"', rf'name = "\1_c{copy}"', copied, count=1, flags=re.M)
            for table in item_tables(text):
                own = own_table(table, rule_id, copy)
                lines = copied.split("\n")
                copied = "\n".join(line if line.startswith("name = ") else re.sub(rf"\b{table}\b", own, line) for line in lines)
            # The examples speak of the original's points.
            name = re.search(r'^name = "(\w+)"', text, re.M).group(1)
            target = path.parent / f"{rule_id}C{copy}-{name}_c{copy}.md" if copy else path
            target.write_text(copied, encoding="utf-8")
            texts[target] = copied
    # Tables that every reader has a share of are nobody's any more.
    for table in {table for path in copyable for table in item_tables((source / path.relative_to(out)).read_text(encoding="utf-8"))}:
        if not any(re.search(rf"\bin {table}\b", text) for text in texts.values()):
            (out / "knowledge" / f"{table}.csv").unlink()


if __name__ == "__main__":
    main()
