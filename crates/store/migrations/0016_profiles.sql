-- 画像: findings of a person and of a doctor, without walking all of them.
create index lead_findings_practitioner on lead_findings (practitioner, institution, lead);
create index lead_findings_person on lead_findings (person_no, lead);
