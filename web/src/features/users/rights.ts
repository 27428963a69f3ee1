/** What a choice of roles comes to: the table of rights, read for several roles at once. */
import type { Rights, Role } from '../../api/contract';

export type Effective = {
  /** Acts of all the roles together; `new` where the person has none of it now, `lost` where only now. */
  acts: { id: string; title: string; change?: 'new' | 'lost' }[];
  /** How far each role sees. */
  reaches: { role: string; reach: Rights['roles'][number]['reach'] }[];
  /** Two roles that must not be held together. */
  clash?: [string, string];
};

export function effective(rights: Rights, chosen: Role[], before: Role[]): Effective {
  const holds = (roles: Role[], act: Rights['acts'][number]) => act.roles.some((role) => roles.includes(role));
  const acts = rights.acts
    .filter((act) => holds(chosen, act) || holds(before, act))
    .map(({ id, title, ...act }) => {
      const [now, was] = [holds(chosen, { id, title, ...act }), holds(before, { id, title, ...act })];
      return now === was ? { id, title } : { id, title, change: now ? ('new' as const) : ('lost' as const) };
    });
  const held = rights.roles.filter((role) => chosen.includes(role.code));
  const titled = (code: Role) => rights.roles.find((role) => role.code === code)?.title ?? code;
  const pair = held.flatMap((role) => role.apart.filter((other) => chosen.includes(other)).map((other): [string, string] => [role.title, titled(other)]))[0];
  return { acts, reaches: held.map((role) => ({ role: role.title, reach: role.reach })), clash: pair };
}
