-- N053: 低标准入院：轻症主诊断、无手术无抢救、住院不超过 5 天，检查化验占比超过七成（核心）或五成（观察），药品治疗手术不足三成。
with fee as (
  select mdtrt_id, sum(amt) total, sum(case when med_chrgitm_type in ('03', '04') then amt else 0 end) tests, sum(case when med_chrgitm_type in ('05', '06', '09', '10', '11') then amt else 0 end) treatment
  from line group by 1),
stay as (
  select v.*, f.total, f.tests, f.treatment, date_diff('day', v.begin_time::date, v.end_time::date) as days
  from net_visit v join fee f using (mdtrt_id)
  where v.care = '住院' and exists (select 1 from diagnosis d join k_low_severity_dx k on starts_with(d.code, k.code) where d.mdtrt_id = v.mdtrt_id and d.main)
    and not exists (select 1 from setl_list_oprn_d o where o.mdtrt_id = v.mdtrt_id)
    and not exists (select 1 from line l join k_rescue_items r on starts_with(l.item, r.code) where l.mdtrt_id = v.mdtrt_id))
select 'N053' rule_id, '可疑' result, case when tests > 0.7 * total then 'core' else 'watch' end band, mdtrt_id evidence, null::decimal(16,2) amount
from stay where days is not null and total > 0 and greatest(days, 1) <= 5 and tests > 0.5 * total and treatment < 0.3 * total
