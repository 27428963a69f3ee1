-- Sums over all institutions and rules also go by blocks of 32 days of the leads' last day, so that a year's total is a few rows and two
-- edges; other sums have block 0. The order of one status is kept by result: what is definite does not stand before what is suspected.
drop table lead_sums;
create table lead_sums (
    rule text not null,
    institution text not null,
    status text not null,
    region text not null,
    subject text not null,
    result text not null,
    told bigint not null,
    block bigint not null,
    leads bigint not null,
    findings bigint not null,
    amount_fen bigint not null,
    fund_fen bigint not null,
    primary key (rule, institution, status, region, subject, result, told, block)
);
insert into lead_sums (rule, institution, status, region, subject, result, told, block, leads, findings, amount_fen, fund_fen)
select '', '*', l.status, l.region, l.subject, l.result, l.told, l.last_day / 32, count(*), cast(sum(l.findings) as bigint), cast(sum(l.amount_fen) as bigint), cast(sum(l.fund_fen) as bigint)
from leads l group by l.status, l.region, l.subject, l.result, l.told, l.last_day / 32;
insert into lead_sums (rule, institution, status, region, subject, result, told, block, leads, findings, amount_fen, fund_fen)
select '', l.institution, l.status, l.region, l.subject, l.result, l.told, 0, count(*), cast(sum(l.findings) as bigint), cast(sum(l.amount_fen) as bigint), cast(sum(l.fund_fen) as bigint)
from leads l group by l.institution, l.status, l.region, l.subject, l.result, l.told;
insert into lead_sums (rule, institution, status, region, subject, result, told, block, leads, findings, amount_fen, fund_fen)
select r.rule, '*', l.status, l.region, l.subject, l.result, l.told, 0, count(*), cast(sum(l.findings) as bigint), cast(sum(l.amount_fen) as bigint), cast(sum(l.fund_fen) as bigint)
from lead_rules r join leads l on l.id = r.lead group by r.rule, l.status, l.region, l.subject, l.result, l.told;
drop index leads_status_rank;
create index leads_status_rank on leads (status, result, rank_fen, id);
