-- N042: 计费日期与住院时间不符。全自费的不算，出院带药豁免；入院前合并默认关闭。
select 'N042' rule_id, '违规' result, 'core' band, string_agg(l.bkkp_sn, ';' order by l.bkkp_sn) evidence, sum(l.in_scope) amount
from line l join net_visit v using (mdtrt_id)
where v.care = '住院' and l.own <> l.amt and l.discharge <> '1' and (l.day < v.begin_time::date or l.day > v.end_time::date)
group by l.mdtrt_id, l.item
