/** Answers per line as they are being given, and when they are complete. */
import type { Choice, Conclusion, Finding, LineAnswer } from '../../api/contract';
import { toFen } from '../../format/money';
import type { Key } from '../../texts';

export type Side = 'institution' | 'bureau';

/** In the order of the keys 1, 2, 3. */
export const CONCLUSIONS: Record<Side, Conclusion[]> = {
  institution: ['accept', 'appeal'],
  bureau: ['uphold', 'partly', 'withdraw'],
};

export type Draft = { conclusion?: Conclusion; amount?: string; reason?: string; text?: string };
export type Drafts = Record<string, Draft>;

/** Lines one has to answer: what carries no money of its own follows the finding that leads its cluster, where that is in the lead. */
export function toAnswer(findings: Finding[]): Finding[] {
  return findings.filter((finding) => finding.counted || !leaderOf(findings, finding));
}

function leaderOf(findings: Finding[], finding: Finding): Finding | undefined {
  return findings.find((other) => other !== finding && other.counted && other.cluster_id === finding.cluster_id);
}

/** What the institution accepted stands unless the reviewer says otherwise. */
export function upheldWhereAccepted(replies: LineAnswer[] | undefined): Drafts {
  return Object.fromEntries((replies ?? []).filter((line) => line.conclusion === 'accept').map((line) => [line.finding_id, { conclusion: 'uphold' as const }]));
}

/** What is still missing of a line, as a key of the words; undefined when it is complete. */
export function missing(finding: Finding, draft: Draft | undefined, reasons: Choice[]): Key | undefined {
  if (!draft?.conclusion) return 'line.need_conclusion';
  if (draft.conclusion === 'partly') {
    const fen = toFen(draft.amount ?? '');
    if (fen === undefined) return 'line.need_amount';
    if (finding.amount_fen !== undefined && (fen <= 0 || fen >= finding.amount_fen)) return 'line.amount_range';
  }
  if (draft.conclusion === 'appeal') {
    if (reasons.length > 0 && !draft.reason) return 'line.need_reason';
    if ((!draft.reason || draft.reason === 'other') && !draft.text?.trim()) return 'line.need_text';
  }
  if ((draft.conclusion === 'withdraw' || draft.conclusion === 'partly') && !draft.text?.trim()) return 'line.need_text';
  return undefined;
}

/** The answer of one line for every line that has none yet: for an institution that says the same of twenty. */
export function likewise(findings: Finding[], drafts: Drafts, of: string): Drafts {
  const draft = drafts[of];
  const open = findings.filter((finding) => !drafts[finding.id]?.conclusion);
  return draft ? { ...drafts, ...Object.fromEntries(open.map((finding) => [finding.id, { ...draft }])) } : drafts;
}

/** The answers of all findings: one that is not counted takes the answer of its cluster's leader, whose amount is all there is to charge. */
export function answers(findings: Finding[], drafts: Drafts): LineAnswer[] {
  const found: LineAnswer[] = [];
  for (const finding of findings) {
    const leader = finding.counted ? undefined : leaderOf(findings, finding);
    const own = drafts[finding.id]?.conclusion !== undefined;
    const draft = own ? drafts[finding.id] : leader ? drafts[leader.id] : undefined;
    if (!draft?.conclusion) continue;
    found.push({
      finding_id: finding.id,
      conclusion: draft.conclusion,
      amount_fen: draft.conclusion === 'partly' ? (own ? toFen(draft.amount ?? '') : 0) : undefined,
      reason: draft.reason || undefined,
      text: draft.text?.trim() || undefined,
    });
  }
  return found;
}

/** Money by conclusion: what was accepted or upheld, and what is contested or withdrawn. */
export function sums(findings: Finding[], drafts: Drafts): { yes: number; no: number; open: number } {
  let [yes, no, open] = [0, 0, 0];
  for (const finding of findings) {
    // What is at stake in this lead: of a cluster, all of it on the finding that counts it.
    const amount = finding.counted_fen;
    const draft = drafts[finding.id];
    if (draft?.conclusion === 'accept' || draft?.conclusion === 'uphold') yes += amount;
    else if (draft?.conclusion === 'partly') {
      const part = Math.min(amount, toFen(draft.amount ?? '') ?? 0);
      yes += part;
      no += amount - part;
    } else if (draft?.conclusion) no += amount;
    else open += amount;
  }
  return { yes, no, open };
}
