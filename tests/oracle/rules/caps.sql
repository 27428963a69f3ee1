-- N028: 项目超限定报销总额：一年或一次就诊内纳入范围的金额超过限额的部分，从最后的行往前算。
with l as (
  select l.*, k.point, try_cast(k.cap as double) money_cap, case k.period when '年' then year(l.day)::varchar else l.mdtrt_id end slot
  from guarded l join k_item_caps k on k.code = l.item),
g as (
  select *, sum(in_scope) over (partition by psn_no, point, slot) total,
    sum(in_scope) over (partition by psn_no, point, slot order by t, begin_time, mdtrt_id, bkkp_sn rows between unbounded preceding and current row) running from l)
select 'N028' rule_id, '违规' result, 'core' band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence,
  sum(case when running > money_cap then r2(least(in_scope, running - money_cap)) else 0 end) amount
from g where total > money_cap group by psn_no, point, slot
