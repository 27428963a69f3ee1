-- N009: 供药天数接续：前一次的药还剩 7 天以上又开的，天数相加；同一就诊同一天的几行是一次。限量 3、7、84 天；一个最小包装不报。
-- 超出的天数从最后一行往前算，按比例折到范围内金额。
with recursive dose as (
  select l.*, case
      when regexp_full_match(coalesce(sin_dos_dscr, ''), '(\d+(\.\d+)?)(片|粒|丸|袋|支|瓶|包|枚|贴|颗|次用量)?') then try_cast(regexp_extract(sin_dos_dscr, '\d+(\.\d+)?') as decimal(12,3)) end pieces,
    case lower(used_frqu_dscr) when 'qd' then 1 when 'qn' then 1 when 'bid' then 2 when 'tid' then 3 when 'qid' then 4 when 'q12h' then 2 when 'q8h' then 3 when 'q6h' then 4
      when 'qod' then 0.5 when 'qw' then 1/7.0 end per_day,
    (select max(try_cast(convrat as decimal(12,2))) from hilist_b h where h.hilist_code = l.item) pack,
    (select max(r.cnt) from raw_line r where r.mdtrt_id = l.mdtrt_id and r.bkkp_sn = l.bkkp_sn) gross
  from guarded l where (starts_with(item, 'X') or starts_with(item, 'Z')) and care <> '住院' and discharge <> '1'),
supply as (
  select *, case when pieces > 0 and per_day > 0 and pack > 0 then greatest(1, floor(cnt * pack / (pieces * per_day) + 1e-9))::int
                 when prd_days > 0 then greatest(1, floor(prd_days * cnt / gross + 1e-9))::int end as days,
    row_number() over (partition by psn_no, generic order by day, t, mdtrt_id, bkkp_sn) n
  from dose),
known as materialized (select *, row_number() over (partition by psn_no, generic order by n) seq from supply where days is not null),
walk as (
  select psn_no, generic, seq, mdtrt_id, day, days, 1 as chain, day + days stock_end from known where seq = 1
  union all
  select k.psn_no, k.generic, k.seq, k.mdtrt_id, k.day, k.days,
    w.chain + case when (k.mdtrt_id = w.mdtrt_id and k.day = w.day) or k.day < w.stock_end - 7 then 0 else 1 end,
    case when (k.mdtrt_id = w.mdtrt_id and k.day = w.day) or k.day < w.stock_end - 7 then greatest(w.stock_end, k.day) + k.days else k.day + k.days end
  from walk w join known k on k.psn_no = w.psn_no and k.generic = w.generic and k.seq = w.seq + 1),
chain as (
  select k.*, w.chain, sum(k.days) over c total, sum(k.cnt) over c packs,
    sum(k.days) over (partition by k.psn_no, k.generic, w.chain order by k.seq rows between unbounded preceding and 1 preceding) before_days,
    last_value(case when k.care = '急诊' then 3
      when k.care = '门慢' or exists (select 1 from opsp_reg_d o where o.psn_no = k.psn_no and k.day between try_cast(o.begndate as date) and coalesce(try_cast(o.enddate as date), date '9999-12-31'))
        or exists (select 1 from diagnosis d join k_chronic_dx x on starts_with(d.code, x.code) where d.mdtrt_id = k.mdtrt_id) then 84 else 7 end)
      over (partition by k.psn_no, k.generic, w.chain order by k.seq rows between unbounded preceding and unbounded following) days_cap
  from known k join walk w on w.psn_no = k.psn_no and w.generic = k.generic and w.seq = k.seq
  window c as (partition by k.psn_no, k.generic, w.chain))
select 'N009' rule_id, '可疑' result, 'core' band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence,
       sum(r2(in_scope * greatest(0, least(days, coalesce(before_days, 0) + days - days_cap)) / days::double)) amount
from chain where total > days_cap and packs > 1
group by psn_no, generic, chain
