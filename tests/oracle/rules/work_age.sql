-- N029: 职业功能训练限法定就业年龄：不满 16 岁，或已到退休年龄（男 63、女 58）为违规；可退休的年龄（男 60、女 50）为可疑。
with l as (
  select l.*, case when not reached(l.birth, l.day, k.min_age) or (sex = '男' and age(birth, day) >= 63) or (sex = '女' and age(birth, day) >= 58) then '违规'
                   when (sex = '男' and age(birth, day) >= 60) or (sex = '女' and age(birth, day) >= 50) then '可疑' end result
  from guarded l join k_item_work_age k on k.code = l.item)
select 'N029' rule_id, result, 'core' band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence, sum(in_scope) amount
from l where result is not null group by mdtrt_id, item, result
