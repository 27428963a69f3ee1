-- M18: 就诊开始（药店看结算时间）在死亡日之后。
select 'M18' rule_id, '可疑' result, 'core' band, s.setl_id evidence, null::decimal(16,2) amount
from net_settlement s join visit v on v.mdtrt_id = s.mdtrt_id join person p on p.psn_no = s.psn_no
where case when s.fixmedins_code in (select fixmedins_code from fixmedins_b where fixmedins_type = '2') then s.setl_time else v.begin_time end::date > p.death_day
