-- N036: 结算明细信息异常：编码空或不成形、单价×数量与金额不符、负数无原行、没有时间、晚于最新上传时间、缺开单医师（药店除外）。逐就诊、逐编码。
with upload as (select max(greatest(coalesce(try_cast(crte_time as timestamp), timestamp '0001-01-01'), coalesce(try_cast(updt_time as timestamp), timestamp '0001-01-01'))) newest from fee_list_d),
judged as (
  select f.*, v.care,
    f.item is null or not (regexp_full_match(f.item, 'X[A-Z0-9]{22}') or regexp_full_match(f.item, 'Z[A-Z0-9]{19}') or regexp_full_match(f.item, 'T\d{9}')
      or regexp_full_match(f.item, 'C\d{14}|C\d{19}(\d{7})?') or regexp_full_match(f.item, '\d{15}') or regexp_full_match(f.item, '[ABD-SU-WY][A-Z0-9]{8,29}')) ill,
    abs(f.pric * f.cnt - f.amt) > 0.01 mismatch,
    f.cnt < 0 and not exists (select 1 from raw_line o where o.mdtrt_id = f.mdtrt_id and o.bkkp_sn = f.init_feedetl_sn) orphan,
    f.t is null or f.t > (select newest from upload) late,
    f.bilg_dr_code is null and coalesce(v.care, '') <> '购药' nobody
  from raw_line f left join visit v on v.mdtrt_id = f.mdtrt_id)
select 'N036' rule_id, '违规' result, 'core' band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence, null::decimal(16,2) amount
from judged where ill or mismatch or orphan or late or nobody group by mdtrt_id, item
