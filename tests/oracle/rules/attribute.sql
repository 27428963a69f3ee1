-- 属性限定 in one pass: N001 N002 N007 N012 N013 N018 N021 N065 N066 N067 N080 N081. A line under several points counts once.
with k as (
  select 'N001' rule_id, code, valid_from, valid_to, null as sex, null min_age, null below_age, null newborn_days, null as care, null as level, null more from k_drug_injury_only
  union all select 'N002', code, valid_from, valid_to, null, null, null, null, null, null, null from k_drug_maternity_only
  union all select 'N007', code, valid_from, valid_to, null, min_age, below_age, null, null, null, null from k_drug_child_limited
  union all select 'N012', code, valid_from, valid_to, null, null, null, null, null, level, more from k_drug_level
  union all select 'N013', code, valid_from, valid_to, null, null, null, null, care, null, null from k_drug_care
  union all select 'N018', code, date '0001-01-01', date '9999-12-31', null, null, null, newborn_days, null, null, null from k_item_newborn
  union all select 'N021', code, date '0001-01-01', date '9999-12-31', null, null, null, null, depts, null, null from k_item_dept
  union all select 'N066', code, date '0001-01-01', date '9999-12-31', null, min_age, null, null, null, null, 'prefix' from k_drug_child_banned
  union all select 'N065', code, valid_from, valid_to, null, null, below_age, null, null, null, null from k_drug_child_only
  union all select 'N067', code, valid_from, valid_to, sex, null, null, null, null, null, null from k_drug_sex
  union all select 'N080', code, date '0001-01-01', date '9999-12-31', null, null, below_age, newborn_days, null, null, null from k_item_child
  union all select 'N081', code, date '0001-01-01', date '9999-12-31', sex, null, null, null, null, null, null from k_item_sex),
-- Prefix points spelled out over the items met, so that lines join their points by equality.
point as (
  select * from k where more is distinct from 'prefix'
  union all
  select k.* replace (i.item as code) from k join (select distinct item from guarded) i on starts_with(i.item, k.code) where k.more = 'prefix'),
exempt as (select distinct d.mdtrt_id from diagnosis d join k_sex_exempt_dx x on starts_with(d.code, x.code)),
hit as (
  select k.rule_id, l.mdtrt_id, l.item, l.bkkp_sn, any_value(l.in_scope) in_scope,
         case when k.rule_id = 'N012' and not bool_or(not l.unlevelled and k.more <> '是') or k.rule_id = 'N066' then '可疑' else '违规' end result
  from guarded l join point k on k.code = l.item and l.day between k.valid_from and k.valid_to
  where case k.rule_id
    when 'N001' then true
    when 'N002' then l.med2 not in ('51', '52', '53') and l.insutype <> '510' and l.matn <> '1'
    when 'N007' then coalesce(reached(l.birth, l.day, k.below_age), false) or coalesce(not reached(l.birth, l.day, k.min_age), false)
    when 'N012' then l.care <> '购药' and l.fixmedins_code not in (select fixmedins_code from fixmedins_b where fixmedins_type = '2') and l.level < case k.level when '三级' then 3 when '二级' then 2 else 1 end
    when 'N013' then not list_contains(string_split(k.care, ';'), l.care)
    when 'N018' then date_diff('day', l.birth, case when l.care = '住院' then l.begin_time::date else l.day end) > try_cast(k.newborn_days as int)
    when 'N021' then not list_contains(string_split(k.care, ';'), l.dept_class)
    when 'N066' then not reached(l.birth, l.day, k.min_age)
    when 'N065' then reached(l.birth, l.day, k.below_age)
    when 'N080' then reached(l.birth, l.day, k.below_age)
      or date_diff('day', l.birth, case when l.care = '住院' then l.begin_time::date else l.day end) > try_cast(k.newborn_days as int)
    else l.sex <> k.sex and l.approved <> '1' and l.mdtrt_id not in (select mdtrt_id from exempt) end
  group by k.rule_id, l.mdtrt_id, l.item, l.bkkp_sn)
select rule_id, result, 'core' band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence, sum(in_scope) amount
from hit group by rule_id, result, mdtrt_id, item
