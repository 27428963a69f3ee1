-- N010 药品限支付疗程：住院按一次就诊，门诊间隔不超过 30 天连成一个疗程；不同用药日超过天数的那些日，或满 12 个月之后的。
with used as (
  select distinct l.psn_no, l.mdtrt_id, l.generic, l.bkkp_sn, l.in_scope, l.day, l.care,
    min(try_cast(k.days as int)) over (partition by l.mdtrt_id, l.bkkp_sn) cap, min(try_cast(k.months as int)) over (partition by l.mdtrt_id, l.bkkp_sn) as months
  from guarded l join k_drug_course k on k.code = l.item and l.day between k.valid_from and k.valid_to),
marked as (
  select *, case when care = '住院' then 0 when day - lag(day) over (partition by psn_no, generic, care = '住院' order by day, bkkp_sn) <= 30 then 0 else 1 end starts from used),
course as (
  select *, case when care = '住院' then mdtrt_id else 'o' || sum(starts) over (partition by psn_no, generic, care = '住院' order by day, bkkp_sn) end course from marked),
ranked as (
  select *, dense_rank() over (partition by psn_no, generic, course order by day) nth, min(cap) over c course_cap, min(months) over c course_months, min(day) over c first_day, max(day) over c last_day
  from course window c as (partition by psn_no, generic, course))
select 'N010' rule_id, '违规' result, 'core' band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence,
       sum(case when nth > course_cap or (course_months is not null and day >= first_day + interval 12 months) then in_scope else 0 end) amount
from ranked group by psn_no, generic, course
having max(nth) > any_value(course_cap) or (any_value(course_months) is not null and max(day) >= any_value(first_day) + interval 12 months)
