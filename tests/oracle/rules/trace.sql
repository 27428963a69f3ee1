-- T1 同一追溯码同机构再卖、T2 隔 7 天以上又在别处卖、T4 卖出没有入库的码。退货按结算或单据号退掉它那一笔，对不上的退之前最近一笔没退的；结算已退的销售不算。
with recursive sold as (
  select fixmedins_code, drug_trac_codg code, try_cast(sel_retn_time as timestamp) t, rtal_docno, setl_id, mdtrt_setl_type, coalesce(trdn_flag, '0') pieces
  from selinfo_3505 where drug_trac_codg is not null),
back as (
  select fixmedins_code, drug_trac_codg code, try_cast(sel_retn_time as timestamp) t, rtal_docno, setl_id from selinfo_3506 where drug_trac_codg is not null),
-- 没有指明的退货与剩下的销售按先后压栈：一次退货弹出最近的一笔。
event as (
  select s.*, 0 back from sold s where not exists (
    select 1 from back b where b.fixmedins_code = s.fixmedins_code and b.code = s.code and (b.setl_id = s.setl_id or b.rtal_docno = s.rtal_docno))
  union all
  select b.fixmedins_code, b.code, b.t, null, null, null, '0', 1 from back b where not exists (
    select 1 from sold s where b.fixmedins_code = s.fixmedins_code and b.code = s.code and (b.setl_id = s.setl_id or b.rtal_docno = s.rtal_docno))),
turn as materialized (select *, row_number() over (partition by fixmedins_code, code order by t, back, rtal_docno, setl_id) n from event),
stack as (
  select fixmedins_code, code, n, case when back = 0 then [n] else []::bigint[] end held from turn where n = 1
  union all
  select u.fixmedins_code, u.code, u.n, case when u.back = 0 then list_append(s.held, u.n) else s.held[:-2] end
  from stack s join turn u on u.fixmedins_code = s.fixmedins_code and u.code = s.code and u.n = s.n + 1),
left_over as (select fixmedins_code, code, unnest(arg_max(held, n)) n from stack group by 1, 2),
sale as (select t.* from turn t join left_over using (fixmedins_code, code, n) where t.setl_id is null or t.setl_id not in (select setl_id from void_settlement)),
whole as (select * from sale where pieces <> '1'),
again as (
  select fixmedins_code, code, string_agg(distinct rtal_docno, ';' order by rtal_docno) evidence, count(distinct coalesce(setl_id, rtal_docno)) n
  from whole where setl_id is not null or mdtrt_setl_type = '1' group by all),
step as (select *, lag(fixmedins_code) over w was_at, lag(rtal_docno) over w was_doc, lag(t) over w was_t from whole window w as (partition by code order by t, fixmedins_code, rtal_docno)),
inbound as (select fixmedins_code, drug_trac_codg code, try_cast(purc_retn_stoin_time as date) as day from purcinfo_3503 where drug_trac_codg is not null),
since as (select fixmedins_code, min(day) first_day from inbound group by 1)
select 'T1' rule_id, '可疑' result, case when n >= 3 then 'core' else 'watch' end band, evidence, null::decimal(16,2) amount from again where n >= 2
union all
select 'T2', '可疑', 'core', was_doc || ';' || rtal_docno, null from step where was_at <> fixmedins_code and date_diff('day', was_t::date, t::date) > 7
union all
select 'T4', '可疑', 'core', string_agg(distinct rtal_docno, ';' order by rtal_docno), null
from sale s join since f using (fixmedins_code)
where date_diff('day', f.first_day, s.t::date) > 30 and not exists (select 1 from inbound i where i.fixmedins_code = s.fixmedins_code and i.code = s.code)
group by s.fixmedins_code, s.code
