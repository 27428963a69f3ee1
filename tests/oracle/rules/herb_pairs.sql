-- N075: 一张处方里成对的配伍禁忌饮片，两味都算；主项自费也算。
with herb as (select l.*, l.in_scope <> 0 and l.own <> l.amt interest from line l where starts_with(item, 'T') and rx_drord_no is not null),
pair as (
  select distinct m.psn_no, m.mdtrt_id, m.rx_drord_no, m.day, k.point, m.bkkp_sn main_id, case when m.interest then m.in_scope else 0 end main_scope, p.bkkp_sn part_id, p.in_scope part_scope
  from herb m join k_herb_conflicts k on k.code = m.item
  join herb p on p.item = k.part_code and p.interest and p.psn_no = m.psn_no and p.mdtrt_id = m.mdtrt_id and p.rx_drord_no = m.rx_drord_no and p.day = m.day)
select 'N075' rule_id, '可疑' result, 'core' band, string_agg(id, ';' order by id) evidence, sum(in_scope) amount
from (select distinct psn_no, mdtrt_id, rx_drord_no, day, point, main_id id, main_scope in_scope from pair
      union select distinct psn_no, mdtrt_id, rx_drord_no, day, point, part_id, part_scope from pair)
group by psn_no, mdtrt_id, rx_drord_no, day, point
