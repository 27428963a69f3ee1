-- N043: 药品进销存：按机构、编码、月，月初库存（有盘存按盘存，没有按上月结转）加进货、退货、变更，减结算，不够的部分超过 1 包且超过 1%。
-- 机构开始报数的第一个月，只有盘过存的才判。盘存日在下半月的算下月月初。
with recursive pack as (select hilist_code code, max(try_cast(convrat as double)) n from hilist_b where try_cast(convrat as double) > 1 group by 1),
piece as (select hilist_code code, max(try_cast(convrat as double)) n from hilist_b where try_cast(convrat as double) > 1 and unit in ('片', '粒', '丸', '揿', '吸') group by 1),
moved as (
  select fixmedins_code inst, med_list_codg code, date_trunc('month', try_cast(purc_retn_stoin_time as timestamp)) m, try_cast(purc_retn_cnt as double) q from purcinfo_3503
  union all select fixmedins_code, med_list_codg, date_trunc('month', try_cast(purc_retn_stoin_time as timestamp)), -try_cast(purc_retn_cnt as double) from purcinfo_3504
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
    and (m > first_month or exists (select 1 from counted c where c.inst = w.inst and c.m = r.first_month)))
select 'N043' rule_id, '违规' result, 'core' band, string_agg(d.bkkp_sn, ';' order by d.bkkp_sn) evidence, sum(r2(d.in_scope * s.lack / s.went)) amount
from short s join drug d on d.fixmedins_code = s.inst and d.item = s.code and d.m = s.m group by s.inst, s.code, s.m
