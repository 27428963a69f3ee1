/** Ctrl+K: leads by number, institution or person; rules and menu entries by name. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Input, Modal } from 'antd';
import { useEffect, useState, type ReactNode } from 'react';
import { read } from '../../api/client';
import { may, useMe } from '../../api/me';
import { useLeads, useRules } from '../../api/queries';
import { t } from '../../texts';
import { Money } from '../../ui/figures';
import { StatusTag } from '../../ui/tags';
import { menuOf } from './menu';
import './shell.css';

const KINDS = { institution: 'search.institution', doctor: 'search.doctor', person: 'search.person' } as const;

type Hit = { key: string; group: string; title: ReactNode; note?: ReactNode; go: () => void };

export function SearchDialog({ onClose }: { onClose: () => void }): ReactNode {
  const me = useMe();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState('');
  const [at, setAt] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(typed.trim()), 180);
    return () => clearTimeout(timer);
  }, [typed]);
  const leads = useLeads({ q: asked, limit: 6 }, asked !== '' && may(me, 'leads.read'));
  const seesSubjects = may(me, 'profiles.read') || may(me, 'doctors.read');
  const subjects = useQuery({
    queryKey: ['subjects', asked],
    queryFn: ({ signal }) => read('/subjects', { query: { q: asked }, signal }),
    enabled: asked.length > 1 && seesSubjects,
  });
  const rules = useRules(may(me, 'rules.read'));
  const close = (go: () => void) => () => {
    go();
    onClose();
  };
  const low = asked.toLowerCase();
  const hits: Hit[] = [];
  if (asked && leads.data) {
    for (const lead of leads.data.items) {
      hits.push({
        key: lead.id,
        group: t('menu.leads'),
        title: (
          <>
            <code>{lead.number}</code> {lead.institution?.name ?? lead.subject_label}
          </>
        ),
        note: (
          <>
            <Money fen={lead.amount_fen} /> <StatusTag title={lead.status_title} tone={lead.tone} />
          </>
        ),
        go: close(() => void navigate({ to: '/leads/$id', params: { id: lead.id } })),
      });
    }
    if (leads.data.total > leads.data.items.length) {
      hits.push({
        key: 'all',
        group: t('menu.leads'),
        title: t('search.all', { n: leads.data.total }),
        go: close(() => void navigate({ to: '/leads', search: { q: asked } })),
      });
    }
  }
  for (const one of (asked && subjects.data?.items) || []) {
    hits.push({
      key: `${one.kind}${one.code}`,
      group: t(KINDS[one.kind]),
      title: (
        <>
          {one.title} <code>{one.code}</code>
        </>
      ),
      go: close(() => {
        if (one.kind === 'institution') void navigate({ to: '/institutions/$code', params: { code: one.code } });
        else if (one.kind === 'doctor') void navigate({ to: '/doctors/$code', params: { code: one.code }, search: {} });
        else void navigate({ to: '/persons/$code', params: { code: one.code } });
      }),
    });
  }
  if (asked) {
    for (const rule of (rules.data?.items ?? []).filter((one) => `${one.id} ${one.title}`.toLowerCase().includes(low)).slice(0, 5)) {
      hits.push({
        key: rule.id,
        group: t('menu.rules'),
        title: (
          <>
            <code>{rule.id}</code> {rule.title}
          </>
        ),
        go: close(() => void navigate({ to: '/rules/$id', params: { id: rule.id } })),
      });
    }
  }
  if (me) {
    for (const entry of menuOf(me).flatMap((group) => group.entries)) {
      if (!asked || t(entry.title).toLowerCase().includes(low)) {
        hits.push({ key: entry.to, group: t('search.pages'), title: t(entry.title), go: close(() => void navigate({ to: entry.to })) });
      }
    }
  }
  const chosen = Math.min(at, hits.length - 1);
  return (
    <Modal open title={t('search.title')} footer={null} onCancel={onClose} width={560} destroyOnHidden>
      <Input
        autoFocus
        value={typed}
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls="search-hits"
        aria-activedescendant={hits[chosen] ? `search-hit-${chosen}` : undefined}
        aria-label={t('search.hint')}
        placeholder={t('search.hint')}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'ArrowDown') setAt(Math.min(hits.length - 1, chosen + 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(0, chosen - 1));
          else if (event.key === 'Enter') hits[chosen]?.go();
          else return;
          event.preventDefault();
        }}
      />
      <ul id="search-hits" className="search-hits" role="listbox" aria-label={t('search.title')}>
        {hits.map((hit, i) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are those of the combobox above
          <li key={hit.group + hit.key} id={`search-hit-${i}`} role="option" aria-selected={i === chosen} onClick={hit.go}>
            <span className="faint">{hit.group}</span>
            <span className="ellipsis">{hit.title}</span>
            <span className="nowrap">{hit.note}</span>
          </li>
        ))}
      </ul>
      {asked && !leads.isFetching && !subjects.isFetching && hits.length === 0 ? <p className="faint">{t('search.none')}</p> : null}
    </Modal>
  );
}
