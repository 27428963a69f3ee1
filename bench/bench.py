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
import resource
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent
LINES_PER_PERSON = 62.0  # measured on the synthetic city; only sizes the city, the lines are counted after


def run(name, command, steps, **kwargs):
    """Runs a command to its end; returns its standard output. Notes CPU, wall and peak memory of it and its children."""
    print(f"── {name}", flush=True)
    start = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True, **kwargs)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    steps[name] = {"cpu_s": round(cpu, 2), "wall_s": round(wall, 2), "peak_rss_mib": usage.ru_maxrss // 1024}
    print(f"   {cpu:8.1f} CPU s {wall:8.1f} s {usage.ru_maxrss // 1024:6} MiB", flush=True)
    if process.returncode != 0:
        print(output[-4000:])
        sys.exit(f"{name}: exit code {process.returncode}")
    return output


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

    # The city, made once per size and seed.
    persons = max(1000, int(args.lines / LINES_PER_PERSON))
    city = work / f"city-{persons}-{args.seed}"
    if not (city / "done").exists():
        shutil.rmtree(city, ignore_errors=True)
        run("city", [mingjian, "city", "--out", city, "--persons", persons, "--months", 12, "--seed", args.seed], steps)
        (city / "done").write_text("")

    # (d) import against DuckDB's CSV → sorted Parquet.
    workspace = work / "workspace"
    shutil.rmtree(workspace, ignore_errors=True)
    run("import", [mingjian, "--workspace", workspace, "import", city], steps)
    run("duckdb_import", [sys.executable, HERE / "duckdb_import.py", city, work / "duckdb"], steps)
    shutil.rmtree(work / "duckdb", ignore_errors=True)

    # (a) the bare read, (b) the screening, kernel rules and group rules apart.
    rules = json.loads(subprocess.run([mingjian, "--json", "rules", "list"], stdout=subprocess.PIPE, text=True, check=True).stdout)
    rules = rules["rules"] if isinstance(rules, dict) else rules
    group = sorted(rule["id"] for rule in rules if "```sql" in rule_text(rule["id"]))
    kernel = sorted(rule["id"] for rule in rules if rule["id"] not in group)
    read = json.loads(run("bare_read", [args.bare_read.resolve(), workspace], steps))
    screened = json.loads(run("screen", [mingjian, "--json", "--workspace", workspace, "screen", "--rules", ",".join(kernel)], steps))
    csv_out = work / "findings.csv"
    run("findings_csv", [mingjian, "--workspace", workspace, "findings", "--format", "csv", "--out", csv_out], steps)

    # (c) the same rules as SQL, one statement a rule kind, on the same lake.
    compared = json.loads(run("duckdb_screen", [sys.executable, HERE / "duckdb_screen.py", workspace, ROOT / "library", csv_out], steps))
    run("group_rules", [mingjian, "--json", "--workspace", workspace, "screen", "--rules", ",".join(group)], steps)

    # (e) 79, 300 and 1,000 rules.
    growth = {}
    for count in [int(n) for n in args.growth.split(",") if n]:
        library = work / f"library-{count}"
        shutil.rmtree(library, ignore_errors=True)
        subprocess.run([sys.executable, HERE / "multiply.py", ROOT / "library", library, str(count), str(city)], check=True)
        shutil.rmtree(workspace / "library", ignore_errors=True)
        shutil.copytree(library, workspace / "library")
        report = json.loads(run(f"screen_{count}", [mingjian, "--json", "--workspace", workspace, "screen"], steps))
        growth[count] = {"hits": report["totals"]["findings"], **steps[f"screen_{count}"]}
    shutil.rmtree(workspace / "library", ignore_errors=True)

    lines = read["lines"]
    cpu = {name: step["cpu_s"] for name, step in steps.items()}
    sizes = sorted(growth)
    result = {
        "lines": lines,
        "persons": persons,
        "seed": args.seed,
        "findings": screened["totals"]["findings"],
        "evidence_share": compared["evidence_lines"] / lines,
        "screen_over_read": round(cpu["screen"] / cpu["bare_read"], 2),
        "sql_over_screen": round(cpu["duckdb_screen"] / cpu["screen"], 2),
        "sql_rules_equal": compared["equal"],
        "sql_rules_different": compared["different"],
        "rules_growth": round(growth[sizes[-1]]["cpu_s"] / growth[sizes[0]]["cpu_s"], 2) if len(sizes) > 1 else None,
        "import_over_duckdb": round(cpu["import"] / cpu["duckdb_import"], 2),
        "peak_rss_mib": max(steps[name]["peak_rss_mib"] for name in ("import", "screen")),
        "lines_per_cpu_second": round(lines / cpu["screen"]),
        "growth": growth,
        "steps": steps,
        "machine": machine(),
    }
    args.out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({key: value for key, value in result.items() if key not in ("steps", "growth")}, ensure_ascii=False, indent=2))


def rule_text(rule_id):
    for path in (ROOT / "library" / "rules").rglob(f"{rule_id}-*.md"):
        return path.read_text(encoding="utf-8")
    return ""


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
