-- 视图: filters of a list kept under a name, for oneself or for the department (same region and institution).
create table saved_views (
    id bigint primary key,
    account text not null references accounts (account),
    -- The owner's region and institution when it was saved: who shares both is the department. Institution empty: none.
    region text not null,
    institution text not null,
    -- The page whose list it filters: leads, recoveries.
    page text not null,
    title text not null,
    -- JSON: the filter as the page's address has it.
    query text not null,
    -- 1: for the department.
    shared bigint not null,
    made_at bigint not null
);
create index saved_views_account on saved_views (account, page);
create index saved_views_department on saved_views (region, institution, page);

-- 通知: which were read. The notices themselves are made from what happened; a key names one for good, so that none is told twice.
create table notices_read (
    account text not null references accounts (account),
    key text not null,
    at bigint not null,
    primary key (account, key)
);
