-- 单点登录: which identity of which provider is which account. The subject is a keyed hash: it may be a staff number.
create table identities (
    issuer text not null,
    subject text not null,
    account text not null references accounts (account),
    linked_at bigint not null,
    primary key (issuer, subject)
);
-- One identity of a provider an account: whoever takes over a name there is not let in here.
create unique index identities_by_account on identities (account, issuer);
-- How a session began: password; oidc, vouched for by the provider; oidc2, by it and with a second factor.
alter table sessions add column way text not null default 'password';
