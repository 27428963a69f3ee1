-- N084: 耗材与医疗服务项目不符：本次就诊没有相应的项目（自费的项目也算做了）。
select 'N084' rule_id, '可疑' result, 'core' band, string_agg(bkkp_sn, ';' order by bkkp_sn) evidence, sum(in_scope) amount
from (select distinct l.mdtrt_id, l.item, l.bkkp_sn, l.in_scope from guarded l join k_material_services k on starts_with(l.item, k.code)
  where not exists (select 1 from line s join (select point, rtrim(unnest(string_split(services, ';')), '*') prefix from k_material_services) f on starts_with(s.item, f.prefix)
    where s.mdtrt_id = l.mdtrt_id and f.point = k.point))
group by mdtrt_id, item
