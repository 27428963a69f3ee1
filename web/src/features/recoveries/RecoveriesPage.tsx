/** 追回台账: money actually back. Refused before payment and recovered after it never mix; every row closes to the fen. */
import { useQuery, keepPreviousData } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Button, Segmented } from 'antd';
import { Fragment, useState, type ReactNode } from 'react';
import { read } from '../../api/client';
import type { Recovery, RecoveryPage } from '../../api/contract';
import { may, useMe } from '../../api/me';
import { day, minute } from '../../format/day';
import { count, share, wan, yuan } from '../../format/money';
import { recoverySearch } from '../../router';
import { t, type Key } from '../../texts';
import { ExportButton } from '../../ui/ExportButton';
import { KpiStrip, Money } from '../../ui/figures';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable, type Column } from '../../ui/QueryTable';
import { Empty } from '../../ui/states';
import { PlainTag } from '../../ui/tags';
import { Views } from '../../ui/Views';
import { EntryDialog, kindsOf } from './EntryDialog';
import { ReverseDialog } from './ReverseDialog';
import { stateTitle } from '../../ui/recovery';
import './recoveries.css';

const route = getRouteApi('/recoveries');
const STATES = ['', 'due', 'part', 'overdue', 'closed', 'refund'];
const TONES = { due: 'grey', part: 'watch', closed: 'cleared', overdue: 'violation', refund: 'suspect' } as const;

export function RecoveriesPage(): ReactNode {
  const me = useMe();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [entry, setEntry] = useState<Recovery>();
  const asked = { state: search.state, institution: search.institution, after: search.after };
  const query = useQuery({
    queryKey: ['recoveries', asked],
    queryFn: ({ signal }) => read('/recoveries', { query: asked, signal }),
    placeholderData: keepPreviousData,
  });
  const data = query.data;
  return (
    <>
      <PageHead title={me?.institution ? t('menu.refunds') : t('menu.recoveries')}>
        {may(me, 'recoveries.export') ? (
          <ExportButton
            kind="recoveries"
            query={{ state: search.state, institution: search.institution }}
            effect={t('export.effect', { n: count(data?.total ?? 0), amount: yuan(data?.sums.due_fen ?? 0) })}
          />
        ) : null}
      </PageHead>
      {data ? <Sums sums={data.sums} /> : null}
      <Panel className="list">
        <div className="filters">
          <Segmented
            aria-label={t('recovery.state')}
            value={search.state ?? ''}
            options={STATES.map((state) => ({ value: state, label: state ? t(`recovery.${state}` as Key) : t('filter.all') }))}
            onChange={(state) => void navigate({ search: { ...search, after: undefined, open: undefined, state: state || undefined } })}
          />
          <Views page="recoveries" search={search} parse={recoverySearch} onPick={(view) => void navigate({ search: view })} />
          <span className="filter-total" aria-live="polite">{data ? t('table.total', { n: count(data.total) }) : null}</span>
        </div>
        <QueryTable
          label={t('menu.recoveries')}
          rows={data?.items}
          id={(row) => row.id}
          columns={columns(may(me, 'leads.read'))}
          fetching={query.isFetching}
          error={query.error}
          retry={() => void query.refetch()}
          open={search.open}
          onOpen={(open) => void navigate({ search: (old) => ({ ...old, open }), replace: true })}
          detail={(row) => <Entries recovery={row} onEnter={kindsOf(row, me).length > 0 ? () => setEntry(row) : undefined} />}
          empty={<Empty title={t('recovery.none')} hint={t('recovery.none.hint')} />}
          totals={
            data ? (
              <tr>
                <td colSpan={4}>{t('recovery.totals', { n: count(data.total) })}</td>
                <td className="right" data-label={t('recovery.due_fen')}><Money fen={data.sums.due_fen} strong /></td>
                <td className="right" data-label={t('recovery.in_fen')}><Money fen={data.sums.refused_fen + data.sums.offset_fen + data.sums.paid_fen} strong /></td>
                <td className="right" data-label={t('entry.waived')}><Money fen={data.sums.waived_fen} strong /></td>
                <td className="right" data-label={t('entry.open')}><Money fen={data.sums.open_fen} strong /></td>
                <td colSpan={2} />
              </tr>
            ) : null
          }
          paging={{
            total: data?.total,
            next: data?.next,
            first: search.after === undefined,
            go: (after) => void navigate({ search: (old) => ({ ...old, after, open: undefined }) }),
          }}
        />
      </Panel>
      {entry ? <EntryDialog recovery={entry} onClose={() => setEntry(undefined)} /> : null}
    </>
  );
}

/** due = refused + offset + paid + waived + open − returned − refund, and the strip says so. */
function Sums({ sums }: { sums: RecoveryPage['sums'] }): ReactNode {
  const parts = [
    { key: 'refused', fen: sums.refused_fen },
    { key: 'offset', fen: sums.offset_fen },
    { key: 'paid', fen: sums.paid_fen },
    { key: 'waived', fen: sums.waived_fen },
    { key: 'open', fen: sums.open_fen },
  ];
  // What corrected decisions gave back or still have to; seldom anything.
  const back = [
    { key: 'returned', fen: sums.returned_fen },
    { key: 'refund', fen: sums.refund_fen },
  ].filter((part) => part.fen > 0);
  return (
    <>
      <KpiStrip
        label={t('recovery.strip')}
        items={[
          { title: t('recovery.due_sum'), value: wan(sums.due_fen), unit: t('unit.wan') },
          { title: t('recovery.refused_sum'), value: wan(sums.refused_fen), unit: t('unit.wan'), note: t('recovery.before_payment') },
          { title: t('recovery.recovered_sum'), value: wan(sums.offset_fen + sums.paid_fen), unit: t('unit.wan'), note: t('recovery.recovered_split', { offset: wan(sums.offset_fen), paid: wan(sums.paid_fen) }) },
          { title: t('recovery.open_sum'), value: wan(sums.open_fen), unit: t('unit.wan'), note: t('recovery.share', { share: share(sums.open_fen, sums.due_fen) }) },
          { title: t('recovery.overdue_sum'), value: wan(sums.overdue_fen), unit: t('unit.wan'), tone: sums.overdue_fen > 0 ? 'red' : undefined },
        ]}
      />
      <div className="panel closing" role="img" aria-label={t('recovery.closing.summary', { due: yuan(sums.due_fen) })}>
        <div className="closing-bar">
          {parts.map((part) => (
            <i key={part.key} className={`closing-${part.key}`} style={{ flexGrow: part.fen }} />
          ))}
        </div>
        <p>
          <b>{t('recovery.due_sum')}</b> <span className="num">{yuan(sums.due_fen)}</span> ={' '}
          {parts.map((part, i) => (
            <Fragment key={part.key}>
              {i > 0 ? ' + ' : ''}
              <span className="nowrap">
                <i className={`dot closing-${part.key}`} aria-hidden="true" /> {t(`entry.${part.key}` as Key)} <span className="num">{yuan(part.fen)}</span>
              </span>
            </Fragment>
          ))}
          {back.map((part) => (
            <span key={part.key} className="nowrap">
              {' − '}
              {t(`entry.${part.key}` as Key)} <span className="num">{yuan(part.fen)}</span>
            </span>
          ))}
        </p>
      </div>
    </>
  );
}

function columns(opens: boolean): Column<Recovery>[] {
  return [
    {
      id: 'number',
      title: t('recovery.number'),
      width: 150,
      cell: (row) => (
        <>
          <code className="line1">{row.number}</code>
          {opens ? (
            <Link to="/leads/$id" params={{ id: row.lead.id }} className="line2">
              {row.lead.number}
            </Link>
          ) : (
            <span className="line2">{row.lead.number}</span>
          )}
        </>
      ),
    },
    { id: 'institution', title: t('lead.institution'), wide: true, cell: (row) => <span className="ellipsis" title={row.institution.name}>{row.institution.name}</span> },
    { id: 'road', title: t('recovery.road'), width: 96, cell: (row) => t(`road.${row.road}`) },
    { id: 'state', title: t('recovery.state'), width: 92, cell: (row) => <PlainTag kind={TONES[row.state]}>{t(stateTitle(row))}</PlainTag> },
    { id: 'due', title: t('recovery.due_fen'), width: 116, align: 'right', cell: (row) => <Money fen={row.due_fen} strong /> },
    { id: 'in', title: t('recovery.in_fen'), width: 116, align: 'right', cell: (row) => <Money fen={row.refused_fen + row.offset_fen + row.paid_fen} /> },
    { id: 'waived', title: t('entry.waived'), width: 100, align: 'right', cell: (row) => <Money fen={row.waived_fen} /> },
    { id: 'open', title: t('entry.open'), width: 116, align: 'right', cell: (row) => <Money fen={row.open_fen} strong /> },
    { id: 'day', title: t('recovery.due_day'), width: 100, cell: (row) => <span className={`num ${row.state === 'overdue' ? 'due-over' : ''}`}>{day(row.due_day)}</span> },
  ];
}

function Entries({ recovery, onEnter }: { recovery: Recovery; onEnter?: () => void }): ReactNode {
  const [reversing, setReversing] = useState<Recovery['entries'][number]>();
  const me = useMe();
  const taken = new Set(recovery.entries.map((entry) => entry.reverses));
  const reversible = (entry: Recovery['entries'][number]) =>
    entry.seq !== undefined && entry.amount_fen > 0 && entry.reverses === undefined && !taken.has(entry.seq) && may(me, entry.kind === 'waived' ? 'recoveries.waive' : 'recoveries.book');
  return (
    <div className="entries">
      <div className="scroll-x" tabIndex={0} role="region" aria-label={t('recovery.entries')}>
        <table className="plain">
          <caption className="unseen">{t('recovery.entries')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('entry.at')}</th>
              <th scope="col">{t('entry.kind')}</th>
              <th scope="col" className="right">{t('entry.amount')}</th>
              <th scope="col">{t('entry.document')}</th>
              <th scope="col">{t('entry.by')}</th>
              <th scope="col">{t('entry.note')}</th>
            </tr>
          </thead>
          <tbody>
            {recovery.entries.map((entry, i) => (
              <tr key={i}>
                <td className="num">{minute(entry.at)}</td>
                <td>
                  {t(`entry.${entry.kind}`)} {entry.reverses === undefined ? null : <PlainTag kind="grey">{t('entry.reversal')}</PlainTag>}
                </td>
                <td className="right"><Money fen={entry.amount_fen} /></td>
                <td>{entry.document ?? '—'}</td>
                <td>{entry.by}</td>
                <td>
                  {reversible(entry) ? (
                    <button type="button" className="link" onClick={() => setReversing(entry)}>
                      {t('entry.reverse')}
                    </button>
                  ) : (
                    (entry.text ?? '')
                  )}
                </td>
              </tr>
            ))}
            {recovery.entries.length === 0 ? (
              <tr>
                <td colSpan={6} className="faint">{t('recovery.no_entries')}</td>
              </tr>
            ) : null}
          </tbody>
        </table>
      </div>
      {recovery.open_fen < 0 ? <p role="note">{t('recovery.refund_is', { amount: yuan(-recovery.open_fen) })}</p> : null}
      {onEnter && recovery.open_fen !== 0 ? (
        <Button type="primary" onClick={onEnter}>
          {recovery.open_fen < 0 ? t('entry.do.returned') : t('entry.add')}
        </Button>
      ) : null}
      {reversing ? <ReverseDialog recovery={recovery} entry={reversing} onClose={() => setReversing(undefined)} /> : null}
    </div>
  );
}
