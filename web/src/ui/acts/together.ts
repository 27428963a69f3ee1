import type { Finding } from '../../api/contract';

/** What is chosen once a finding is ticked or not: all on its money go with it. */
export function together(findings: Finding[], chosen: string[], one: Finding, ticked: boolean): string[] {
  const same = findings.filter((other) => other.cluster_id === one.cluster_id).map((other) => other.id);
  const rest = chosen.filter((id) => !same.includes(id));
  return ticked ? [...rest, ...same] : rest;
}
