/**
 * The HTTP contract of /api/v1 as the pages use it.
 *
 * Money is integer fen (`_fen`), days are "2026-01-31", moments "2026-01-31 08:00:00", both local. Field names are used as they come.
 */

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  fields?: Record<string, string>;
  /** Of a conflict: the object as it stands now. */
  current?: unknown;
};

export type Role =
  | 'auditor' | 'reviewer' | 'expert' | 'supervisor' | 'legal' | 'director' | 'rule_author' | 'finance'
  | 'institution' | 'outside' | 'overseer' | 'sysadmin' | 'secadmin' | 'auditadmin';

export type Named = { account: string; name: string };
export type Coded = { code: string; name: string };
export type Choice = { code: string; title: string };

export type Me = {
  account: string;
  name: string;
  roles: Role[];
  role_titles: string[];
  region: string;
  institution?: Coded;
  acts: string[];
  csrf: string;
  totp: boolean;
  /** The password must be changed before anything else. */
  must_change: boolean;
  /** A second factor must be set up first. */
  must_totp?: boolean;
  as_of?: string;
  run?: string;
};

/** 系统判别: what the machine says of a finding; 提醒 is the band `watch`. */
export const RESULTS = ['违规', '可疑', '提醒'] as const;
export type Result = (typeof RESULTS)[number];

export type Subject = 'stay' | 'visit' | 'person' | 'practitioner' | 'institution_month';
export type Tone = 'wait' | 'back' | 'upheld' | 'cleared' | 'run';
export type Due = { day: string; working_days_left: number; overdue: boolean };
export type RuleRef = { id: string; title: string; class: string };

export type Lead = {
  id: string;
  number: string;
  subject: Subject;
  subject_label: string;
  institution?: { code: string; name: string; level: string; region: string };
  person?: { no: string; name_masked: string; sex: string; age?: number };
  visit?: { id: string; kind_title: string; begin: string; end: string };
  rules: RuleRef[];
  findings: number;
  result: Result;
  amount_fen: number;
  fund_fen: number;
  acct_fen: number;
  /** Expected recoverable: precision of the rule × amount. */
  expected_fen: number;
  /** 0 to 100: ranks, explains nothing. */
  score: number;
  reason: string;
  first_day: string;
  last_day: string;
  status: string;
  status_title: string;
  tone: Tone;
  holder?: Named;
  due?: Due;
  /** The newest run does not see its findings any more. */
  gone: boolean;
  version: number;
  updated: string;
};

export type LeadPage = {
  items: Lead[];
  total: number;
  sum_amount_fen: number;
  sum_fund_fen: number;
  next?: string;
  prev?: string;
};

export type LeadSort = 'rank' | 'amount' | 'due' | 'day';

export type LeadQuery = {
  status?: string;
  institution?: string;
  rule?: string;
  result?: string;
  subject?: string;
  from?: string;
  to?: string;
  amount_min_fen?: number;
  q?: string;
  mine?: 1;
  due?: number;
  sort?: LeadSort;
  after?: string;
  limit?: number;
};

export type Conclusion = 'accept' | 'appeal' | 'uphold' | 'partly' | 'withdraw';

export type LineAnswer = {
  finding_id: string;
  conclusion: Conclusion;
  amount_fen?: number;
  reason?: string;
  text?: string;
};

export type Attachment = { id: string; name: string; size: number; sm3: string; by: Named; at: string };

export type Finding = {
  id: string;
  rule: RuleRef & { version: number };
  result: Result;
  band: string;
  text: string;
  amount_fen?: number;
  fund_fen?: number;
  acct_fen?: number;
  first_time: string;
  last_time: string;
  cluster_id: string;
  /** It leads its cluster: its money counts, that of the others of the cluster does not. */
  counted: boolean;
  practitioner?: { code: string; name_masked: string };
  decided_fen?: number;
  conclusion?: Conclusion;
};

export type Step = {
  at: string;
  act: string;
  act_title: string;
  by: Named & { role_title: string };
  from_status: string;
  to_status: string;
  text?: string;
  reason?: string;
  lines?: LineAnswer[];
  attachments?: Attachment[];
};

export type Need = 'assignee' | 'reason' | 'text' | 'lines' | 'attachments' | 'limit' | 'vote' | 'road' | 'until' | 'members';

export type ActOffer = {
  act: string;
  title: string;
  allowed: boolean;
  why_not?: string;
  /** The sentence of the confirm dialog. */
  effect: string;
  needs: Need[];
  reasons?: Choice[];
  assignees?: Named[];
  limit_days?: number;
  danger?: boolean;
};

export type Reply = {
  at: string;
  by: Named;
  lines: LineAnswer[];
  text?: string;
  attachments: Attachment[];
  /** Classes of reason read out of the free text; a person decides. */
  proposed?: LineAnswer[];
};
export type Road = 'refuse' | 'recover';
export type Decision = {
  at: string;
  by: Named;
  road?: Road | 'none';
  upheld_fen: number;
  /** 申诉核减 */
  withdrawn_fen: number;
  lines: LineAnswer[];
  text?: string;
};

/** 合议: votes and texts are absent until `open`, when all are in. */
export type Panel = {
  members: (Named & { voted: boolean; vote?: string; text?: string; recused: boolean })[];
  open: boolean;
  outcome?: string;
};

export type RecoveryState = 'due' | 'part' | 'closed' | 'overdue';
export type EntryKind = 'refused' | 'offset' | 'paid' | 'waived';

export type Recovery = {
  id: string;
  number: string;
  lead: { id: string; number: string };
  institution: Coded;
  road: Road;
  state: RecoveryState;
  amount_fen?: number;
  due_fen: number;
  refused_fen: number;
  offset_fen: number;
  paid_fen: number;
  waived_fen: number;
  open_fen: number;
  due_day: string;
  entries: { seq?: number; at: string; kind: EntryKind; amount_fen: number; document?: string; text?: string; by: string; reverses?: number }[];
  version: number;
};

export type RecoveryPage = {
  items: Recovery[];
  total: number;
  sums: {
    due_fen: number;
    refused_fen: number;
    offset_fen: number;
    paid_fen: number;
    waived_fen: number;
    open_fen: number;
    overdue_fen: number;
  };
  next?: string;
};

export type LeadDetail = Lead & {
  finding_list: Finding[];
  steps: Step[];
  acts: ActOffer[];
  reply?: Reply;
  decision?: Decision;
  panel?: Panel;
  recoveries: Recovery[];
  attachments: Attachment[];
};

export type ActBody = {
  version?: number;
  assignee?: string;
  reason?: string;
  text?: string;
  lines?: LineAnswer[];
  attachments?: string[];
  limit_days?: number;
  vote?: string;
  road?: Road;
  until?: string;
  members?: string[];
};

export type BatchBody = ActBody & { ids?: string[]; filter?: LeadQuery };
export type BatchAnswer = { done: number; failed: { id: string; detail: string }[]; amount_fen: number };

export type EvidenceLine = {
  id: string;
  time: string;
  code: string;
  name: string;
  spec?: string;
  /** As billed: decimal text. */
  count: string;
  price: string;
  amount_fen: number;
  scope_fen: number;
  department?: string;
  practitioner?: string;
  hit: boolean;
  hit_fen?: number;
  why?: string;
};

export type Precision = { checked: number; upheld: number; low: number; high: number };

export type Evidence = {
  finding: Finding;
  rule: {
    id: string;
    version: number;
    title: string;
    plain: string;
    misfires: string;
    basis: string[];
    logic: string;
  };
  points: { label: string; table_title: string; origin: string; cells: [string, string][] }[];
  lines: EvidenceLine[];
  /** Lines there are beyond those listed. */
  lines_hidden: number;
  diagnoses: { code: string; name: string; main: boolean; hit: boolean }[];
  operations: { code: string; name: string; day: string; hit: boolean }[];
  visit?: Record<string, string>;
  arithmetic: string[];
  against: string[];
  not_judged: string[];
  precision: Precision;
  others: Finding[];
};

export type LaneKind = 'stay' | 'visit' | 'pharmacy' | 'registration';
export type Span = {
  kind: LaneKind;
  institution: string;
  begin: string;
  end: string;
  label: string;
  amount_fen: number;
  hit: boolean;
  overlap: boolean;
};
export type PersonTimeline = { lanes: Span[]; from: string; to: string };

export type Workbench = {
  strip: {
    todo: number;
    due3: number;
    new_leads: number;
    replied: number;
    recovered_fen: number;
    target_fen?: number;
  };
  first: Lead[];
  ladder: { overdue: number; today: number; d1_3: number; d4_7: number; later: number };
  weeks: { week: string; violation: number; suspect: number }[];
  load: (Named & { in_hand: number; median_age_days: number; overdue: number })[];
  next_due?: string;
};

export type SummaryItem = {
  key: string;
  title: string;
  leads: number;
  findings: number;
  amount_fen: number;
  upheld: number;
  cleared: number;
};
export type Summary = { items: SummaryItem[] };

export type RuleRow = {
  id: string;
  title: string;
  class: string;
  verdict: string;
  status: string;
  version: number;
  valid_from: string;
  findings: number;
  amount_fen: number;
  checked: number;
  upheld: number;
  low: number;
  high: number;
};

export type RuleDetail = RuleRow & {
  plain: string;
  logic: string;
  markdown: string;
  params: { name: string; value: string; text: string }[];
  basis: string[];
  misfires: string;
  knowledge: { table: string; title: string; points: number }[];
  examples: { title: string; hits: boolean; columns: string[]; rows: string[][] }[];
};

export type KnowledgeTable = { table: string; title: string; origin: string; points: number; rules: string[] };
export type KnowledgePage = { columns: string[]; items: string[][]; total: number; next?: string };

export type Run = {
  id: string;
  at: string;
  data_version: number;
  rule_set_hash: string;
  rules: number;
  findings: number;
  amount_fen: number;
  persons: number;
  lines: number;
  seconds: number;
  /** Whether the leads come from it. */
  current: boolean;
};
export type Import = {
  version: number;
  at: string;
  sources: string[];
  rows: number;
  rejected: number;
  tables: { table: string; title: string; rows: number; rejected: number }[];
};
export type QualityRow = {
  institution: string;
  institution_name: string;
  check: string;
  title: string;
  rows: number;
  failed: number;
  /** 0 to 1 */
  share: number;
  /** What cannot be judged because of it. */
  consequence: string;
};

export type JobKind = 'screen' | 'import' | 'update_leads';
export type JobState = 'running' | 'done' | 'failed' | 'cancelled';
export type Job = {
  id: string;
  kind: string;
  title: string;
  state: JobState;
  started: string;
  ended?: string;
  by: string;
  step: string;
  done: number;
  /** 0 while not known. */
  total: number;
  outcome?: string;
};

export type ProfileRule = { id: string; title: string; findings: number; amount_fen: number };
export type Measure = {
  id: string;
  title: string;
  unit: string;
  value: number;
  peer_p25: number;
  peer_median: number;
  peer_p75: number;
  /** 0 to 100 */
  percentile: number;
};
export type ProfileMonth = {
  month: string;
  visits: number;
  stays: number;
  amount_fen: number;
  fund_fen: number;
  findings: number;
  found_fen: number;
};
export type InstitutionProfile = {
  code: string;
  name: string;
  level: string;
  kind: string;
  region: string;
  /** How many institutions of the same level and kind it is compared with. */
  peers: number;
  measures: Measure[];
  months: ProfileMonth[];
  rules: ProfileRule[];
};

export type AccountState = 'active' | 'locked' | 'disabled' | 'expired';
export type User = {
  account: string;
  name: string;
  roles: Role[];
  role_titles: string[];
  region: string;
  institutions: string[];
  state: AccountState;
  totp: boolean;
  expires?: string;
  last_login?: string;
  version: number;
};
export type UserPage = { items: User[]; roles: { code: Role; title: string }[]; next?: string };
export type NewUser = { account: string; name: string; roles: Role[]; region?: string; institutions?: string[]; expires?: string };
export type UserPatch = {
  version: number;
  name?: string;
  roles?: Role[];
  region?: string;
  institutions?: string[];
  expires?: string;
  disabled?: boolean;
};
/** The password is shown once. */
export type UserMade = { user: User; password?: string };

export type AuditRow = {
  seq: number;
  at: string;
  account: string;
  role: string;
  origin: string;
  act: string;
  object_kind: string;
  object: string;
  detail: unknown;
  reason?: string;
  hash: string;
};
export type AuditPage = { items: AuditRow[]; next?: string };
export type AuditState = { intact: boolean; events: number; broken?: string; anchor?: { day: string; seq: number; hash: string } };

export type CampaignInstitution = {
  institution: Coded;
  state: 'waiting' | 'declared' | 'paid' | 'accepted' | 'returned';
  findings: number;
  found_fen: number;
  declared_fen: number;
  refunded_fen: number;
  promised?: string;
  overdue?: boolean;
  entries?: { at: string; act: string; amount_fen: number; document?: string; text?: string; by: string }[];
  version: number;
};
export type Campaign = {
  id: string;
  title: string;
  state: 'draft' | 'open' | 'closed';
  text: string;
  /** Ids of rules. */
  rules: string[];
  from?: string;
  to?: string;
  due_day: string;
  institutions: CampaignInstitution[];
  report?: string;
  version: number;
};
export type NewCampaign = { title: string; text: string; rules: string[]; from?: string; to?: string; due_day: string; institutions: string[] };
/** `version` is that of the institution's part. */
export type Declaration = { version: number; declared_fen: number; document?: string; text?: string; promise: string };

export type OwnSummary = {
  open: number;
  open_fen: number;
  due3: number;
  overdue: number;
  accepted: number;
  accepted_fen: number;
  withdrawn_fen: number;
  refund_due_fen: number;
  refunded_fen: number;
  by_rule: ProfileRule[];
  by_month: { month: string; findings: number; amount_fen: number }[];
};

type Nothing = Record<string, never>;

/** 导出审批 */
export type ExportKind = 'leads' | 'recoveries';
export type ExportForm = 'xlsx' | 'csv';
export type Export = {
  id: string;
  kind: ExportKind;
  form: ExportForm;
  clear: boolean;
  conditions: { name: string; value: string }[];
  rows: number;
  reason: string;
  why?: 'clear' | 'rows' | 'all';
  state: 'waiting' | 'approved' | 'refused' | 'withdrawn' | 'taken' | 'lapsed';
  asked_at: string;
  asker: Named;
  decision?: { by: Named; at: string; approved: boolean; reason: string };
  until?: string;
  taken_at?: string;
  rows_taken?: number;
  own: boolean;
  may_decide: boolean;
  version: number;
};
export type ExportPage = { items: Export[]; waiting: number; next?: string };
/** 此件谁看过 */
export type Look = { at: string; account: string; name: string; role_title: string; act: string; origin: string; reason?: string };

/** Every read: path template → what it takes in the query and what it answers. */
export interface Reads {
  '/me': { query: Nothing; answer: Me };
  '/leads': { query: LeadQuery; answer: LeadPage };
  '/leads/{id}': { query: Nothing; answer: LeadDetail };
  '/findings/{id}/evidence': { query: Nothing; answer: Evidence };
  '/findings/{id}/timeline': { query: Nothing; answer: PersonTimeline };
  '/recoveries': { query: { state?: string; institution?: string; after?: string }; answer: RecoveryPage };
  '/workbench': { query: Nothing; answer: Workbench };
  '/summary': { query: { by: 'rule' | 'institution' | 'week' }; answer: Summary };
  '/rules': { query: Nothing; answer: { items: RuleRow[] } };
  '/rules/{id}': { query: Nothing; answer: RuleDetail };
  '/knowledge': { query: Nothing; answer: { items: KnowledgeTable[] } };
  '/knowledge/{table}': { query: { q?: string; after?: string }; answer: KnowledgePage };
  '/runs': { query: Nothing; answer: { items: Run[] } };
  '/imports': { query: Nothing; answer: { items: Import[] } };
  '/quality': { query: Nothing; answer: { items: QualityRow[] } };
  '/jobs': { query: Nothing; answer: { items: Job[] } };
  '/institutions/{code}': { query: Nothing; answer: InstitutionProfile };
  '/users': { query: { q?: string; after?: string }; answer: UserPage };
  '/audit': { query: { account?: string; act?: string; object?: string; looks?: 1; after?: string }; answer: AuditPage };
  '/exports': { query: { of?: 'own' | 'others'; waiting?: 1; after?: string; limit?: number }; answer: ExportPage };
  '/leads/{id}/looks': { query: { after?: string }; answer: { items: Look[]; next?: string } };
  '/audit/state': { query: Nothing; answer: AuditState };
  '/campaigns': { query: Nothing; answer: { items: Campaign[] } };
  '/institution/summary': { query: Nothing; answer: OwnSummary };
}

/** Every write: method and path template → body and answer. */
export interface Writes {
  'POST /session': { body: { account: string; password: string; code?: string }; answer: Me };
  'DELETE /session': { body: undefined; answer: undefined };
  'POST /leads/{id}/acts/{act}': { body: ActBody; answer: LeadDetail };
  'POST /leads/acts/{act}': { body: BatchBody; answer: BatchAnswer };
  'POST /leads/{id}/attachments': { body: FormData; answer: Attachment };
  'POST /leads/{id}/unmask': { body: { reason: string }; answer: { name: string; certno: string } };
  'POST /recoveries/{id}/entries': {
    body: { version: number; kind: EntryKind; amount_fen: number; document?: string; text?: string; reverses?: number };
    answer: Recovery;
  };
  'POST /exports': { body: { kind: ExportKind; form: ExportForm; clear: boolean; filter: Record<string, string | number>; reason: string }; answer: Export };
  'POST /exports/{id}/approve': { body: { version: number; reason: string }; answer: Export };
  'POST /exports/{id}/refuse': { body: { version: number; reason: string }; answer: Export };
  'POST /exports/{id}/withdraw': { body: { version: number }; answer: Export };
  'POST /me/prints': { body: { number: string; page: string }; answer: undefined };
  'POST /jobs': { body: { kind: JobKind }; answer: Job };
  'DELETE /jobs/{id}': { body: undefined; answer: undefined };
  'POST /users': { body: NewUser; answer: UserMade };
  'PATCH /users/{account}': { body: UserPatch; answer: User };
  'POST /users/{account}/unlock': { body: undefined; answer: undefined };
  'POST /users/{account}/reset': { body: undefined; answer: UserMade };
  'POST /campaigns': { body: NewCampaign; answer: Campaign };
  'POST /campaigns/{id}/publish': { body: { version: number }; answer: Campaign };
  'POST /campaigns/{id}/close': { body: { version: number; report?: string }; answer: Campaign };
  'POST /campaigns/{id}/institutions/{code}/{step}': {
    body: { version: number; amount_fen?: number; document?: string; text?: string };
    answer: Campaign;
  };
  'POST /campaigns/{id}/declarations': { body: Declaration; answer: Campaign };
  'POST /me/password': { body: { current: string; password: string }; answer: undefined };
  'POST /me/totp': { body: undefined; answer: { secret: string; uri: string } };
  'POST /me/totp/confirm': { body: { code: string }; answer: { recovery_codes: string[] } };
}
