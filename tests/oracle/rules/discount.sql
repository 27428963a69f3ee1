-- N015: 手术项目未按规定折价：同一就诊、同一手术场次、同一组的两种以上项目，单价最高的一种收全价，其余按 50%，多收的折到范围内。
-- 数量 0.5 及以下的已折过，不到一次的按一次算应收；已在全价（目录价，没有则明细上的定价上限）的 50% 之内的不算多收；不到目录价 85% 的是折得不够，只算超过目录价 50% 的。场次：有手术记录的按费用所在的记录（当日最近一次开始的；起止相连的几条是一场），没有的按日；当天两场以上为可疑。
with op as (
  select mdtrt_id, coalesce(try_cast(oprn_oprt_begntime as timestamp), try_cast(oprn_oprt_date as timestamp)) t, try_cast(oprn_oprt_endtime as timestamp) e from setl_list_oprn_d),
ends as (select mdtrt_id, t, case when e between t and t + interval 1 day then e else t end e from op where t is not null),
starts as (select mdtrt_id, t, coalesce(t > max(e) over (partition by mdtrt_id order by t, e rows between unbounded preceding and 1 preceding), true) as opens from ends),
sessions as (select mdtrt_id, t::date as day, count(*) n from starts where opens group by all),
price as (select hilist_code code, hosp_lv_grp lv, max(try_cast(hilist_pric_uplmt_amt as decimal(16,6))) list_price from hilist_price_b group by all),
l as (
  select distinct l.mdtrt_id, l.bkkp_sn, l.item, l.day, l.pric, l.cap, l.cnt, l.amt, l.in_scope, l.t, k."group" grp, coalesce(s.n, 0) n,
    p.list_price, coalesce(p.list_price, l.cap) full_price
  from guarded l join k_operation_groups k on k.code = l.item left join sessions s on s.mdtrt_id = l.mdtrt_id and s.day = l.day
    left join price p on p.code = l.item and p.lv = l.level::varchar
  where l.cnt > 0.5),
ranked as (
  select *, (select count(distinct item) from l x where x.mdtrt_id = l.mdtrt_id and x.day = l.day and x.grp = l.grp) kinds,
    (select arg_max(item, (pric, -epoch(t))) from l x where x.mdtrt_id = l.mdtrt_id and x.day = l.day and x.grp = l.grp) dearest from l),
over as (
  select *, case when item = dearest or (full_price > 0 and amt <= full_price * ceil(cnt) * 0.5) then 0
    else r2(in_scope * greatest(0, least(amt - amt * 0.5 * ceil(cnt) / cnt, case when pric <= list_price * 0.85 then amt - list_price * ceil(cnt) * 0.5 else amt end)) / amt) end excess from ranked where kinds > 1)
select 'N015' rule_id, case when max(n) <= 1 then '违规' else '可疑' end result, 'core' band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence, sum(excess) amount
from over group by mdtrt_id, day, grp having sum(excess) > 0
