-- The house readings that every rule stands on, in plain SQL over a city's CSV files: void settlements, folded reversals,
-- fund interest, care, level, sex. Written from the readings alone; shares nothing with the kernel.

create table settlement as
select setl_id, psn_no, mdtrt_id, fixmedins_code, try_cast(setl_time as timestamp) setl_time, try_cast(begndate as timestamp) begndate, try_cast(enddate as timestamp) enddate,
       left(med_type, 2) med2, try_cast(medfee_sumamt as decimal(16,2)) medfee, try_cast(inscp_amt as decimal(16,2)) in_scope,
       try_cast(fund_pay_sumamt as decimal(16,2)) fund, try_cast(acct_pay as decimal(16,2)) acct_pay, init_setl_id, refd_setl_flag
from setl_d;

create table void_settlement as
select setl_id from settlement where refd_setl_flag = '1' or init_setl_id is not null
union select init_setl_id from settlement where init_setl_id is not null;

create table net_settlement as select * from settlement where setl_id not in (select setl_id from void_settlement);

create table person as
select p.psn_no, case p.gend when '1' then '男' when '2' then '女' end as sex, try_cast(p.brdy as date) birth,
       coalesce(
         (select min(try_cast(d.die_date as date)) from death_list d where d.certno = p.certno),
         null) death_day
from psn_info_b p;

create table visit as
select v.mdtrt_id, v.psn_no, v.fixmedins_code, left(v.med_type, 2) med2,
       case when left(v.med_type, 2) = '13' then '急诊' when left(v.med_type, 2) = '14' then '门慢' when left(v.med_type, 2) = '41' then '购药'
            when left(v.med_type, 2) = '52' or v.med_type like '2%' then '住院' else '门诊' end as care,
       v.insutype, try_cast(v.hosp_lv as int) lv,
       case when try_cast(v.hosp_lv as int) in (1, 2, 3, 4, 12) then 3 when try_cast(v.hosp_lv as int) in (5, 6, 7, 13) then 2 else 1 end as level,
       coalesce(try_cast(v.hosp_lv as int) not in (1,2,3,4,5,6,7,8,9,10,12,13,14), true) unlevelled,
       try_cast(v.begntime as timestamp) begin_time, try_cast(v.endtime as timestamp) end_time, v.dscg_way, v.refl_old_mdtrt_id, v.dscg_maindiag_code
from mdtrt_d v;

-- A visit whose every settlement is void has been refunded.
create table net_visit as
select * from visit v
where not exists (select 1 from settlement s where s.mdtrt_id = v.mdtrt_id) or exists (select 1 from net_settlement s where s.mdtrt_id = v.mdtrt_id);

create table raw_line as
select bkkp_sn, mdtrt_id, setl_id, psn_no, fixmedins_code, med_list_codg item, try_cast(fee_ocur_time as timestamp) t, try_cast(fee_ocur_time as date) as day,
       try_cast(cnt as decimal(16,4)) cnt, try_cast(pric as decimal(16,6)) pric, try_cast(det_item_fee_sumamt as decimal(16,2)) amt,
       coalesce(try_cast(fulamt_ownpay_amt as decimal(16,2)), 0) own, coalesce(try_cast(overlmt_selfpay as decimal(16,2)), 0) overlmt,
       coalesce(try_cast(inscp_amt as decimal(16,2)), 0) in_scope, coalesce(try_cast(pric_uplmt_amt as decimal(16,6)), 0) cap,
       rx_drord_no, init_feedetl_sn, bilg_dr_code, bilg_dept_codg, coalesce(dscg_tkdrug_flag, '0') discharge, coalesce(matn_fee_flag, '0') matn,
       try_cast(prd_days as decimal(9,2)) prd_days, sin_dos_dscr, used_frqu_dscr, medc_way_dscr, med_chrgitm_type, coalesce(hosp_appr_flag, '0') approved
from fee_list_d
where setl_id is null or setl_id not in (select setl_id from void_settlement);

create table line as
with taken_back as (
  select o.mdtrt_id, o.bkkp_sn, sum(r.cnt) cnt, sum(r.amt) amt, sum(r.own) own, sum(r.overlmt) overlmt, sum(r.in_scope) in_scope
  from raw_line r join raw_line o on o.mdtrt_id = r.mdtrt_id and o.bkkp_sn = r.init_feedetl_sn
  where r.cnt < 0 group by 1, 2)
select l.* exclude (cnt, amt, own, overlmt, in_scope), l.cnt + coalesce(b.cnt, 0) cnt, l.amt + coalesce(b.amt, 0) amt, l.own + coalesce(b.own, 0) own,
       l.overlmt + coalesce(b.overlmt, 0) overlmt, l.in_scope + coalesce(b.in_scope, 0) in_scope,
       case left(l.item, 1) when 'X' then left(l.item, 10) when 'Z' then left(l.item, 11) else l.item end generic
from raw_line l left join taken_back b on b.mdtrt_id = l.mdtrt_id and b.bkkp_sn = l.bkkp_sn
where l.cnt > 0 and l.cnt + coalesce(b.cnt, 0) > 0 and l.t is not null;

-- Lines with fund interest (the in_scope guard of rules 1–34 and 64–88), with their visit.
create table guarded as
select l.*, v.care, v.med2, d.caty dept_class, v.insutype, v.level, v.unlevelled, v.begin_time, v.end_time, p.sex, p.birth
from line l join visit v on v.mdtrt_id = l.mdtrt_id left join person p on p.psn_no = l.psn_no
left join (select fixmedins_code, dept_code, min(caty) caty from medins_dept_b group by all) d on d.fixmedins_code = l.fixmedins_code and d.dept_code = l.bilg_dept_codg
where l.in_scope <> 0 and l.own <> l.amt;

create table diagnosis as
select d.mdtrt_id, d.psn_no, d.setl_list_diag_id, d.diag_code code, d.maindiag_flag = '1' main from setl_list_diag_d d
where d.mdtrt_id in (select mdtrt_id from net_visit);

-- Completed years at a day; a birthday on 29 February is kept on 1 March in common years.
create macro age(birth, d) as date_diff('year', birth, d) - case when (month(d), day(d)) < (month(birth), day(birth)) then 1 else 0 end;
create macro r2(x) as (floor(x * 100 + 0.5) / 100)::decimal(16,2);
-- Whether a person has reached an age limit as the knowledge writes it: 18岁 in completed years, 28天 in days.
create macro reached(birth, d, l) as case when l like '%岁' then age(birth, d) >= try_cast(replace(l, '岁', '') as int)
  when l like '%天' then date_diff('day', birth, d) >= try_cast(replace(l, '天', '') as int) end;

-- The unit an item is charged in, and whether it counts in times (次 and the like).
create table unit as select hilist_code item, max(unit) unit from hilist_b group by 1;
