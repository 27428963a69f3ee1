-- N014: 单价高于限价：明细上的定价上限（>0），否则目录价（机构等级、费用日；子项没有价用前 11 位的上级）。高出部分折到范围内，减去已列超限价自费的。
with grp as (select hilist_code code, hosp_lv_grp lv, try_cast(begndate as date) b, coalesce(try_cast(enddate as date), date '9999-12-31') e, try_cast(hilist_pric_uplmt_amt as decimal(16,6)) price from hilist_price_b),
priced as (
  select l.*, case when l.cap > 0 then l.cap else coalesce(
      (select max(price) from grp where code = l.item and lv = l.level::varchar and l.day between b and e),
      (select max(price) from grp where code = left(l.item, 11) || '0000' and lv = l.level::varchar and l.day between b and e)) end ceiling
  from guarded l where regexp_full_match(l.item, '\d{15}')),
over as (
  select *, (pric - ceiling) * cnt - overlmt excess from priced where pric > ceiling + 0.005 and (pric - ceiling) * cnt > overlmt)
select 'N014' rule_id, '违规' result, 'core' band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence,
       sum(r2(least(in_scope, excess * in_scope / (amt - overlmt)))) amount
from over group by mdtrt_id, item
