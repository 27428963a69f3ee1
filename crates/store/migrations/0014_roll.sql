-- Lists, totals and summaries are answered from a roll in memory that takes in what changed: each change of a lead stamps it with the place
-- in the trail it is made at. The sums and orders that were kept here for them go, so that acts and runs write less.
alter table leads add column touched bigint not null default 0;
create index leads_touched on leads (touched, id);
-- Every region and institution leads have: what scopes are asked of.
create table lead_places (
    region text not null,
    institution text not null,
    primary key (region, institution)
);
insert into lead_places (region, institution) select distinct region, institution from leads;
drop table lead_sums;
drop table lead_weeks;
drop table lead_rules;
drop index leads_rank;
drop index leads_status_rank;
drop index leads_institution_rank;
drop index leads_amount;
drop index leads_status_amount;
drop index leads_day;
drop index leads_status_day;
drop index leads_status_due;
drop index leads_holder;
create index leads_institution on leads (institution, status);
