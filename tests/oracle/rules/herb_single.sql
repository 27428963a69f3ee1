-- N004: 一张处方（处方号＋日）的饮片全部在单方不付的名单上。
select 'N004' rule_id, '违规' result, 'core' band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence, sum(in_scope) amount
from guarded where starts_with(item, 'T') and rx_drord_no is not null
group by psn_no, mdtrt_id, rx_drord_no, day
having bool_and(item in (select code from k_herb_single))
