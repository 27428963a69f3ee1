-- N049: 分解住院：同人同机构相邻两次住院，间隔不超过 7 天（核心）、8–15 天（观察），主要诊断前三位相同；计划内周期、转院转社区、非医嘱离院豁免。
with stay as (
  select v.*, coalesce((select min(d.code) from diagnosis d where d.mdtrt_id = v.mdtrt_id and d.main), v.dscg_maindiag_code) main
  from net_visit v where v.care = '住院'),
pair as (
  select *, lag(mdtrt_id) over w prev_id, lag(end_time) over w prev_end, lag(main) over w prev_main, lag(dscg_way) over w prev_way
  from stay window w as (partition by psn_no, fixmedins_code order by begin_time, mdtrt_id))
select 'N049' rule_id, '可疑' result, case when gap <= 7 then 'core' else 'watch' end band,
       case when mdtrt_id < prev_id then mdtrt_id || ';' || prev_id else prev_id || ';' || mdtrt_id end evidence, null::decimal(16,2) amount
from (select *, date_diff('day', prev_end::date, begin_time::date) gap from pair where prev_id is not null)
where gap between 0 and 15 and left(main, 3) = left(prev_main, 3)
  and not (main like 'Z51.0%' or main like 'Z51.1%' or main like 'Z51.2%' or main like 'Z51.8%' or main like 'Z49%')
  and coalesce(prev_way, '') not in ('2', '3', '4')
