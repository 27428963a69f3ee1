-- N027: 项目限定频次：每人每机构每项目每日。按小时的入出院日以在院小时（进位）为限，只超在院小时的是观察；单位不是限量单位的是观察。
with l as (
  select l.*, k.point, try_cast(k.per_day as double) per_day, try_cast(k.hours as double) as hours, u.unit is null or list_contains(string_split(k.same_units, ';'), u.unit) same_unit,
    case when l.care <> '住院' then 24
      else ceil(greatest(0, date_diff('second', greatest(l.begin_time, l.day::timestamp), least(coalesce(l.end_time, l.day + interval 1 day), l.day + interval 1 day))) / 3600.0) end as present_hours
  from guarded l join k_item_frequency k on k.code = l.item left join unit u on u.item = l.item),
g as (
  select *, case when hours is not null then max(present_hours) over w else per_day end present, coalesce(hours, per_day) day_cap, sum(cnt) over w total,
    sum(cnt) over (partition by psn_no, fixmedins_code, item, day, point order by t, begin_time, mdtrt_id, bkkp_sn rows between unbounded preceding and current row) running
  from l window w as (partition by psn_no, fixmedins_code, item, day, point))
select 'N027' rule_id, case when same_unit and total > day_cap then '违规' else '可疑' end result, case when same_unit and total > day_cap then 'core' else 'watch' end band,
  string_agg(bkkp_sn, ';' order by bkkp_sn) evidence,
  sum(case when running > present then r2(in_scope * least(cnt, running - present) / cnt) else 0 end) amount
from g where total > present or (same_unit and total > day_cap)
group by psn_no, fixmedins_code, item, day, point, same_unit, total, day_cap
