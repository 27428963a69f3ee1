-- N025: 项目重复收费：主项已含从项，同人同机构在窗口内都收了，从项命中；两者都按次计时不超过主项的数量。主项自费也算做了。
-- 一条疑点：知识点＋日（单日）或就诊（单次就诊、按小时的）。
with l as (select l.*, l.in_scope <> 0 and l.own <> l.amt interest, u.unit from line l left join unit u using (item)),
pair as (
  select k.point, k."window" win, m.bkkp_sn main_id, m.mdtrt_id main_visit, m.cnt main_cnt, m.unit main_unit, m.item main_item,
         p.bkkp_sn part_id, p.mdtrt_id part_visit, p.cnt part_cnt, p.unit part_unit, p.in_scope, p.t, p.psn_no, p.fixmedins_code,
         case when k."window" = '单日' then p.day::varchar else p.mdtrt_id end slot
  from l p join k_item_pairs k on k.part_code = p.item join l m on m.item = k.code and m.psn_no = p.psn_no and m.fixmedins_code = p.fixmedins_code
   and (m.bkkp_sn <> p.bkkp_sn or m.mdtrt_id <> p.mdtrt_id)
   and case k."window" when '单日' then m.day = p.day when '单次就诊' then m.mdtrt_id = p.mdtrt_id
     else m.t::time <> time '00:00:00' and p.t::time <> time '00:00:00' and abs(date_diff('second', m.t, p.t)) <= case k."window" when '6小时' then 21600 else 3600 end end
  where p.interest),
part as (
  select distinct point, psn_no, fixmedins_code, slot, part_visit, part_id, part_cnt, part_unit, in_scope, t from pair),
main as (select distinct point, psn_no, fixmedins_code, slot, main_visit, main_id, main_cnt, main_unit from pair),
limits as (
  select m.*, m.in_times and p.in_times in_times_both
  from (select point, psn_no, fixmedins_code, slot, sum(main_cnt) mains, coalesce(bool_and(main_unit = '次' and main_cnt % 1 = 0), false) in_times from main group by point, psn_no, fixmedins_code, slot) m
  join (select point, psn_no, fixmedins_code, slot, coalesce(bool_and(part_unit = '次' and part_cnt % 1 = 0), false) in_times from part group by point, psn_no, fixmedins_code, slot) p using (point, psn_no, fixmedins_code, slot)),
taken as (
  select p.*, case when not in_times_both then part_cnt
    else greatest(0, least(part_cnt, mains - coalesce(sum(part_cnt) over (partition by point, psn_no, fixmedins_code, slot order by t, part_id rows between unbounded preceding and 1 preceding), 0))) end taken
  from part p join limits using (point, psn_no, fixmedins_code, slot)),
ids as (
  select point, psn_no, fixmedins_code, slot, string_agg(id, ';' order by id) evidence
  from (select point, psn_no, fixmedins_code, slot, part_id id from part union select point, psn_no, fixmedins_code, slot, main_id from main) group by all)
select 'N025' rule_id, '违规' result, 'core' band, any_value(evidence) evidence, sum(r2(in_scope * taken / part_cnt)) amount
from taken join ids using (point, psn_no, fixmedins_code, slot) group by point, psn_no, fixmedins_code, slot
