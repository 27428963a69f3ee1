-- N026: 项目分解收费：同机构同日收了组合的各分项，合计高于组合价；不到全部但到观察数的为观察。超出部分从最后的行往前，折到范围内。
with l as (
  select l.*, k.point, try_cast(k.parts as int) parts, try_cast(k.watch_parts as int) watch_parts,
    try_cast(case l.level when 3 then k.price3 when 2 then k.price2 else k.price1 end as double) bundle
  from guarded l join k_item_bundles k on k.code = l.item),
g as (
  select *, count(distinct item) over w kinds, sum(amt) over w total, last_value(bundle) over (partition by psn_no, fixmedins_code, day, point order by t, begin_time, mdtrt_id, bkkp_sn rows between unbounded preceding and unbounded following) price,
    sum(amt) over (partition by psn_no, fixmedins_code, day, point order by t, begin_time, mdtrt_id, bkkp_sn rows between unbounded preceding and current row) running
  from l window w as (partition by psn_no, fixmedins_code, day, point))
select 'N026' rule_id, case when kinds >= parts then '违规' else '可疑' end result, case when kinds >= parts then 'core' else 'watch' end band,
  string_agg(bkkp_sn, ';' order by bkkp_sn) evidence, sum(case when running > price then r2(in_scope * least(amt, running - price) / amt) else 0 end) amount
from g where kinds >= watch_parts and total > price
group by psn_no, fixmedins_code, day, point, kinds, parts
