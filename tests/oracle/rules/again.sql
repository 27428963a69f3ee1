-- N069: 同一通用名、同一途径的供药接续：前药还剩 7 天以上又拿，一串里有两张以上处方或两次以上就诊。
with recursive dose as (
  select l.*, case
      when regexp_full_match(coalesce(sin_dos_dscr, ''), '(\d+(\.\d+)?)(片|粒|丸|袋|支|瓶|包|枚|贴|颗)?') then try_cast(regexp_extract(sin_dos_dscr, '\d+(\.\d+)?') as decimal(12,3)) end pieces,
    case lower(used_frqu_dscr) when 'qd' then 1 when 'qn' then 1 when 'bid' then 2 when 'tid' then 3 when 'qid' then 4 when 'q12h' then 2 when 'q8h' then 3 when 'q6h' then 4
      when 'qod' then 0.5 when 'qw' then 1/7.0 end per_day,
    (select max(try_cast(convrat as decimal(12,2))) from hilist_b h where h.hilist_code = l.item) pack,
    (select max(r.cnt) from raw_line r where r.mdtrt_id = l.mdtrt_id and r.bkkp_sn = l.bkkp_sn) gross
  from guarded l where (starts_with(item, 'X') or starts_with(item, 'Z')) and care <> '住院' and discharge <> '1' and medc_way_dscr is not null),
supply as (
  select *, case when pieces > 0 and per_day > 0 and pack > 0 then greatest(1, floor(cnt * pack / (pieces * per_day) + 1e-9))::int
                 when prd_days > 0 then greatest(1, floor(prd_days * cnt / gross + 1e-9))::int end as days from dose),
known as materialized (select *, row_number() over (partition by psn_no, generic, medc_way_dscr order by day, t, mdtrt_id, bkkp_sn) seq from supply where days is not null),
walk as (
  select psn_no, generic, medc_way_dscr, seq, mdtrt_id, day, 1 as chain, day + days stock_end from known where seq = 1
  union all
  select k.psn_no, k.generic, k.medc_way_dscr, k.seq, k.mdtrt_id, k.day,
    w.chain + case when (k.mdtrt_id = w.mdtrt_id and k.day = w.day) or k.day < w.stock_end - 7 then 0 else 1 end,
    case when (k.mdtrt_id = w.mdtrt_id and k.day = w.day) or k.day < w.stock_end - 7 then greatest(w.stock_end, k.day) + k.days else k.day + k.days end
  from walk w join known k on k.psn_no = w.psn_no and k.generic = w.generic and k.medc_way_dscr = w.medc_way_dscr and k.seq = w.seq + 1)
select 'N069' rule_id, '可疑' result, 'core' band, string_agg(k.bkkp_sn, ';' order by k.bkkp_sn) evidence, null::decimal(16,2) amount
from known k join walk w on w.psn_no = k.psn_no and w.generic = k.generic and w.medc_way_dscr = k.medc_way_dscr and w.seq = k.seq
group by k.psn_no, k.generic, k.medc_way_dscr, w.chain
having count(distinct coalesce(k.rx_drord_no, '') || k.day) > 1 or count(distinct k.mdtrt_id) > 1
