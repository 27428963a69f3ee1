-- M20: 医师一天开单超过 150 笔结算，或一分钟内在两家机构都有明细（00:00:00 不算，床位、护理、膳食不算）。每人每日一条。
with l as (select * from line where bilg_dr_code is not null),
busy as (select bilg_dr_code, day from l group by all having count(distinct setl_id) > 150),
clock as (select * from l where t::time <> time '00:00:00' and med_chrgitm_type not in ('01', '07', '14')),
both_places as (
  select distinct a.bilg_dr_code, a.day, a.bkkp_sn from clock a join clock b on a.bilg_dr_code = b.bilg_dr_code and a.day = b.day and a.fixmedins_code <> b.fixmedins_code and abs(date_diff('second', a.t, b.t)) <= 60),
evidence as (
  select l.bilg_dr_code, l.day, l.bkkp_sn from l join busy using (bilg_dr_code, day)
  union select * from both_places)
select 'M20' rule_id, '可疑' result, 'core' band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence, null::decimal(16,2) amount
from evidence group by bilg_dr_code, day
