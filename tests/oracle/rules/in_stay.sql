-- M17: 结算日严格落在本人另一机构一次住院的入院日与出院日之间；同一转诊链除外。
select 'M17' rule_id, '可疑' result, 'core' band, s.setl_id evidence, null::decimal(16,2) amount
from net_settlement s join visit sv on sv.mdtrt_id = s.mdtrt_id
where sv.care <> '住院' and exists (
  select 1 from net_visit v where v.psn_no = s.psn_no and v.care = '住院' and v.fixmedins_code <> s.fixmedins_code and v.mdtrt_id <> s.mdtrt_id
    and s.setl_time::date > v.begin_time::date and s.setl_time::date < v.end_time::date
    and coalesce(sv.refl_old_mdtrt_id, '') <> v.mdtrt_id and coalesce(v.refl_old_mdtrt_id, '') <> s.mdtrt_id)
