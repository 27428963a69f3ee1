"""The counter under load, over loopback, on one machine with the generator: throughput and times at rising load, rules swapped meanwhile, a
soak with a kill in the middle, and GoRules ZEN on the same requests.

Usage: bench.py --mingjian BINARY --grow BINARY [--zen BINARY] [--persons 1000000] [--city 20000] [--seconds 20] [--soak 600]
                [--work DIR] [--out bench/counter/latest.json]

Steps: a city of --city persons and a year up to today, imported, its history built and grown to --persons (everybody again under other
numbers); bodies of 20 and 200 lines out of it; the library at hand, multiplied to 300 and to 1,000 rules. At each rate the open loop of
`mingjian his-sim` sends for --seconds, times counted from the moment a call was due. See bench/counter/README.md.
"""

import argparse
import csv
import datetime
import json
import os
import pathlib
import platform
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
RATES = {20: [250, 500, 1000, 1500, 2000, 3000, 4000], 200: [50, 100, 200, 300, 450]}
RULES = [None, 300, 1000]
CONNECTIONS = 64
# Each step and where its results stand.
STEPS = {"rising": "runs", "kernel": "judging", "swap": "swap", "soak": "soak", "zen": "zen"}
TICK = os.sysconf("SC_CLK_TCK")


def machine():
    models = [line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"cpu": models[0] if models else "", "cores": os.cpu_count(), "memory_gib": round(pages / 2**30, 1), "system": platform.platform()}


def say(text):
    print(f"── {text}", flush=True)


def run(*command):
    """Standard output of a command that must succeed."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}")
    return done.stdout


class Server:
    """`mingjian serve` on a workspace; ended with the block."""

    def __init__(self, mingjian, workspace, port=0, deadline=300):
        self.log = open(workspace / "serve.log", "a", encoding="utf-8")
        command = [mingjian, "--workspace", workspace, "serve", "--listen", f"127.0.0.1:{port}", "--deadline", str(deadline)]
        begun = time.monotonic()
        self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=self.log, text=True)
        said = ""
        for line in self.process.stdout:
            said += line
            if "规则 " in line:
                break
        self.start_s = round(time.monotonic() - begun, 2)
        if "应答 3101" not in said or "规则 " not in said:
            self.process.kill()
            sys.exit(f"serve: {said}{(workspace / 'serve.log').read_text(encoding='utf-8')[-2000:]}")
        self.address = next(line for line in said.splitlines() if "应答 3101" in line).split("://")[1].split(" ")[0]
        self.rules = int(said.split("规则 ")[1].split(" 条")[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.log.close()

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def peak_mib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
        return 0

    def figures(self):
        text = urllib.request.urlopen(f"http://{self.address}/metrics").read().decode()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))}


def load(mingjian, server, bodies, rate, seconds):
    """One rate for so long; what came of it, with the processor time of both sides."""
    before = server.cpu()
    command = [mingjian, "--json", "his-sim", "--to", server.address, "--calls-from", bodies, "--rate", rate, "--seconds", seconds,
               "--connections", CONNECTIONS]
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"his-sim: exit code {process.returncode}")
    seen = json.loads(text)
    seen["server_cpu_s"] = round(server.cpu() - before, 2) if server.process.poll() is None else None
    seen["generator_cpu_s"] = round(usage.ru_utime + usage.ru_stime, 2)
    return seen


def holds(seen):
    """Whether the counter keeps up: nothing late or shed but a call in a hundred."""
    lost = seen["late"] + seen["shed"] + seen["light"] + seen["broken"]
    return seen["rate"] >= 0.97 * seen["rate_asked"] and lost <= seen["calls"] / 100


def judged(workspace, lines):
    """Microseconds of the judge stage (history, kernel, manners) of calls of so many lines, from the traces."""
    micros = []
    for path in sorted((workspace / "counter").glob("traces*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            span = json.loads(line)
            if span["name"] == "judge":
                micros.append(span["duration_us"])
    micros.sort()
    at = lambda share: micros[min(len(micros) - 1, int(len(micros) * share))] if micros else None  # noqa: E731
    return {"lines": lines, "calls": len(micros), "p50_us": at(0.5), "p99_us": at(0.99)}


def settings(workspace, traces=False):
    """No budget of interruptions and no shares: every reminder goes out, as the load is of few doctors."""
    (workspace / "counter.toml").write_text(f"budget = 1000000\n[log]\ncalls = true\ntraces = {str(traces).lower()}\n", encoding="utf-8")


def place(workspace, library):
    """Puts a library in the workspace as one step, as a region would."""
    target, old = workspace / "library", workspace / "library.old"
    if target.exists():
        target.rename(old)
    if library:
        fresh = workspace / "library.new"
        shutil.copytree(library, fresh)
        fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def fill_points(library, wanted):
    """Points nobody charges are added until there are so many codes; how many there are."""
    files = {}
    for path in sorted((library / "knowledge").glob("*.csv")):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        meta = [line for line in lines if line.startswith("#!")]
        reader = csv.DictReader(line for line in lines if not line.startswith("#!"))
        rows = list(reader)
        if rows and "codes" in rows[0] and "_c" in path.stem:
            files[path] = (meta, reader.fieldnames, rows)
    count = lambda row: len(row["codes"].split(";"))  # noqa: E731
    total = sum(count(row) for _, _, rows in files.values() for row in rows)
    round_ = 0
    while files and total < wanted:
        round_ += 1
        for _, columns, rows in files.values():
            row = dict(rows[0])
            row[columns[0]] = f"{row[columns[0]]}-more{round_}"
            row["codes"] = ";".join(f"Y{code}{round_}" for code in row["codes"].split(";"))
            for column in ("supersedes", "part_codes"):
                if row.get(column) and column == "supersedes":
                    row[column] = ""
            rows.append(row)
            total += count(row)
    for path, (meta, columns, rows) in files.items():
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.writelines(meta)
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return total


def prepare(arguments, work):
    """The workspace with its history, the bodies, the libraries."""
    workspace, city = work / "workspace", work / "city"
    facts = work / "facts.json"
    if not facts.exists():
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        month = datetime.date.today().replace(day=1)
        year_ago = month.replace(year=month.year - 1)
        say(f"a city of {arguments.city} persons, {year_ago:%Y-%m} to today")
        run(arguments.mingjian, "city", "--out", city, "--persons", arguments.city, "--months", 12, "--from", f"{year_ago:%Y-%m}", "--seed", 20250101)
        run(arguments.mingjian, "--workspace", workspace, "import", city)
        begun = time.monotonic()
        built = json.loads(run(arguments.mingjian, "--workspace", workspace, "--json", "history", "rebuild"))
        built["seconds"] = round(time.monotonic() - begun, 1)
        say(f"its history grown to {arguments.persons} persons")
        history, small = workspace / "counter/history.redb", work / "small.redb"
        history.rename(small)
        grown = json.loads(run(arguments.grow, small, history, arguments.persons))
        small.unlink()
        copies = -(-arguments.persons // built["persons"])
        for lines in RATES:
            run(sys.executable, HERE / "calls.py", city, work / f"calls{lines}.jsonl", "--lines", lines, "--count", 2000 if lines < 100 else 500,
                "--copies", copies)
        for count in RULES[1:]:
            run(sys.executable, HERE.parent / "multiply.py", ROOT / "library", work / f"library{count}", count, city)
        points = fill_points(work / f"library{RULES[-1]}", 100_000)
        facts.write_text(json.dumps({"rebuilt": built, "history": grown, "points_of_the_largest_library": points}))
    return workspace, json.loads(facts.read_text())


def rising(arguments, workspace, work, out):
    for count in RULES:
        place(workspace, work / f"library{count}" if count else None)
        settings(workspace)
        for lines, rates in RATES.items():
            with Server(arguments.mingjian, workspace) as server:
                bodies = work / f"calls{lines}.jsonl"
                load(arguments.mingjian, server, bodies, rates[0], max(2, arguments.seconds // 4))
                for rate in rates:
                    seen = {"rules": server.rules, "lines": lines, **load(arguments.mingjian, server, bodies, rate, arguments.seconds)}
                    seen["server_peak_mib"], seen["start_s"] = server.peak_mib(), server.start_s
                    out["runs"].append(seen)
                    say(f"{server.rules} rules, {lines} lines, {rate}/s: {seen['rate']}/s, p50 {seen['p50_ms']} ms, p99 {seen['p99_ms']} ms, "
                        f"p99.9 {seen['p999_ms']} ms, late {seen['late']}, shed {seen['shed']}, light {seen['light']}, broken {seen['broken']}")
                    if not holds(seen):
                        break


def kernel(arguments, workspace, work, out):
    """How much of a call is judging, at a load that leaves the machine idle."""
    for count in RULES:
        place(workspace, work / f"library{count}" if count else None)
        for lines in RATES:
            for path in (workspace / "counter").glob("traces*.jsonl"):
                path.unlink()
            settings(workspace, traces=True)
            with Server(arguments.mingjian, workspace) as server:
                load(arguments.mingjian, server, work / f"calls{lines}.jsonl", 40, max(5, arguments.seconds // 2))
                rules = server.rules
            out["judging"].append({"rules": rules, **judged(workspace, lines)})
            say(f"judging: {out['judging'][-1]}")
    settings(workspace)


def swap(arguments, workspace, work, out):
    """The largest library is put in place in the middle of a steady load; no call may be lost by it."""
    place(workspace, None)
    settings(workspace)
    with Server(arguments.mingjian, workspace) as server:
        rate, seen = RATES[20][0], {}
        loading = threading.Thread(target=lambda: seen.update(load(arguments.mingjian, server, work / "calls20.jsonl", rate, arguments.seconds)))
        before = server.figures()
        loading.start()
        time.sleep(arguments.seconds / 4)
        place(workspace, work / f"library{RULES[-1]}")
        while loading.is_alive() and server.figures()["mingjian_swaps_total"] == before["mingjian_swaps_total"]:
            time.sleep(0.2)
        under_load = loading.is_alive()
        loading.join()
        after = server.figures()
        moved = {name: int(after[f"mingjian_{name}_total"] - before[f"mingjian_{name}_total"]) for name in ("swaps", "shed", "late", "light")}
        out["swap"] = {"under_load": under_load, "rules_before": server.rules, "rules_after": int(after["mingjian_rules"]),
                       "swap_s": after["mingjian_swap_seconds"], "rate": rate, "calls": seen["calls"],
                       "drops": seen["broken"] + seen["refused"] + moved["shed"] + moved["late"], **moved, "p99_ms": seen["p99_ms"], "max_ms": seen["max_ms"]}
        say(f"swap: {out['swap']}")


def soak(arguments, workspace, work, out):
    """Half the load of the floor with settlements beside, killed in the middle: everything acknowledged is there afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    before = json.loads(run(arguments.mingjian, "--workspace", workspace, "--json", "history", "info"))["visits"]
    place(workspace, None)
    settings(workspace)
    server, done = Server(arguments.mingjian, workspace, port), threading.Event()
    told = {"acknowledged": 0, "sent": 0}

    def settle():
        stamp = int(time.time())
        while not done.is_set():
            number = told["sent"]
            told["sent"] += 1
            body = {"settlements": [{"psn_no": f"SOAK{number % 100}", "mdtrt_id": f"SOAK{stamp}-{number}", "setl_id": f"S{number}",
                                     "fixmedins_code": "H61030000001", "fee_list_d": [{"bkkp_sn": "1", "cnt": 1, "pric": 1, "det_item_fee_sumamt": 1}]}]}
            try:
                request = urllib.request.Request(f"http://127.0.0.1:{port}/settlements", json.dumps(body).encode(), {"content-type": "application/json"})
                told["acknowledged"] += json.loads(urllib.request.urlopen(request, timeout=10).read())["output"]["accepted"]
            except OSError:
                time.sleep(0.05)
            time.sleep(0.01)

    seen = {}
    rate = 500
    loading = threading.Thread(target=lambda: seen.update(load(arguments.mingjian, server, work / "calls20.jsonl", rate, arguments.soak)))
    settling = threading.Thread(target=settle)
    loading.start()
    settling.start()
    time.sleep(arguments.soak / 2)
    server.process.kill()
    server.process.wait()
    down = time.monotonic()
    again = Server(arguments.mingjian, workspace, port)
    down = time.monotonic() - down
    loading.join()
    done.set()
    settling.join()
    peak = again.peak_mib()
    again.__exit__()
    server.log.close()
    after = json.loads(run(arguments.mingjian, "--workspace", workspace, "--json", "history", "info"))["visits"]
    kept = after - before
    out["soak"] = {"seconds": arguments.soak, "rate": rate, "calls": seen["calls"], "broken_while_down": seen["broken"], "down_s": round(down, 2),
                   "p50_ms": seen["p50_ms"], "p99_ms": seen["p99_ms"], "p999_ms": seen["p999_ms"], "settlements_acknowledged": told["acknowledged"],
                   "settlements_found": kept, "lost": max(0, told["acknowledged"] - kept), "server_peak_mib": peak}
    say(f"soak: {out['soak']}")
    if kept < told["acknowledged"] or kept > told["sent"]:
        sys.exit("soak: settlements that were acknowledged are not there")


def zen(arguments, workspace, work, out):
    """ZEN on the same bodies; hits compared on the rules both have, where ours speak from the first day."""
    with Server(arguments.mingjian, workspace, deadline=20_000) as server:
        ours = [our_hits(server, body, number) for number, body in enumerate((work / "calls20.jsonl").read_text(encoding="utf-8").splitlines()[:500])]
    for rows in (79, 300, 1000):
        made = json.loads(run(sys.executable, HERE / "zen_rules.py", ROOT / "library", rows, work / "zen.json"))
        for lines in RATES:
            seen = json.loads(run(arguments.zen, work / "zen.json", work / f"calls{lines}.jsonl", 2000))
            theirs = seen.pop("hits")
            result = {**made, "lines": lines, **seen}
            if lines == 20:
                comparable = [{hit for hit in hits if hit.split(" ")[0] in SPEAKING} for hits in theirs]
                result["calls_with_equal_hits"] = sum(a == b for a, b in zip(ours, comparable))
                result["calls_compared"] = len(ours)
                result["hits"] = sum(map(len, comparable))
            out["zen"].append(result)
            say(f"zen: {result}")


# Of the rules ZEN has, those whose outcome is 违规: the others are silent until they have proved themselves.
SPEAKING = {"N001", "N002", "N007", "N013", "N065", "N067", "N080", "N081"}


def our_hits(server, body, number):
    body = json.loads(body.replace("@@@@@@@@", f"{90_000_000 + number:08}"))
    orders = body["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0]["fsi_order_dtos"]
    codes = {order["rx_id"]: order["hilist_code"] for order in orders}
    request = urllib.request.Request(f"http://{server.address}/fsi", json.dumps(body).encode(), {"content-type": "application/json"})
    results = json.loads(urllib.request.urlopen(request).read())["output"]["result"]
    details = [(result["rule_id"], detail) for result in results if result["rule_id"] in SPEAKING for detail in result["judge_result_detail_dtos"]]
    return {f"{rule} {codes[detail['rx_id']]}" for rule, detail in details if detail["rx_id"] in codes}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mingjian", type=pathlib.Path, required=True)
    parser.add_argument("--grow", type=pathlib.Path, required=True)
    parser.add_argument("--zen", type=pathlib.Path)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--city", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--soak", type=int, default=0)
    parser.add_argument("--only", default="rising,kernel,swap,soak,zen")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "target/bench-counter")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "latest.json")
    arguments = parser.parse_args()
    only = arguments.only.split(",")
    workspace, facts = prepare(arguments, arguments.work)
    out = {"at": datetime.datetime.now().isoformat(timespec="minutes"), "machine": machine(), "persons": arguments.persons, "seconds": arguments.seconds,
           **facts, "runs": [], "judging": [], "swap": None, "soak": None, "zen": []}
    # Steps measured before with as many persons stay as they are, so that one step can be measured anew.
    before = json.loads(arguments.out.read_text(encoding="utf-8")) if arguments.out.exists() else {}
    if before.get("persons") == arguments.persons:
        out.update({key: before[key] for step, key in STEPS.items() if step not in only})
    if "rising" in only:
        rising(arguments, workspace, arguments.work, out)
    if "kernel" in only:
        kernel(arguments, workspace, arguments.work, out)
    if "swap" in only:
        swap(arguments, workspace, arguments.work, out)
    if "soak" in only and arguments.soak:
        soak(arguments, workspace, arguments.work, out)
    if "zen" in only and arguments.zen:
        place(workspace, None)
        zen(arguments, workspace, arguments.work, out)
    arguments.out.write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    say(f"written: {arguments.out}")


if __name__ == "__main__":
    main()
