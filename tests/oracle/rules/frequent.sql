-- N050 频繁门诊、N051 频繁购药、N052 频繁住院：日内或滚动窗口内的就诊数（机构数），证据是结算。命中的窗口用过就不再用。
with recursive e as materialized (
  select s.setl_id, s.psn_no, s.mdtrt_id, s.fixmedins_code, r.rule_id, r.part, r.days, r.least,
         case when v.care = '住院' then v.begin_time::date else s.setl_time::date end as day
  from net_settlement s join net_visit v using (mdtrt_id) left join person p on p.psn_no = s.psn_no
  cross join (values ('N050', 1, 1, 4), ('N050', 2, 30, 20), ('N051', 1, 1, 3), ('N051', 2, 30, 10), ('N051', 3, 7, 3), ('N052', 1, 90, 4), ('N052', 2, 365, 8)) r(rule_id, part, days, least)
  where case r.rule_id
    when 'N050' then v.med2 in ('11', '13', '14', '19', '51')
      and not exists (select 1 from diagnosis d join k_repeat_visit_dx k on starts_with(d.code, k.code) where d.mdtrt_id = s.mdtrt_id)
      and not exists (select 1 from line l join k_repeat_visit_items k on starts_with(l.item, k.code) where l.mdtrt_id = s.mdtrt_id)
    when 'N051' then v.med2 = '41'
    else v.care = '住院' and age(p.birth, v.begin_time::date) >= 14
      and not exists (select 1 from diagnosis d where d.mdtrt_id = s.mdtrt_id and (d.code like 'Z51.0%' or d.code like 'Z51.1%' or d.code like 'Z51.2%' or d.code like 'Z51.8%' or d.code like 'Z49%' or (d.main and d.code like 'F%')))
      and not exists (select 1 from line l join k_dialysis_items k on starts_with(l.item, k.code) where l.mdtrt_id = s.mdtrt_id) end),
candidate as materialized (
  select d.* from (select distinct psn_no, rule_id, part, days, least, day from e) d
  where (select case when d.rule_id = 'N051' and d.part = 3 then count(distinct x.fixmedins_code) else count(distinct x.mdtrt_id) end from e x
         where (x.psn_no, x.rule_id, x.part) = (d.psn_no, d.rule_id, d.part) and x.day between d.day and d.day + (d.days - 1)) >= d.least),
win as (
  select psn_no, rule_id, part, any_value(days) as days, min(day) as day from candidate group by psn_no, rule_id, part
  union all
  select w.psn_no, w.rule_id, w.part, w.days, (select min(c.day) from candidate c where (c.psn_no, c.rule_id, c.part) = (w.psn_no, w.rule_id, w.part) and c.day > w.day + (w.days - 1))
  from win w where exists (select 1 from candidate c where (c.psn_no, c.rule_id, c.part) = (w.psn_no, w.rule_id, w.part) and c.day > w.day + (w.days - 1)))
select w.rule_id, '可疑' result, 'core' band, string_agg(x.setl_id, ';' order by x.setl_id) evidence, null::decimal(16,2) amount
from win w join e x on (x.psn_no, x.rule_id, x.part) = (w.psn_no, w.rule_id, w.part) and x.day between w.day and w.day + (w.days - 1)
group by w.rule_id, w.psn_no, w.part, w.day
