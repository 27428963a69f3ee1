-- 办案: leads, their findings, the steps taken, panels, recoveries. Money in fen, days since 1970-01-01, moments in microseconds of local
-- Chinese time. Identities are sealed (person_sealed); names stand masked.

create table leads (
    -- XS2026-000123: the number people say is the id.
    id text primary key,
    subject text not null,
    -- What the lead is about, e.g. stay:<visit>; with `generation`, since a subject decided once can come up again.
    subject_key text not null,
    generation bigint not null,
    subject_label text not null,
    region text not null,
    institution text not null,
    institution_name text not null,
    institution_level text not null,
    person_no text not null,
    person_name text not null,
    person_sex text not null,
    person_age bigint,
    person_sealed text,
    visit text not null,
    visit_kind text not null,
    visit_begin text not null,
    visit_end text not null,
    practitioner text not null,
    -- JSON: [{id, title, class}]
    rules text not null,
    findings bigint not null,
    result text not null,
    -- 1: every finding is definite (违规, core): the short way.
    definite bigint not null,
    amount_fen bigint not null,
    fund_fen bigint not null,
    acct_fen bigint not null,
    expected_fen bigint not null,
    -- What the list is ordered by: expected_fen, and a worth for conduct without money.
    rank_fen bigint not null,
    score bigint not null,
    reason text not null,
    first_day bigint not null,
    last_day bigint not null,
    status text not null,
    holder text not null,
    holder_name text not null,
    held_at bigint not null,
    -- Who did the first review, and who the second: neither decides.
    first_account text not null,
    first_name text not null,
    second_account text not null,
    second_name text not null,
    -- 1: the institution was told.
    told bigint not null,
    -- Day of the proof of delivery of what was sent last.
    delivered_day bigint,
    -- 1: the institution contests at least one finding.
    contested bigint not null,
    -- 99999999: no limit runs.
    due_day bigint not null,
    -- Working days left when the clock was stopped.
    paused_left bigint,
    gone bigint not null,
    decided_fen bigint not null,
    -- The funds' part of what was decided: what is to be refused or recovered.
    loss_fen bigint not null,
    -- 申诉核减: withdrawn after the institution was told; 初审排除: dropped before.
    withdrawn_fen bigint not null,
    dropped_fen bigint not null,
    road text not null,
    decided_at bigint,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    unique (subject_key, generation)
);
create index leads_rank on leads (rank_fen, id);
create index leads_status_rank on leads (status, rank_fen, id);
create index leads_institution_rank on leads (institution, status, rank_fen, id);
create index leads_amount on leads (amount_fen, id, status, institution, region, result, told, fund_fen);
create index leads_status_amount on leads (status, amount_fen, id);
create index leads_day on leads (last_day, id, status, institution, region, result, told, amount_fen, fund_fen);
create index leads_status_day on leads (status, last_day, id);
create index leads_due on leads (due_day, id);
create index leads_status_due on leads (status, due_day, id);
create index leads_holder on leads (holder, status, rank_fen, id);
create index leads_person on leads (person_no, id);
create index leads_visit on leads (visit, id);
create index leads_practitioner on leads (practitioner, id);

create table lead_findings (
    id text primary key,
    lead text not null,
    seq bigint not null,
    rule text not null,
    rule_version bigint not null,
    rule_name text not null,
    kind text not null,
    class text not null,
    result text not null,
    band text not null,
    person_no text not null,
    visit text not null,
    settlement text not null,
    institution text not null,
    practitioner text not null,
    practitioner_name text not null,
    first_time bigint,
    last_time bigint,
    amount_fen bigint,
    fund_fen bigint,
    acct_fen bigint,
    -- The amount in the newest run: amount_fen of a lead that was told stays as told.
    seen_fen bigint,
    text text not null,
    cluster_id text not null,
    -- The money of its cluster counted here; 0 where another finding counts it.
    counted_fen bigint not null,
    counted_fund_fen bigint not null,
    counted_acct_fen bigint not null,
    -- 1: the newest run does not have it any more.
    gone bigint not null,
    -- What the institution answered: accept, appeal.
    answer text not null,
    answer_reason text not null,
    answer_text text not null,
    -- uphold, partly, withdraw; a proposal until the lead is closed.
    conclusion text not null,
    decided_fen bigint not null,
    loss_fen bigint not null
);
create index lead_findings_lead on lead_findings (lead, seq);
create index lead_findings_institution on lead_findings (institution, rule, lead);

-- One row per lead and rule, so that a rule's leads are found in the order of the list.
create table lead_rules (
    rule text not null,
    lead text not null,
    rank_fen bigint not null,
    amount_fen bigint not null,
    last_day bigint not null,
    primary key (lead, rule)
);
create index lead_rules_rank on lead_rules (rule, rank_fen, lead);
create index lead_rules_amount on lead_rules (rule, amount_fen, lead);
create index lead_rules_day on lead_rules (rule, last_day, lead);

-- Counts and sums of leads by what lists are filtered by, kept in step by every act. Rows of one institution are over all rules (rule ''),
-- rows over all institutions (institution '*') are over all rules and of each rule.
create table lead_sums (
    rule text not null,
    institution text not null,
    status text not null,
    region text not null,
    subject text not null,
    result text not null,
    told bigint not null,
    leads bigint not null,
    findings bigint not null,
    amount_fen bigint not null,
    fund_fen bigint not null,
    primary key (rule, institution, status, region, subject, result, told)
);

-- Findings by week (its Monday) and result, for the workbench; made anew by each run.
create table lead_weeks (
    -- Days since 1970-01-01.
    week bigint not null,
    region text not null,
    institution text not null,
    result text not null,
    leads bigint not null,
    findings bigint not null,
    amount_fen bigint not null,
    primary key (week, region, institution, result)
);

create table institution_names (
    code text primary key,
    name text not null,
    level text not null,
    region text not null
);

-- Every step of a lead, never changed.
create table lead_steps (
    lead text not null,
    seq bigint not null,
    at bigint not null,
    act text not null,
    account text not null,
    name text not null,
    role text not null,
    from_status text not null,
    to_status text not null,
    text text not null,
    reason text not null,
    -- JSON: answers per finding.
    lines text not null,
    -- JSON: ids of attachments.
    attachments text not null,
    -- 1: for the bureau's eyes; the institution does not see it.
    inner_only bigint not null,
    -- The caller's idempotency key.
    idem text,
    primary key (lead, seq),
    unique (account, idem, lead)
);

create table panel_seats (
    lead text not null,
    round bigint not null,
    account text not null,
    name text not null,
    institution text not null,
    -- asked, recused, voted
    state text not null,
    vote text not null,
    lines text not null,
    text text not null,
    at bigint not null,
    primary key (lead, round, account)
);
create index panel_seats_account on panel_seats (account, state);

-- What people decided about each rule's findings: by count and by money.
create table rule_outcomes (
    rule text primary key,
    checked bigint not null,
    upheld bigint not null,
    checked_fen bigint not null,
    upheld_fen bigint not null
);

create table casework_serials (
    kind text not null,
    year bigint not null,
    used bigint not null,
    primary key (kind, year)
);

create table recoveries (
    -- ZH2026-000001
    id text primary key,
    lead text not null,
    region text not null,
    institution text not null,
    institution_name text not null,
    road text not null,
    -- 涉及金额 decided, and the funds' part of it that is due.
    amount_fen bigint not null,
    due_fen bigint not null,
    refused_fen bigint not null,
    offset_fen bigint not null,
    paid_fen bigint not null,
    waived_fen bigint not null,
    open_fen bigint not null,
    due_day bigint not null,
    opened_at bigint not null,
    version bigint not null
);
create index recoveries_lead on recoveries (lead);
create index recoveries_institution on recoveries (institution, id);
create index recoveries_open on recoveries (open_fen, due_day);

-- Append only: a mistake is undone by a counter entry.
create table recovery_entries (
    recovery text not null,
    seq bigint not null,
    at bigint not null,
    kind text not null,
    amount_fen bigint not null,
    document text not null,
    text text not null,
    account text not null,
    name text not null,
    reverses bigint,
    idem text,
    primary key (recovery, seq),
    unique (account, idem)
);
create index recovery_entries_at on recovery_entries (at, recovery);

create table attachments (
    id text primary key,
    -- lead or campaign, and which.
    owner_kind text not null,
    owner text not null,
    region text not null,
    institution text not null,
    name text not null,
    media text not null,
    size bigint not null,
    sm3 text not null,
    account text not null,
    by_name text not null,
    -- 1: of the bureau, not shown to the institution.
    inner_only bigint not null,
    at bigint not null
);
create index attachments_owner on attachments (owner_kind, owner, id);
