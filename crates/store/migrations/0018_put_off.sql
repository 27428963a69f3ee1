-- 暂缓: the day the lead comes back by itself; 0 where it does not wait.
alter table leads add column put_off_day bigint not null default 0;
-- 合并: the lead this one went into, blank where it stands for itself. 拆分: the lead it was taken out of.
alter table leads add column merged_into text not null default '';
alter table leads add column split_from text not null default '';
-- 1: people put its findings together (merged or split); runs leave them where they are.
alter table leads add column shaped bigint not null default 0;
create index leads_merged_into on leads (merged_into) where merged_into <> '';
create index leads_split_from on leads (split_from) where split_from <> '';
-- What people decided about each rule's findings, by kind of institution (三级, 二级, 药店, …).
create table rule_kind_outcomes (
    rule text not null,
    kind text not null,
    checked bigint not null,
    upheld bigint not null,
    checked_fen bigint not null,
    upheld_fen bigint not null,
    primary key (rule, kind)
);
