-- What was answered to an act that came with an idempotency key, for a day: a repeat after a restart is answered alike. Worth no event: the
-- act has its own. print: hash of the request.
create table volatile_answers (
    key text primary key,
    print text not null,
    at bigint not null,
    status bigint not null,
    body text not null
);
create index volatile_answers_at on volatile_answers (at);
