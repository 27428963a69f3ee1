-- T1 同一追溯码同机构再卖、T2 隔 7 天以上又在别处卖、T4 卖出没有入库的码。退货冲掉它之前最近的一次销售；结算已退的销售不算。
with event as (
  select fixmedins_code, drug_trac_codg code, try_cast(sel_retn_time as timestamp) t, 0 back, rtal_docno, setl_id, mdtrt_setl_type, coalesce(trdn_flag, '0') pieces
  from selinfo_3505 where drug_trac_codg is not null
  union all select fixmedins_code, drug_trac_codg, try_cast(sel_retn_time as timestamp), 1, null, null, null, '0' from selinfo_3506 where drug_trac_codg is not null),
sale as (
  select * from (select *, lead(back) over (partition by fixmedins_code, code order by t, back, rtal_docno, setl_id) next_back from event)
  where back = 0 and coalesce(next_back, 0) = 0 and (setl_id is null or setl_id not in (select setl_id from void_settlement))),
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
