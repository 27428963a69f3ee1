"""Makes bodies of 3101 out of a city: real persons of the history, real items at their frequency. One body a line.

Usage: calls.py CITY OUT --lines 20 --count 2000 [--copies 1] [--seed 1]

`@@@@@@@@` stands where the number of the call goes (`mingjian his-sim --calls-from`), so that each call is of a visit and of lines of its
own. `--copies`: how many times everybody is in the history (`grow_history`).
"""

import argparse
import collections
import csv
import datetime
import json
import pathlib
import random

MARK = "@@@@@@@@"


def rows(path, most=None):
    with open(path, encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            if most and number >= most:
                return
            yield row


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("city", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--lines", type=int, default=20)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    dice = random.Random(arguments.seed)
    persons = {row["psn_no"]: row for row in rows(arguments.city / "psn_info_b.csv")}
    visits = [row for row in rows(arguments.city / "mdtrt_d.csv") if row["psn_no"] in persons]
    levels = {row["fixmedins_code"]: row["hosp_lv"] for row in rows(arguments.city / "fixmedins_b.csv")}
    diagnoses = collections.defaultdict(list)
    for row in rows(arguments.city / "setl_list_diag_d.csv"):
        diagnoses[row["mdtrt_id"]].append(row)
    own, pool = collections.defaultdict(list), []
    for row in rows(arguments.city / "fee_list_d.csv", 1_000_000):
        if float(row["cnt"]) > 0:
            own[row["mdtrt_id"]].append(row)
            pool.append(row)
    now = datetime.datetime.now().replace(microsecond=0)
    with open(arguments.out, "w", encoding="utf-8") as file:
        for visit in dice.sample(visits, min(arguments.count, len(visits))):
            lines = own[visit["mdtrt_id"]][: arguments.lines]
            lines += dice.choices(pool, k=arguments.lines - len(lines))
            body = call(visit, persons[visit["psn_no"]], lines, levels, diagnoses[visit["mdtrt_id"]], dice.randrange(arguments.copies), now)
            file.write(json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n")


def call(visit, person, lines, levels, diagnoses, copy, now):
    institution, inpatient = visit["fixmedins_code"], visit["med_type"][:1] == "2"
    doctor = lines[0]["bilg_dr_code"]
    orders = [
        {
            "rx_id": f"R{MARK}-{number}", "rxno": f"X{MARK}", "long_drord_flag": "0", "hilist_type": line["list_type"],
            "chrg_type": line["med_chrgitm_type"], "drord_bhvr": "0", "hilist_code": line["med_list_codg"], "hilist_name": line["hilist_name"],
            "hilist_dosform": line["dosform_name"], "hilist_lv": line["chrgitm_lv"], "hosplist_code": line["medins_list_codg"],
            "hosplist_name": line["medins_list_name"], "cnt": line["cnt"], "pric": line["pric"], "sumamt": line["det_item_fee_sumamt"],
            "ownpay_amt": line["fulamt_ownpay_amt"] or "0", "selfpay_amt": "0", "spec": line["spec"], "spec_unt": "盒",
            "drord_begn_date": str(now), "drord_stop_date": "", "drord_dept_codg": line["bilg_dept_codg"],
            "drord_dept_name": line["bilg_dept_name"], "drord_dr_codg": doctor, "drord_dr_name": "某医师", "drord_dr_profttl": "3",
            "curr_drord_flag": "1",
        }
        for number, line in enumerate(lines)
    ]
    encounter = {
        "mdtrt_id": f"V{MARK}", "medins_id": institution, "medins_name": visit["fixmedins_name"], "medins_admdvs": "610300", "medins_type": "1",
        "medins_lv": levels.get(institution, ""), "adm_date": str(now - datetime.timedelta(days=3 if inpatient else 0)), "dscg_date": str(now),
        "dscg_main_dise_codg": visit["dscg_maindiag_code"], "dscg_main_dise_name": "", "dr_codg": doctor, "adm_dept_codg": lines[0]["bilg_dept_codg"],
        "med_mdtrt_type": "2" if inpatient else "1", "med_type": visit["med_type"], "matn_stas": "0", "medfee_sumamt": "0", "setl_totlnum": "0",
        "insutype": visit["insutype"], "reim_flag": "0", "out_setl_flag": "0",
        "fsi_diagnose_dtos": [
            {"dise_id": row["setl_list_diag_id"], "inout_dise_type": "1", "maindise_flag": row["maindiag_flag"], "dias_srt_no": str(number + 1),
             "dise_codg": row["diag_code"], "dise_name": row["diag_name"], "dise_date": str(now)}
            for number, row in enumerate(diagnoses)
        ],
        "fsi_order_dtos": orders,
    }
    patient = {
        "patn_id": person["psn_no"] + (f"-{copy}" if copy else ""), "patn_name": "某人", "gend": person["gend"], "brdy": person["brdy"],
        "poolarea": "610300", "curr_mdtrt_id": f"V{MARK}", "fsi_encounter_dtos": [encounter],
    }
    return {
        "infno": "3101", "msgid": f"{institution}{now:%Y%m%d}{MARK}", "mdtrtarea_admvs": "610300", "insuplc_admdvs": "610300",
        "infver": "V1.0", "inf_time": str(now), "fixmedins_code": institution, "fixmedins_soft_fcty": "bench", "opter": doctor,
        "input": {"data": {"syscode": "BENCH", "trig_scen": "4" if inpatient else "2", "patient_dtos": [patient]}},
    }


if __name__ == "__main__":
    main()
