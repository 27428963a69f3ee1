/** The first page by role: 工作台 for those who handle leads, 待办 for institutions, else the pages one has. */
import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode } from 'react';
import { may, useMe } from '../../api/me';
import { t } from '../../texts';
import { PageHead } from '../../ui/PageHead';
import { roleTitles } from '../../ui/titles';
import { ICONS } from './icons';
import { isInstitution, menuOf } from './menu';

const Workbench = lazy(() => import('../workbench/WorkbenchPage').then((module) => ({ default: module.WorkbenchPage })));
const Oversight = lazy(() => import('../workbench/OversightBench').then((module) => ({ default: module.OversightBench })));
const Admin = lazy(() => import('../workbench/AdminBench').then((module) => ({ default: module.AdminBench })));
const Todo = lazy(() => import('../portal/TodoPage').then((module) => ({ default: module.TodoPage })));

export function HomePage(): ReactNode {
  const me = useMe();
  if (!me) return null;
  if (isInstitution(me)) return <Todo />;
  if (may(me, 'workbench.read')) return <Workbench />;
  if (may(me, 'audit.read') && may(me, 'recoveries.read')) return <Oversight />;
  return (
    <>
      <PageHead title={t('home.hello', { name: me.name })} note={roleTitles(me)} />
      <Admin />
      <ul className="page-cards" aria-label={t('home.pages')}>
        {menuOf(me)
          .flatMap((group) => group.entries)
          .filter((entry) => entry.to !== '/')
          .map((entry) => (
            <li key={entry.to}>
              <Link to={entry.to} className="panel page-card">
                {ICONS[entry.icon]}
                <strong>{t(entry.title)}</strong>
                {entry.about ? <span className="faint">{t(entry.about)}</span> : null}
              </Link>
            </li>
          ))}
      </ul>
    </>
  );
}
