-- N054: 诊断与性别不符，任一诊断；性别不清、性发育异常的就诊不报。
select 'N054' rule_id, '违规' result, 'core' band, string_agg(setl_list_diag_id, ';' order by setl_list_diag_id) evidence, null::decimal(16,2) amount
from (select distinct d.mdtrt_id, d.code, d.setl_list_diag_id from diagnosis d join person p using (psn_no) join k_dx_sex k on (case when k.is_prefix then starts_with(d.code, k.code) else d.code = k.code end)
      where p.sex <> k.sex
        and not exists (select 1 from diagnosis x join k_sex_exempt_dx e on starts_with(x.code, e.code) where x.mdtrt_id = d.mdtrt_id))
group by mdtrt_id, code
