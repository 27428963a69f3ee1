-- 自查自纠: a problem list goes out; answers, refunds and promises come in.

create table campaigns (
    -- ZC2026-000001
    id text primary key,
    title text not null,
    body text not null,
    -- draft, open, closed
    state text not null,
    -- JSON: ids of rules.
    rules text not null,
    -- Findings from and to these days are shown; 0 and 99999999: all.
    from_day bigint not null,
    to_day bigint not null,
    due_day bigint not null,
    account text not null,
    by_name text not null,
    report text not null,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null
);

create table campaign_institutions (
    id text not null,
    institution text not null,
    institution_name text not null,
    region text not null,
    -- waiting, declared, paid, accepted, returned
    state text not null,
    -- What the rules had found at the institution when the list went out.
    findings bigint not null,
    found_fen bigint not null,
    declared_fen bigint not null,
    refunded_fen bigint not null,
    text text not null,
    promised_by text not null,
    promised_at bigint,
    version bigint not null,
    primary key (id, institution)
);
create index campaign_institutions_own on campaign_institutions (institution, id);

-- Everything handed in, append only.
create table campaign_entries (
    campaign text not null,
    institution text not null,
    seq bigint not null,
    at bigint not null,
    -- declare, refund, confirm, accept, return
    act text not null,
    amount_fen bigint not null,
    document text not null,
    text text not null,
    account text not null,
    name text not null,
    idem text,
    primary key (campaign, institution, seq),
    unique (account, idem)
);
