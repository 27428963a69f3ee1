-- 导出申请: what is to leave the house, who asked, who let it. Reason, filter and decision are sealed: they may name persons.
create table exports (
    -- DC2026-000001, also the number of the watermark.
    id text primary key,
    account text not null references accounts (account),
    -- The region whose people may decide: the narrowest that holds all the asker sees.
    region text not null,
    -- leads, recoveries
    kind text not null,
    -- xlsx, csv
    form text not null,
    -- 1: with names and certificate numbers in clear.
    clear bigint not null,
    -- JSON, as asked; it does not change after that.
    filter text not null,
    -- Rows it named when it was asked for.
    rows_asked bigint not null,
    reason text not null,
    -- Why a second person is needed: clear, rows, all; null: none is.
    why text,
    -- waiting, approved, refused, withdrawn, taken
    state text not null,
    asked_at bigint not null,
    decided_by text,
    decided_at bigint,
    decision text,
    -- The file can be taken before this moment.
    until bigint,
    taken_at bigint,
    rows_taken bigint,
    version bigint not null
);
create index exports_by_account on exports (account, asked_at);
create index exports_by_state on exports (state, region, asked_at);
