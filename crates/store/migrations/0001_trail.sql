-- 审计留痕: every change of the business store leaves an event; each event carries the hash of the one before.
-- Moments are microseconds of local Chinese time since 1970-01-01.
create table events (
    seq bigint primary key,
    at bigint not null,
    account text not null,
    role text not null,
    origin text not null,
    act text not null,
    object_kind text not null,
    object text not null,
    detail text not null,
    reason text,
    previous text not null,
    hash text not null
);
create index events_by_account on events (account, seq);
create index events_by_object on events (object_kind, object, seq);
create index events_by_act on events (act, seq);
-- Where the chain ends, so that cutting off its tail shows before the next anchor.
create table trail_head (
    one bigint primary key check (one = 1),
    seq bigint not null,
    hash text not null
);
insert into trail_head (one, seq, hash) values (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
-- 锚点: the hash of the event `seq`, as it was handed to the overseer.
create table anchors (
    seq bigint primary key,
    at bigint not null,
    hash text not null
);
