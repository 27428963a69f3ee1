/** The menu by right: an entry without right is absent. */
import type { Me } from '../../api/contract';
import type { Key } from '../../texts';

export type Entry = { to: string; title: Key; /** What the page answers. */ about?: Key; anyOf?: string[]; icon: string; search?: Record<string, unknown> };
export type Group = { title?: Key; entries: Entry[] };

const BUREAU: Group[] = [
  { entries: [{ to: '/', title: 'menu.home', icon: 'home' }] },
  {
    title: 'menu.group.watch',
    entries: [
      { to: '/leads', title: 'menu.leads', about: 'about.leads', anyOf: ['leads.read'], icon: 'leads' },
      { to: '/relations', title: 'relations.title', about: 'about.relations', anyOf: ['profiles.read'], icon: 'relations' },
      { to: '/counter', title: 'menu.counter', about: 'about.counter', anyOf: ['counter.read'], icon: 'counter' },
    ],
  },
  {
    title: 'menu.group.work',
    entries: [
      { to: '/reviews', title: 'menu.reviews', about: 'about.reviews', anyOf: ['leads.review', 'panel.vote', 'panel.convene', 'leads.decide', 'leads.legal'], icon: 'reviews' },
      { to: '/recoveries', title: 'menu.recoveries', about: 'about.recoveries', anyOf: ['recoveries.read'], icon: 'recoveries' },
      { to: '/campaigns', title: 'menu.campaigns', about: 'about.campaigns', anyOf: ['campaigns.read'], icon: 'campaigns' },
      { to: '/exports', title: 'menu.exports', about: 'about.exports', anyOf: ['exports.approve', 'leads.export', 'recoveries.export'], icon: 'exports' },
    ],
  },
  {
    title: 'menu.group.rules',
    entries: [
      { to: '/rules', title: 'menu.rules', about: 'about.rules', anyOf: ['rules.read'], icon: 'rules' },
      { to: '/knowledge', title: 'menu.knowledge', about: 'about.knowledge', anyOf: ['knowledge.read'], icon: 'knowledge' },
    ],
  },
  {
    title: 'menu.group.data',
    entries: [
      { to: '/runs', title: 'menu.runs', about: 'about.runs', anyOf: ['runs.read', 'imports.read'], icon: 'runs' },
      { to: '/quality', title: 'menu.quality', about: 'about.quality', anyOf: ['quality.read'], icon: 'quality' },
    ],
  },
  {
    title: 'menu.group.oversight',
    entries: [
      { to: '/audit', title: 'menu.audit', about: 'about.audit', anyOf: ['audit.read'], icon: 'audit' },
      { to: '/users', title: 'menu.users', about: 'about.users', anyOf: ['users.read'], icon: 'users' },
    ],
  },
];

const INSTITUTION: Group[] = [
  {
    entries: [
      { to: '/', title: 'menu.todo', icon: 'home' },
      { to: '/leads', title: 'menu.own_leads', anyOf: ['leads.read'], icon: 'leads' },
      { to: '/recoveries', title: 'menu.refunds', anyOf: ['recoveries.read'], icon: 'recoveries' },
      { to: '/campaigns', title: 'menu.campaigns', anyOf: ['campaigns.read'], icon: 'campaigns' },
      { to: '/exports', title: 'menu.exports', anyOf: ['leads.export'], icon: 'exports' },
      { to: '/counter', title: 'menu.counter', anyOf: ['counter.read'], icon: 'counter' },
      { to: '/own', title: 'menu.own', anyOf: ['institution.summary'], icon: 'quality' },
    ],
  },
];

export function isInstitution(me: Me): boolean {
  return me.institution !== undefined && me.roles.includes('institution');
}

export function menuOf(me: Me): Group[] {
  return (isInstitution(me) ? INSTITUTION : BUREAU)
    .map((group) => ({ ...group, entries: group.entries.filter((entry) => !entry.anyOf || entry.anyOf.some((act) => me.acts.includes(act))) }))
    .filter((group) => group.entries.length > 0);
}
