-- N046: 处方里的西药、中成药超过 5 种（通用名，不含溶媒）；一人一天超过 8 种为观察。
with drug as (
  select l.*, v.care from line l join net_visit v using (mdtrt_id)
  where (starts_with(item, 'X') or starts_with(item, 'Z')) and v.care <> '住院'
    and not exists (select 1 from k_prescription_solvents s where case when s.is_prefix then starts_with(l.item, s.code) else l.item = s.code end))
select 'N046' rule_id, '可疑' result, 'core' band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence, null::decimal(16,2) amount
from drug where rx_drord_no is not null group by psn_no, mdtrt_id, rx_drord_no, day having count(distinct generic) > 5
union all
select 'N046', '可疑', 'watch', string_agg(bkkp_sn, ';' order by bkkp_sn), null
from drug group by psn_no, day having count(distinct generic) > 8
