/**
 * The shapes of /api/v1 under the names the pages use. All of them come from `schema.d.ts`, which is generated from the platform's own
 * description (`npm run client`); nothing is declared here.
 *
 * Money is integer fen (`_fen`), days are "2026-01-31", moments "2026-01-31 08:00:00", both local. Field names are used as they come.
 */
import type { components } from './schema';
import type { ReadQuery } from './paths';

type Shapes = components['schemas'];

export type AccountState = Shapes['AccountState'];
export type ActBody = Shapes['ActRequest'];
export type ActOffer = Shapes['ActOffer'];
export type Attachment = Shapes['Attachment'];
export type AuditPage = Shapes['AuditPage'];
export type AuditRow = Shapes['AuditEvent'];
export type AuditState = Shapes['AuditState'];
export type BatchAnswer = Shapes['BatchResult'];
export type BatchBody = Shapes['BatchRequest'];
export type Campaign = Shapes['Campaign'];
export type CampaignInstitution = Shapes['CampaignInstitution'];
export type Choice = Shapes['Choice'];
export type Coded = Shapes['Coded'];
export type Conclusion = Shapes['Conclusion'];
export type Decision = Shapes['Decision'];
export type CounterCaller = Shapes['CounterCaller'];
export type CounterFigures = Shapes['CounterFigures'];
export type CounterPage = Shapes['CounterPage'];
export type CounterInterface = Shapes['CounterInterface'];
export type CounterRule = Shapes['CounterRule'];
export type Declaration = Shapes['CampaignDeclaration'];
export type DoctorProfile = Shapes['DoctorProfile'];
export type Due = Shapes['Due'];
export type EntryKind = Shapes['EntryKind'];
export type Evidence = Shapes['Evidence'];
export type EvidenceLine = Shapes['EvidenceLine'];
export type Export = Shapes['Export'];
export type ExportForm = Shapes['ExportForm'];
export type ExportKind = Shapes['ExportKind'];
export type ExportPage = Shapes['ExportPage'];
export type Finding = Shapes['Finding'];
export type Import = Shapes['ImportBatch'];
export type InstitutionProfile = Shapes['InstitutionProfile'];
export type Job = Shapes['Job'];
export type JobKind = Shapes['JobKind'];
export type JobState = Shapes['JobState'];
export type KnowledgePage = Shapes['KnowledgePage'];
export type KnowledgeTable = Shapes['KnowledgeTable'];
export type LaneKind = Shapes['LaneKind'];
export type Lead = Shapes['Lead'];
export type LeadDetail = Shapes['LeadDetail'];
export type LeadPage = Shapes['LeadPage'];
export type Like = Shapes['Like'];
export type LineAnswer = Shapes['LineAnswer'];
export type Look = Shapes['LeadLook'];
export type Me = Shapes['Me'];
export type Measure = Shapes['Measure'];
export type Named = Shapes['Holder'];
export type Need = Shapes['Need'];
export type NewCampaign = Shapes['NewCampaign'];
export type NewUser = Shapes['NewUser'];
export type Notice = Shapes['Notice'];
export type OwnSummary = Shapes['InstitutionSummary'];
export type Panel = Shapes['Panel'];
export type PersonProfile = Shapes['PersonProfile'];
export type PersonTimeline = Shapes['PersonTimeline'];
export type Precision = Shapes['Precision'];
export type Problem = Shapes['Problem'];
export type ProfileFinding = Shapes['ProfileFinding'];
export type ProfileMonth = Shapes['ProfileMonth'];
export type ProfileRule = Shapes['ProfileRule'];
export type QualityRow = Shapes['QualityCheck'];
export type Recovery = Shapes['Recovery'];
export type RecoveryPage = Shapes['RecoveryPage'];
export type RecoveryYear = Shapes['RecoveryYear'];
export type RecoveryState = Shapes['RecoveryState'];
export type Reply = Shapes['Reply'];
export type RelationBar = Shapes['RelationBar'];
export type RelationEdge = Shapes['RelationEdge'];
export type RelationGroup = Shapes['RelationGroup'];
export type RelationNode = Shapes['RelationNode'];
export type Relations = Shapes['Relations'];
export type RelationsAsked = Shapes['RelationsAsked'];
export type Result = Shapes['Found'];
export type Rights = Shapes['Rights'];
export type Road = Shapes['Road'];
export type Role = Shapes['RoleId'];
export type RuleDetail = Shapes['RulePage'];
export type RuleRef = Shapes['LeadRule'];
export type RuleRow = Shapes['RuleRow'];
export type Run = Shapes['Run'];
export type Span = Shapes['Lane'];
export type Step = Shapes['Step'];
export type Subject = Shapes['Subject'];
export type SubjectFound = Shapes['SubjectFound'];
export type Summary = Shapes['Summary'];
export type SummaryItem = Shapes['SummaryItem'];
export type Tone = Shapes['Tone'];
export type User = Shapes['User'];
export type UserMade = Shapes['UserMade'];
export type UserPage = Shapes['UserList'];
export type UserPatch = Shapes['UserPatch'];
export type Workbench = Shapes['Workbench'];

export type LeadQuery = ReadQuery<'/leads'>;
export type LeadSort = NonNullable<LeadQuery['sort']>;
export type SummaryBy = NonNullable<ReadQuery<'/summary'>['by']>;

/** 系统判别, in the order of its weight. */
export const RESULTS = ['违规', '可疑', '提醒'] as const satisfies readonly Result[];
