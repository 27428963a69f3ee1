-- 任务: what was started, by whom, with what, and what came of it. One that is running here and not in the program was cut off.
create table jobs (
    id text primary key,
    kind text not null,
    -- JSON: what it was asked to be about.
    args text not null,
    account text not null references accounts (account),
    started bigint not null,
    ended bigint,
    -- running, done, failed, cancelled
    state text not null,
    outcome text not null default '',
    -- The job that this one takes up again; blank where it takes up none.
    resumes text not null default ''
);
create index jobs_started on jobs (started);
