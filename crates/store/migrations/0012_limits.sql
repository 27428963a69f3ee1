-- The working days of the limit that runs, so that delivery starts the same limit anew.
alter table leads add column limit_days bigint not null default 0;
-- Replies whose grounds a person chose teach the sorting of replies.
create index lead_findings_appeals on lead_findings (id) where answer = 'appeal' and answer_reason <> '' and answer_text <> '';
