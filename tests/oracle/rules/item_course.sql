-- N023: 项目限支付疗程：天数、十二个月、间隔；住院按一次就诊，门诊间隔不超过 30 天为一个疗程。
with used as (
  select l.psn_no, l.mdtrt_id, l.item, l.bkkp_sn, l.in_scope, l.day, l.care, try_cast(k.days as int) cap, try_cast(k.months as int) as months, try_cast(k.gap_days as int) gap
  from guarded l join k_item_course k on k.code = l.item),
marked as (select *, case when care = '住院' then 0 when day - lag(day) over (partition by psn_no, item, care = '住院' order by day, bkkp_sn) <= 30 then 0 else 1 end starts from used),
course as (select *, case when care = '住院' then mdtrt_id else 'o' || sum(starts) over (partition by psn_no, item, care = '住院' order by day, bkkp_sn) end course from marked),
days as (select *, day - lag(day) over (partition by psn_no, item, course order by day) since, row_number() over (partition by psn_no, item, course order by day) nth
  from (select distinct psn_no, item, course, day from course)),
judged as (
  select c.*, d.nth, min(c.day) over w first_day, coalesce(d.since < c.gap, false) too_soon, coalesce(d.nth > c.cap, false) too_many,
         coalesce(c.months is not null and c.day >= min(c.day) over w + interval 12 months, false) too_late
  from course c join days d using (psn_no, item, course, day) window w as (partition by c.psn_no, c.item, c.course))
select 'N023' rule_id, '违规' result, 'core' band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence, sum(case when too_soon or too_many or too_late then in_scope else 0 end) amount
from judged group by psn_no, item, course having bool_or(too_soon or too_many or too_late)
