-- M19: 床位超核：某月有 7 天及以上，当日有净明细的住院（不算出院当天）超过核定床位的 1.1 倍。
with occupied as (
  select distinct v.fixmedins_code, l.day, v.mdtrt_id
  from line l join net_visit v using (mdtrt_id)
  where v.care = '住院' and (v.end_time is null or l.day < v.end_time::date) and l.day >= v.begin_time::date),
daily as (select fixmedins_code, day, count(*) beds from occupied group by all),
over as (
  select d.*, b.beds licensed from daily d join (
    select fixmedins_code, max(try_cast(aprv_bed_cnt as int)) beds from fixmedins_b group by 1) b using (fixmedins_code)
  where b.beds > 0 and d.beds > 1.1 * b.beds)
select 'M19' rule_id, '可疑' result, 'core' band,
       (select string_agg(distinct mdtrt_id, ';') from occupied x where x.fixmedins_code = o.fixmedins_code and x.day in (select day from over y where y.fixmedins_code = o.fixmedins_code and date_trunc('month', y.day) = o.month)) evidence,
       null::decimal(16,2) amount
from (select fixmedins_code, date_trunc('month', day) as month, count(*) as days from over group by all having count(*) >= 7) o
