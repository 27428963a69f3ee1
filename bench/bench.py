"""make bench: the whole way, measured in one run against what a user would use instead (DuckDB).

Usage: bench/bench.py --mingjian BINARY --bare-read BINARY [--lines N] [--work DIR] [--out bench/latest.json]

Everything runs on the same machine in the same run, one after the other, each as its own process: CPU seconds (user + system) and
wall seconds are of the whole process, start to end. Ratios are of CPU seconds. See bench/README.md for what is compared.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import subprocess
import sys
import time

import duckdb

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent
TIMES = 3  # runs of a step that ratios are taken of
ROUNDS = 4  # at most, until the multiplied library hits as often as the one at hand
LINES_PER_PERSON = 62.0  # measured on the synthetic city; only sizes the city, the lines are counted after


def run(name, command, steps, times=1):
    """Runs a command to its end; returns its standard output. Notes CPU, wall and peak memory of it and its children; of several
    times, the one with the least CPU."""
    print(f"── {name}", flush=True)
    for _ in range(times):
        output, step = run_once(name, command)
        print(f"   {step['cpu_s']:8.1f} CPU s {step['wall_s']:8.1f} s {step['peak_rss_mib']:6} MiB", flush=True)
        if name not in steps or step["cpu_s"] < steps[name]["cpu_s"]:
            steps[name] = step
    return output


def run_once(name, command):
    start = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    if process.returncode != 0:
        print(output[-4000:])
        sys.exit(f"{name}: exit code {process.returncode}")
    return output, {"cpu_s": round(cpu, 2), "wall_s": round(wall, 2), "peak_rss_mib": usage.ru_maxrss // 1024}


def persons_of(lines):
    return max(1000, int(lines / LINES_PER_PERSON))


def city_of(mingjian, work, lines, seed, steps):
    """A city of about so many lines, made once per size and seed."""
    city = work / f"city-{persons_of(lines)}-{seed}"
    made = city.with_suffix(".made")
    if not made.exists():
        shutil.rmtree(city, ignore_errors=True)
        run(f"city_{lines}", [mingjian, "city", "--out", city, "--persons", persons_of(lines), "--months", 12, "--seed", seed], steps)
        made.write_text("")
    return city


def machine():
    model = ""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(pages / 2**30, 1), "system": platform.platform()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mingjian", required=True, type=pathlib.Path)
    parser.add_argument("--bare-read", required=True, type=pathlib.Path)
    parser.add_argument("--lines", type=int, default=20_000_000)
    parser.add_argument("--seed", type=int, default=20250101)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target" / "bench")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "latest.json")
    parser.add_argument("--growth", default="79,300,1000")
    args = parser.parse_args()
    mingjian, work = args.mingjian.resolve(), args.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    steps = {}

    # Memory of an import must not grow with the lines: a quarter, half, and all of them.
    memory = {}
    for part in (4, 2):
        small = city_of(mingjian, work, args.lines // part, args.seed, steps)
        shutil.rmtree(work / "small", ignore_errors=True)
        run(f"import_1/{part}", [mingjian, "--workspace", work / "small", "import", small], steps)
        memory[args.lines // part] = steps[f"import_1/{part}"]["peak_rss_mib"]
        shutil.rmtree(small)
        small.with_suffix(".made").unlink()
    shutil.rmtree(work / "small", ignore_errors=True)
    city = city_of(mingjian, work, args.lines, args.seed, steps)

    # (d) import against DuckDB's CSV → sorted Parquet.
    workspace = work / "workspace"
    shutil.rmtree(workspace, ignore_errors=True)
    run("import", [mingjian, "--workspace", workspace, "import", city], steps)
    memory[args.lines] = steps["import"]["peak_rss_mib"]
    run("duckdb_import", [sys.executable, HERE / "duckdb_import.py", city, work / "duckdb"], steps)
    shutil.rmtree(work / "duckdb", ignore_errors=True)

    # (a) the bare read, (b) the screening, kernel rules and group rules apart.
    ids = rule_ids(mingjian, workspace)
    group = sorted(rule for rule in ids if "```sql" in rule_text(rule))
    kernel = sorted(set(ids) - set(group))
    read = json.loads(run("bare_read", [args.bare_read.resolve(), workspace], steps, TIMES))
    screened = json.loads(run("screen", [mingjian, "--json", "--workspace", workspace, "screen", "--rules", ",".join(kernel)], steps, TIMES))
    csv_out = work / "findings.csv"
    run("findings_csv", [mingjian, "--workspace", workspace, "findings", "--format", "csv", "--out", csv_out], steps)
    hit = points_hit(mingjian, workspace, work)

    # (c) the same rules as SQL, one statement a rule kind, on the same lake.
    compared = json.loads(run("duckdb_screen", [sys.executable, HERE / "duckdb_screen.py", workspace, ROOT / "library", csv_out], steps))
    run("group_rules", [mingjian, "--json", "--workspace", workspace, "screen", "--rules", ",".join(group)], steps)

    # (e) 79, 300 and 1,000 rules, kernel rules alone. Points that hit, here or where they were moved to, go home until the hits
    # are those of the library at hand.
    growth = {}
    at_hand = screened["totals"]["findings"]
    for count in [int(n) for n in args.growth.split(",") if n]:
        kept = set(hit)
        for _ in range(ROUNDS):
            shutil.rmtree(workspace / "library", ignore_errors=True)
            (work / "kept.txt").write_text("\n".join(sorted(kept)), encoding="utf-8")
            multiply = [HERE / "multiply.py", ROOT / "library", workspace / "library", str(count), city, work / "kept.txt"]
            subprocess.run([sys.executable, *multiply], check=True)
            ids = ",".join(sorted(set(rule_ids(mingjian, workspace)) - set(group)))
            command = [mingjian, "--json", "--workspace", workspace, "screen", "--rules", ids]
            report = json.loads(run_once(f"screen_{count}", command)[0])
            hits = report["totals"]["findings"]
            if abs(hits - at_hand) <= at_hand * 0.02:
                break
            kept |= points_hit(mingjian, workspace, work)
        run(f"screen_{count}", command, steps, TIMES)
        growth[count] = {"rules": len(report["rules"]), "hits": hits, **steps[f"screen_{count}"]}
    shutil.rmtree(workspace / "library", ignore_errors=True)

    lines = read["lines"]
    cpu = {name: step["cpu_s"] for name, step in steps.items()}
    sizes = sorted(growth)
    result = {
        "lines": lines,
        "persons": persons_of(args.lines),
        "seed": args.seed,
        "findings": screened["totals"]["findings"],
        "evidence_share": compared["evidence_lines"] / lines,
        "screen_over_read": round(cpu["screen"] / cpu["bare_read"], 2),
        "sql_over_screen": round(cpu["duckdb_screen"] / cpu["screen"], 2),
        "sql_rules_equal": compared["equal"],
        "sql_rules_different": compared["different"],
        "sql_errors": compared["errors"],
        "rules_growth": round(growth[sizes[-1]]["cpu_s"] / growth[sizes[0]]["cpu_s"], 2) if len(sizes) > 1 else None,
        "import_over_duckdb": round(cpu["import"] / cpu["duckdb_import"], 2),
        "peak_rss_mib": max(steps[name]["peak_rss_mib"] for name in ("import", "screen")),
        "import_memory_mib": memory,
        "lines_per_cpu_second": round(lines / cpu["screen"]),
        "growth": growth,
        "steps": steps,
        "machine": machine(),
    }
    args.out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({key: value for key, value in result.items() if key not in ("steps", "growth")}, ensure_ascii=False, indent=2))


def rule_ids(mingjian, workspace):
    listed = json.loads(subprocess.run([mingjian, "--json", "--workspace", workspace, "rules", "list"], stdout=subprocess.PIPE, text=True, check=True).stdout)
    return [rule["id"] for rule in (listed["rules"] if isinstance(listed, dict) else listed)]


def points_hit(mingjian, workspace, work):
    """The knowledge points that stand in findings, as `table:point`; rules whose findings name no point, by their id."""
    out = work / "findings.parquet"
    subprocess.run([mingjian, "--workspace", workspace, "findings", "--format", "parquet", "--out", out], stdout=subprocess.DEVNULL, check=True)
    points = duckdb.sql(f"select distinct unnest(points) from '{out}'").fetchall()
    silent = duckdb.sql(f"select distinct rule_id from '{out}' where len(points) = 0").fetchall()
    # A copy's table is `table_of_n012_c3`, its id N012C3.
    named = {re.sub(r"_of_\w+?_c[0-9]+:", ":", point.split(" ")[0]) for (point,) in points}
    return named | {re.sub(r"C[0-9]+$", "", rule) for (rule,) in silent}


def rule_text(rule_id):
    for path in (ROOT / "library" / "rules").rglob(f"{rule_id}-*.md"):
        return path.read_text(encoding="utf-8")
    return ""


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
