-- 账号、角色、数据范围、会话. Names, phones and secrets are sealed (s1.…); moments are microseconds of local Chinese time; yes and no are 1 and 0.
create table accounts (
    account text primary key,
    name text not null,
    phone text,
    -- 统筹区 the person belongs to, for display.
    region text not null,
    -- The institution the person works at.
    institution text,
    -- argon2id, as a PHC string.
    password text not null,
    password_at bigint not null,
    -- 1: given by somebody else, to be changed first.
    password_given bigint not null,
    failures bigint not null,
    locked_until bigint,
    totp text,
    -- When the second factor was confirmed; null: not yet.
    totp_at bigint,
    -- The step of the last code taken: no code counts twice.
    totp_step bigint not null,
    disabled bigint not null,
    -- When the account runs out; null: never.
    ends bigint,
    made_at bigint not null,
    version bigint not null
);
create table account_roles (
    account text not null references accounts (account),
    role text not null,
    primary key (account, role)
);
create index account_roles_by_role on account_roles (role, account);
-- kind: region (beginning of a code), institution (code), lead (id).
create table scopes (
    account text not null references accounts (account),
    kind text not null,
    value text not null,
    ends bigint,
    primary key (account, kind, value)
);
create index scopes_by_value on scopes (kind, value);
create table past_passwords (
    account text not null references accounts (account),
    password text not null,
    ended_at bigint not null
);
create index past_passwords_by_account on past_passwords (account, ended_at);
-- One-time codes for who has lost the second factor; keyed hashes.
create table recovery_codes (
    account text not null references accounts (account),
    hash text not null,
    used_at bigint,
    primary key (account, hash)
);
-- id: SM3 of the token, which itself is stored nowhere.
create table sessions (
    id text primary key,
    account text not null references accounts (account),
    begun_at bigint not null,
    origin text not null,
    ended_at bigint
);
create index sessions_by_account on sessions (account, begun_at);
-- When a session was last seen, to the minute; worth no event.
create table volatile_seen (
    session text primary key,
    at bigint not null
);
