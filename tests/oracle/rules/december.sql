-- M16: 年底突击：药店 12 月的结算数与金额都达到其余有业务月份（至少 6 个月）均值的 2 倍，且 12 月至少 30 笔。
with monthly as (
  select s.fixmedins_code, year(s.setl_time) y, month(s.setl_time) m, count(*) n, sum(s.medfee) amount
  from net_settlement s where s.med2 = '41' group by all)
select 'M16' rule_id, '可疑' result, 'core' band,
       (select string_agg(s.setl_id, ';') from net_settlement s where s.fixmedins_code = d.fixmedins_code and s.med2 = '41' and year(s.setl_time) = d.y and month(s.setl_time) = 12) evidence,
       null::decimal(16,2) amount
from monthly d join (select fixmedins_code, y, count(*) as months, avg(n) n, avg(amount) amount from monthly where m <> 12 group by all) o using (fixmedins_code, y)
where d.m = 12 and d.n >= 30 and o.months >= 6 and d.n >= 2 * o.n and d.amount >= 2 * o.amount
