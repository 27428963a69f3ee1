-- 更正决定: what a decision that was corrected gives back. What is due falls with the decision; where more came in than is due now, the rest is
-- owed to the institution (open_fen below 0) until 财务 books it as returned:
-- due = refused + offset + paid + waived - returned + open.
alter table recoveries add column returned_fen bigint not null default 0;
