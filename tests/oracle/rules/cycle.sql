-- N031: 项目周期超频次：k.days 天滚动窗口（首日与末日都在内）里的数量超过上限，同机构为违规；跨机构合计为观察。
-- 窗口依次从每一日起，命中的窗口用过就不再用，所以下一个窗口从它之后的第一个命中日起。
with recursive l as materialized (
  select l.*, try_cast(k.days as int) win_days, try_cast(k."limit" as int) max_cnt, scope.who, scope.kind
  from guarded l join k_item_cycle k on k.code = l.item
  cross join lateral (values (l.fixmedins_code, 'core'), ('*', 'watch')) scope(who, kind)),
candidate as materialized (
  select psn_no, item, who, kind, day, win_days from (select distinct psn_no, item, who, kind, day, win_days, max_cnt from l) d
  where (select sum(cnt) from l x where (x.psn_no, x.item, x.who, x.kind) = (d.psn_no, d.item, d.who, d.kind) and x.day between d.day and d.day + (d.win_days - 1)) > d.max_cnt
    and (d.kind = 'core' or (select count(distinct fixmedins_code) from l x where (x.psn_no, x.item, x.who, x.kind) = (d.psn_no, d.item, d.who, d.kind) and x.day between d.day and d.day + (d.win_days - 1)) > 1)),
win as (
  select psn_no, item, who, kind, min(day) as day, any_value(win_days) win_days from candidate group by psn_no, item, who, kind
  union all
  select w.psn_no, w.item, w.who, w.kind, (select min(c.day) from candidate c where (c.psn_no, c.item, c.who, c.kind) = (w.psn_no, w.item, w.who, w.kind) and c.day > w.day + (w.win_days - 1)), w.win_days
  from win w where exists (select 1 from candidate c where (c.psn_no, c.item, c.who, c.kind) = (w.psn_no, w.item, w.who, w.kind) and c.day > w.day + (w.win_days - 1))),
g as (
  select x.*, w.day start_day, sum(x.cnt) over (partition by w.psn_no, w.item, w.who, w.kind, w.day order by x.day, x.t, x.begin_time, x.mdtrt_id, x.bkkp_sn rows between unbounded preceding and current row) running
  from win w join l x on (x.psn_no, x.item, x.who, x.kind) = (w.psn_no, w.item, w.who, w.kind) and x.day between w.day and w.day + (w.win_days - 1))
select 'N031' rule_id, case kind when 'core' then '违规' else '可疑' end result, kind band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence,
  sum(case when running > max_cnt then r2(in_scope * least(cnt, running - max_cnt) / cnt) else 0 end) amount
from g group by psn_no, item, who, kind, start_day
