/**
 * The first page of those who keep the system and see no lead: did the data arrive, is anybody locked out, is the trail whole. Each part asks
 * only for what its right gives.
 */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { read } from '../../api/client';
import { may, useMe } from '../../api/me';
import { minute } from '../../format/day';
import { count } from '../../format/money';
import { t } from '../../texts';
import { KpiStrip } from '../../ui/figures';
import { Panel } from '../../ui/PageHead';
import { PlainTag } from '../../ui/tags';
import { needsCare } from './care';

export function AdminBench(): ReactNode {
  const me = useMe();
  return (
    <>
      {may(me, 'imports.read') && may(me, 'jobs.run') ? <DataStrip /> : null}
      {may(me, 'users.read') && may(me, 'users.write') ? <Accounts /> : null}
      {may(me, 'audit.verify') ? <Trail /> : null}
    </>
  );
}

function DataStrip(): ReactNode {
  const imports = useQuery({ queryKey: ['imports'], queryFn: ({ signal }) => read('/imports', { signal }) }).data?.items;
  const runs = useQuery({ queryKey: ['runs'], queryFn: ({ signal }) => read('/runs', { signal }) }).data?.items;
  const jobs = useQuery({ queryKey: ['jobs'], queryFn: ({ signal }) => read('/jobs', { signal }) }).data?.items;
  const arrived = imports && [...imports].sort((a, b) => b.at.localeCompare(a.at))[0];
  const screened = runs && [...runs].sort((a, b) => b.at.localeCompare(a.at))[0];
  const running = jobs?.find((job) => job.state === 'running');
  const last = jobs && [...jobs].sort((a, b) => b.started.localeCompare(a.started))[0];
  const bad = last !== undefined && (last.state === 'failed' || last.state === 'interrupted');
  const href = { to: '/runs', search: {} };
  return (
    <KpiStrip
      label={t('admin.data')}
      items={[
        { title: t('admin.arrived'), value: arrived ? minute(arrived.at) : imports ? t('admin.never') : '—', note: arrived ? t('admin.arrived.rows', { n: count(arrived.rows) }) : undefined, href },
        { title: t('admin.rejected'), value: arrived ? count(arrived.rejected) : '—', unit: arrived ? t('unit.rows') : undefined, tone: arrived && arrived.rejected > 0 ? 'amber' : undefined, note: t('admin.rejected.note'), href },
        { title: t('admin.screened'), value: screened ? minute(screened.at) : runs ? t('admin.never') : '—', note: screened ? t('admin.screened.note', { findings: count(screened.findings), seconds: screened.seconds.toFixed(0) }) : undefined, href },
        {
          title: t('admin.jobs'),
          value: running ? t('job.state.running') : last ? t(`job.state.${last.state}`) : jobs ? t('admin.no_jobs') : '—',
          tone: bad ? 'red' : undefined,
          note: running ? running.step : (last?.outcome ?? undefined),
          href,
        },
      ]}
    />
  );
}

function Accounts(): ReactNode {
  const users = useQuery({ queryKey: ['users', 'all'], queryFn: ({ signal }) => read('/users', { query: { limit: 200 }, signal }) }).data;
  const [now] = useState(() => new Date().toLocaleDateString('sv'));
  const care = users ? needsCare(users.items, now) : [];
  const of = (why: string) => care.filter((one) => one.why.includes(why as never)).length;
  const all = users ? `${count(users.items.length)}${users.next ? '+' : ''}` : '—';
  const href = { to: '/users', search: {} };
  return (
    <>
      <KpiStrip
        label={t('menu.users')}
        items={[
          { title: t('admin.accounts'), value: all, unit: t('unit.accounts'), href },
          { title: t('user.locked'), value: users ? count(of('locked')) : '—', unit: t('unit.accounts'), tone: of('locked') > 0 ? 'amber' : undefined, href },
          { title: t('admin.expiring'), value: users ? count(of('expiring')) : '—', unit: t('unit.accounts'), href },
          { title: t('admin.unused'), value: users ? count(of('unused')) : '—', unit: t('unit.accounts'), href },
        ]}
      />
      <Panel title={t('admin.care')} note={t('admin.care.note')}>
        {users && care.length === 0 ? <p className="pad faint">{t('admin.care.none')}</p> : null}
        <ul className="plain-list pad">
          {care.slice(0, 12).map(({ user, why }) => (
            <li key={user.account}>
              <Link to="/users" search={{ q: user.account }}>
                {user.name} <code>{user.account}</code>
              </Link>{' '}
              {why.map((one) => (
                <PlainTag key={one} kind={one === 'locked' ? 'suspect' : 'grey'}>
                  {one === 'locked' ? t('user.locked') : one === 'expiring' ? t('admin.until', { day: user.expires ?? '' }) : t('admin.unused')}
                </PlainTag>
              ))}
            </li>
          ))}
        </ul>
        {care.length > 12 ? (
          <p className="pad">
            <Link to="/users">{t('admin.care.all', { n: care.length })}</Link>
          </p>
        ) : null}
      </Panel>
    </>
  );
}

function Trail(): ReactNode {
  const state = useQuery({ queryKey: ['audit-state'], queryFn: ({ signal }) => read('/audit/state', { signal }) }).data;
  const href = { to: '/audit', search: {} };
  return (
    <KpiStrip
      label={t('menu.audit')}
      items={[
        { title: t('home.log'), value: state ? count(state.events) : '—', unit: t('home.log.unit'), href },
        {
          title: t('admin.chain'),
          value: state ? t(state.intact ? 'admin.chain.intact' : 'admin.chain.broken') : '—',
          tone: state && !state.intact ? 'red' : undefined,
          note: state && !state.intact ? t('audit.broken', { where: state.broken ?? '' }) : t('admin.chain.note'),
          href,
        },
        { title: t('admin.anchor'), value: state ? (state.anchor?.day ?? t('admin.anchor.none')) : '—', note: state?.anchor ? undefined : t('admin.anchor.how'), href },
      ]}
    />
  );
}
