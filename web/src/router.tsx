/** Pages and what their address holds. Filters, order, page and opened row live in the URL, so that a link shows a colleague the same. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import type { LeadSort } from './api/contract';
import { relationsSearch } from './features/relations/search';
import { Frame } from './features/shell/Frame';
import { NotFound } from './features/shell/NotFound';
import { PageFailed } from './features/shell/PageFailed';

type Raw = Record<string, unknown>;

function text(raw: Raw, name: string): string | undefined {
  const value = raw[name];
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}

function whole(raw: Raw, name: string): number | undefined {
  const value = Number(raw[name]);
  return raw[name] !== undefined && raw[name] !== '' && Number.isInteger(value) ? value : undefined;
}

const SORTS: LeadSort[] = ['rank', 'amount', 'due', 'day'];

export type LeadSearch = {
  status?: string;
  institution?: string;
  rule?: string;
  result?: string;
  subject?: string;
  from?: string;
  to?: string;
  min?: number;
  q?: string;
  mine?: 1;
  due?: number;
  /** 1: put off to a later day. */
  put_off?: 1;
  sort?: LeadSort;
  after?: string;
  open?: string;
};

export function leadSearch(raw: Raw): LeadSearch {
  return {
    status: text(raw, 'status'),
    institution: text(raw, 'institution'),
    rule: text(raw, 'rule'),
    result: text(raw, 'result'),
    subject: text(raw, 'subject'),
    from: text(raw, 'from'),
    to: text(raw, 'to'),
    min: whole(raw, 'min'),
    q: text(raw, 'q'),
    mine: whole(raw, 'mine') === 1 ? 1 : undefined,
    due: whole(raw, 'due'),
    put_off: whole(raw, 'put_off') === 1 ? 1 : undefined,
    sort: SORTS.find((sort) => sort === raw.sort),
    after: text(raw, 'after'),
    open: text(raw, 'open'),
  };
}

export type RecoverySearch = { state?: string; institution?: string; after?: string; open?: string };

export function recoverySearch(raw: Raw): RecoverySearch {
  return { state: text(raw, 'state'), institution: text(raw, 'institution'), after: text(raw, 'after'), open: text(raw, 'open') };
}

export type ReviewSearch = { stage?: string; institution?: string; mine?: 1; after?: string };

export function reviewSearch(raw: Raw): ReviewSearch {
  return { stage: text(raw, 'stage'), institution: text(raw, 'institution'), mine: whole(raw, 'mine') === 1 ? 1 : undefined, after: text(raw, 'after') };
}

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });

const home = createRoute({ getParentRoute: () => root, path: '/', component: lazyRouteComponent(() => import('./features/shell/HomePage'), 'HomePage') });

const leads = createRoute({
  getParentRoute: () => root,
  path: '/leads',
  validateSearch: leadSearch,
  component: lazyRouteComponent(() => import('./features/leads/LeadsPage'), 'LeadsPage'),
});

const lead = createRoute({
  getParentRoute: () => root,
  path: '/leads/$id',
  validateSearch: (raw: Raw): { finding?: string } => ({ finding: text(raw, 'finding') }),
  component: lazyRouteComponent(() => import('./features/leads/LeadPage'), 'LeadPage'),
});

const answer = createRoute({
  getParentRoute: () => root,
  path: '/answers/$id',
  component: lazyRouteComponent(() => import('./features/portal/AnswerPage'), 'AnswerPage'),
});

const own = createRoute({ getParentRoute: () => root, path: '/own', component: lazyRouteComponent(() => import('./features/portal/OwnPage'), 'OwnPage') });

const reviews = createRoute({
  getParentRoute: () => root,
  path: '/reviews',
  validateSearch: reviewSearch,
  component: lazyRouteComponent(() => import('./features/reviews/ReviewsPage'), 'ReviewsPage'),
});

const review = createRoute({
  getParentRoute: () => root,
  path: '/reviews/$id',
  component: lazyRouteComponent(() => import('./features/reviews/ReviewPage'), 'ReviewPage'),
});

const recoveries = createRoute({
  getParentRoute: () => root,
  path: '/recoveries',
  validateSearch: recoverySearch,
  component: lazyRouteComponent(() => import('./features/recoveries/RecoveriesPage'), 'RecoveriesPage'),
});

const campaigns = createRoute({
  getParentRoute: () => root,
  path: '/campaigns',
  validateSearch: (raw: Raw): { open?: string } => ({ open: text(raw, 'open') }),
  component: lazyRouteComponent(() => import('./features/campaigns/CampaignsPage'), 'CampaignsPage'),
});

const rules = createRoute({
  getParentRoute: () => root,
  path: '/rules',
  validateSearch: (raw: Raw): { q?: string; class?: string; sort?: string } => ({ q: text(raw, 'q'), class: text(raw, 'class'), sort: text(raw, 'sort') }),
  component: lazyRouteComponent(() => import('./features/rules/RulesPage'), 'RulesPage'),
});

const rule = createRoute({ getParentRoute: () => root, path: '/rules/$id', component: lazyRouteComponent(() => import('./features/rules/RulePage'), 'RulePage') });

const knowledge = createRoute({
  getParentRoute: () => root,
  path: '/knowledge',
  component: lazyRouteComponent(() => import('./features/knowledge/KnowledgePage'), 'KnowledgePage'),
});

const table = createRoute({
  getParentRoute: () => root,
  path: '/knowledge/$table',
  validateSearch: (raw: Raw): { q?: string; after?: string } => ({ q: text(raw, 'q'), after: text(raw, 'after') }),
  component: lazyRouteComponent(() => import('./features/knowledge/TablePage'), 'TablePage'),
});

const runs = createRoute({ getParentRoute: () => root, path: '/runs', component: lazyRouteComponent(() => import('./features/data/RunsPage'), 'RunsPage') });

const quality = createRoute({
  getParentRoute: () => root,
  path: '/quality',
  component: lazyRouteComponent(() => import('./features/data/QualityPage'), 'QualityPage'),
});

const counter = createRoute({
  getParentRoute: () => root,
  path: '/counter',
  validateSearch: (raw: Raw): { range?: number } => {
    const range = whole(raw, 'range');
    return { range: range === 7 || range === 90 ? range : undefined };
  },
  component: lazyRouteComponent(() => import('./features/counter/CounterPage'), 'CounterPage'),
});

const institution = createRoute({
  getParentRoute: () => root,
  path: '/institutions/$code',
  component: lazyRouteComponent(() => import('./features/profiles/InstitutionPage'), 'InstitutionPage'),
});

const doctor = createRoute({
  getParentRoute: () => root,
  path: '/doctors/$code',
  validateSearch: (raw: Raw): { institution?: string } => ({ institution: text(raw, 'institution') }),
  component: lazyRouteComponent(() => import('./features/profiles/DoctorPage'), 'DoctorPage'),
});

const person = createRoute({
  getParentRoute: () => root,
  path: '/persons/$code',
  component: lazyRouteComponent(() => import('./features/profiles/PersonPage'), 'PersonPage'),
});

const relations = createRoute({
  getParentRoute: () => root,
  path: '/relations',
  validateSearch: relationsSearch,
  component: lazyRouteComponent(() => import('./features/relations/RelationsPage'), 'RelationsPage'),
});

const users = createRoute({
  getParentRoute: () => root,
  path: '/users',
  validateSearch: (raw: Raw): { q?: string; after?: string } => ({ q: text(raw, 'q'), after: text(raw, 'after') }),
  component: lazyRouteComponent(() => import('./features/users/UsersPage'), 'UsersPage'),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: (raw: Raw): { account?: string; act?: string; object?: string; looks?: 1; after?: string } => ({
    account: text(raw, 'account'),
    act: text(raw, 'act'),
    object: text(raw, 'object'),
    looks: whole(raw, 'looks') === 1 ? 1 : undefined,
    after: text(raw, 'after'),
  }),
  component: lazyRouteComponent(() => import('./features/audit/AuditPage'), 'AuditPage'),
});

const exports_ = createRoute({
  getParentRoute: () => root,
  path: '/exports',
  validateSearch: (raw: Raw): { of?: 'own' | 'others'; all?: 1; after?: string; open?: string } => ({
    of: raw.of === 'own' || raw.of === 'others' ? raw.of : undefined,
    all: whole(raw, 'all') === 1 ? 1 : undefined,
    after: text(raw, 'after'),
    open: text(raw, 'open'),
  }),
  component: lazyRouteComponent(() => import('./features/exports/ExportsPage'), 'ExportsPage'),
});

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => import('./features/session/AccountPage'), 'AccountPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home, leads, lead, answer, own, reviews, review, recoveries, campaigns, rules, rule, knowledge, table, runs, quality, counter, institution, doctor, person, relations, users, audit, exports_, account,
  ]),
  defaultErrorComponent: PageFailed,
  defaultPreload: 'intent',
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
