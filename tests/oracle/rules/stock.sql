-- N043: 药品进销存：按机构、编码、月，月初库存（有盘存按盘存，没有按上月结转）加进货、退货、变更，减结算，不够的部分超过 1 包且超过 1%。
-- 机构开始报数的第一个月，只有盘过存的才判。盘存日在下半月的算下月月初。
-- 账实不符：相邻两次盘存，前次加进销与后次相差超过 1 包且超过 1%（账面与销售的大者）。1 日的盘存在营业前，月末的在营业后，别的日子两头都试，取最接近的。
with recursive pack as (select hilist_code code, max(try_cast(convrat as double)) n from hilist_b where try_cast(convrat as double) > 1 group by 1),
piece as (select hilist_code code, max(try_cast(convrat as double)) n from hilist_b where try_cast(convrat as double) > 1 and unit in ('片', '粒', '丸', '揿', '吸') group by 1),
moved as (
  select fixmedins_code inst, med_list_codg code, date_trunc('month', try_cast(purc_retn_stoin_time as timestamp)) m, try_cast(purc_retn_cnt as double) q from purcinfo_3503
  union all select fixmedins_code, med_list_codg, date_trunc('month', try_cast(purc_retn_stoin_time as timestamp)), -abs(try_cast(purc_retn_cnt as double)) from purcinfo_3504
  union all select fixmedins_code, med_list_codg, date_trunc('month', try_cast(sel_retn_time as timestamp)), try_cast(sel_retn_cnt as double) / case when trdn_flag = '1' then coalesce(p.n, 1) else 1 end
    from selinfo_3506 s left join pack p on p.code = s.med_list_codg
  union all select fixmedins_code, med_list_codg, date_trunc('month', try_cast(inv_chg_time as timestamp)), try_cast(cnt as double) / case when trdn_flag = '1' then coalesce(p.n, 1) else 1 end
    from invinfo_3502 s left join pack p on p.code = s.med_list_codg),
counted as (
  select inst, code, m, arg_min(q, d) q from (
    select fixmedins_code inst, med_list_codg code, try_cast(invdate as date) d, date_trunc('month', try_cast(invdate as timestamp) + interval 15 days) m, sum(try_cast(inv_cnt as double)) q from invinfo_3501 group by all)
  group by all),
reporting as (
  select inst, min(m) first_month from (select inst, m from moved union all select fixmedins_code, date_trunc('month', try_cast(invdate as timestamp)) from invinfo_3501
    union all select fixmedins_code, date_trunc('month', try_cast(sel_retn_time as timestamp)) from selinfo_3505) group by 1),
drug as (select l.*, date_trunc('month', l.t) m, l.cnt / coalesce(p.n, 1) q from line l left join piece p on p.code = l.item where left(l.item, 1) in ('X', 'Z')),
claimed as (select fixmedins_code inst, item code, m, sum(q) q from drug group by all),
month as (
  select inst, code, m, max(counted) counted, coalesce(sum(came), 0) came, coalesce(sum(went), 0) went
  from (select inst, code, m, q counted, null::double came, null::double went from counted
        union all select inst, code, m, null, q, null from moved union all select inst, code, m, null, null, q from claimed)
  join reporting using (inst) where m >= first_month group by all),
seq as materialized (select *, row_number() over (partition by inst, code order by m) n from month),
walk as (
  select inst, code, m, n, went, coalesce(counted, 0) + came - went stock from seq where n = 1
  union all
  select s.inst, s.code, s.m, s.n, s.went, coalesce(s.counted, greatest(w.stock, 0)) + s.came - s.went
  from walk w join seq s on s.inst = w.inst and s.code = w.code and s.n = w.n + 1),
short as (
  select w.*, -stock lack from walk w join reporting r using (inst)
  where went > 0 and -stock > 1 and -stock > went * 0.01
    and (m > first_month or exists (select 1 from counted c where c.inst = w.inst and c.m = r.first_month))),
flow as (
  select fixmedins_code inst, med_list_codg code, try_cast(purc_retn_stoin_time as date) d, try_cast(purc_retn_cnt as double) q, 0 sold from purcinfo_3503
  union all select fixmedins_code, med_list_codg, try_cast(purc_retn_stoin_time as date), -abs(try_cast(purc_retn_cnt as double)), 0 from purcinfo_3504
  union all select fixmedins_code, med_list_codg, try_cast(sel_retn_time as date), try_cast(sel_retn_cnt as double) / case when trdn_flag = '1' then coalesce(p.n, 1) else 1 end, 0
    from selinfo_3506 s left join pack p on p.code = s.med_list_codg
  union all select fixmedins_code, med_list_codg, try_cast(inv_chg_time as date), try_cast(cnt as double) / case when trdn_flag = '1' then coalesce(p.n, 1) else 1 end, 0
    from invinfo_3502 s left join pack p on p.code = s.med_list_codg
  union all select fixmedins_code, med_list_codg, try_cast(sel_retn_time as date), 0, try_cast(sel_retn_cnt as double) / case when trdn_flag = '1' then coalesce(p.n, 1) else 1 end
    from selinfo_3505 s left join pack p on p.code = s.med_list_codg),
take as (select fixmedins_code inst, med_list_codg code, try_cast(invdate as date) d, sum(try_cast(inv_cnt as double)) q from invinfo_3501 group by all),
span as (select inst, code, d, q, lag(d) over w d0, lag(q) over w q0 from take window w as (partition by inst, code order by d)),
-- 每次盘存的几种读法：当日的进出算在盘存以后（0）还是以前（1）。
side as (select d, unnest(case when day(d) = 1 then [0] when d = last_day(d) then [1] else [0, 1] end) before_close from (select distinct d from take where d is not null)),
book as (
  select s.*, a.before_close x, b.before_close y,
    s.q0 + coalesce((select sum(f.q - f.sold) from flow f where f.inst = s.inst and f.code = s.code
      and f.d >= s.d0 + a.before_close::int and f.d < s.d + b.before_close::int), 0) should,
    coalesce((select sum(f.sold) from flow f where f.inst = s.inst and f.code = s.code and f.d between s.d0 and s.d), 0) sold
  from span s join side a on a.d = s.d0 join side b on b.d = s.d
  where s.inst in (select fixmedins_code from purcinfo_3503) and s.inst in (select fixmedins_code from selinfo_3505)),
reading as (
  select inst, code, d0, d, q, sold, min(should) lo, max(should) hi from book group by all),
off as (
  select *, case when q > hi then q - hi when q < lo then q - lo else 0 end gap, case when q > hi then hi when q < lo then lo else q end should from reading),
worst as (
  select * from off where abs(gap) > 1 and abs(gap) > 0.01 * greatest(abs(should), sold)
  qualify row_number() over (partition by inst, code, date_trunc('month', d - 1) order by abs(gap) desc, d) = 1)
select 'N043' rule_id, '违规' result, 'core' band, string_agg(d.bkkp_sn, ';' order by d.bkkp_sn) evidence, sum(r2(d.in_scope * s.lack / s.went)) amount
from short s join drug d on d.fixmedins_code = s.inst and d.item = s.code and d.m = s.m group by s.inst, s.code, s.m
union all
select 'N043', '可疑', 'core', coalesce((select string_agg(distinct l.bkkp_sn, ';' order by l.bkkp_sn) from drug l
  where l.fixmedins_code = w.inst and l.item = w.code and l.t::date between w.d0 and w.d), ''), null
from worst w
