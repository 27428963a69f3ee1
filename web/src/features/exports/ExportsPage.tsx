/** 导出审批: what one asked to take out, and what waits for one's word. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { App, Button, Input, Modal, Segmented } from 'antd';
import { useMemo, useState, type ReactNode } from 'react';
import { newKey, read, take, write } from '../../api/client';
import type { Export } from '../../api/contract';
import { may, useMe } from '../../api/me';
import { minute } from '../../format/day';
import { count } from '../../format/money';
import { t, word } from '../../texts';
import { Facts } from '../../ui/figures';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable, type Column } from '../../ui/QueryTable';
import { Empty, sentence } from '../../ui/states';
import { PlainTag } from '../../ui/tags';

const route = getRouteApi('/exports');
const TONES = { waiting: 'watch', approved: 'run', refused: 'suspect', withdrawn: 'grey', taken: 'cleared', lapsed: 'grey' } as const;

export function ExportsPage(): ReactNode {
  const me = useMe();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const decides = may(me, 'exports.approve');
  const of = search.of ?? (decides ? 'others' : 'own');
  const asked = { of, waiting: of === 'others' && !search.all ? (1 as const) : undefined, after: search.after };
  const query = useQuery({
    queryKey: ['exports', asked],
    queryFn: ({ signal }) => read('/exports', { query: asked, signal }),
    placeholderData: keepPreviousData,
  });
  const [verdict, setVerdict] = useState<{ row: Export; approve: boolean }>();
  const views = [
    { value: 'others', label: t('exports.others', { n: count(query.data?.waiting ?? 0) }) },
    { value: 'judged', label: t('exports.judged') },
    { value: 'own', label: t('exports.own') },
  ];
  return (
    <>
      <PageHead title={t('menu.exports')} note={t('exports.note')} />
      <Panel className="list">
        {decides ? (
          <div className="filters">
            <Segmented
              aria-label={t('exports.view')}
              value={of === 'others' && search.all ? 'judged' : of}
              options={views}
              onChange={(view) => void navigate({ search: view === 'own' ? { of: 'own' } : { of: 'others', all: view === 'judged' ? 1 : undefined } })}
            />
          </div>
        ) : null}
        <QueryTable
          label={t('menu.exports')}
          rows={query.data?.items}
          id={(row) => row.id}
          columns={columns(of === 'others')}
          fetching={query.isFetching}
          error={query.error}
          retry={() => void query.refetch()}
          open={search.open}
          onOpen={(open) => void navigate({ search: (old) => ({ ...old, open }), replace: true })}
          detail={(row) => <Detail row={row} onVerdict={(approve) => setVerdict({ row, approve })} />}
          empty={<Empty title={of === 'others' ? t('exports.none_waiting') : t('exports.none')} hint={of === 'own' ? t('exports.none.hint') : undefined} />}
          paging={{ next: query.data?.next, first: search.after === undefined, go: (after) => void navigate({ search: (old) => ({ ...old, after, open: undefined }) }) }}
        />
      </Panel>
      {verdict ? <VerdictDialog row={verdict.row} approve={verdict.approve} onClose={() => setVerdict(undefined)} /> : null}
    </>
  );
}

function columns(others: boolean): Column<Export>[] {
  return [
    { id: 'id', title: t('exports.number'), width: 140, cell: (row) => <code>{row.id}</code> },
    { id: 'at', title: t('exports.asked_at'), width: 140, cell: (row) => <span className="num">{minute(row.asked_at)}</span> },
    ...(others ? [{ id: 'asker', title: t('exports.asker'), width: 110, cell: (row: Export) => row.asker.name || row.asker.account }] : []),
    { id: 'what', title: t('exports.what'), width: 150, cell: (row) => `${word(`exports.kind.${row.kind}`, row.kind)} ${row.form}` },
    { id: 'rows', title: t('exports.rows'), width: 90, align: 'right', cell: (row) => <span className="num">{count(row.rows)}</span> },
    { id: 'clear', title: t('exports.persons'), width: 110, cell: (row) => (row.clear ? <PlainTag kind="suspect">{t('exports.clear')}</PlainTag> : <span className="faint">{t('exports.masked')}</span>) },
    { id: 'reason', title: t('exports.reason'), wide: true, cell: (row) => <span className="two-lines">{row.reason}</span> },
    { id: 'state', title: t('exports.state'), width: 100, cell: (row) => <PlainTag kind={TONES[row.state]}>{t(`exports.state.${row.state}`)}</PlainTag> },
  ];
}

function Detail({ row, onVerdict }: { row: Export; onVerdict: (approve: boolean) => void }): ReactNode {
  const cache = useQueryClient();
  const { message } = App.useApp();
  const again = () => void cache.invalidateQueries({ queryKey: ['exports'] });
  const taking = useMutation({
    mutationFn: () => take(row.id),
    onSettled: again,
    onError: (error) => void message.error(sentence(error)),
  });
  const withdraw = useMutation({
    mutationFn: () => write('POST /exports/{id}/withdraw', { path: { id: row.id }, body: { version: row.version } }),
    onSettled: again,
    onError: (error) => void message.error(sentence(error)),
  });
  const conditions = row.conditions.map((one) => `${word(`exports.condition.${one.name}`, one.name)} ${one.value}`).join(t('mark.semicolon'));
  return (
    <div className="entries">
      <Facts
        items={[
          [t('exports.asker'), `${row.asker.name} ${row.asker.account}`],
          [t('exports.conditions'), conditions || t('exports.all')],
          [t('exports.why'), row.why ? t(`exports.why.${row.why}`) : t('exports.why.none')],
          [t('exports.decided'), row.decision ? `${row.decision.by.name} ${minute(row.decision.at)} ${row.decision.approved ? t('exports.state.approved') : t('exports.state.refused')}${t('mark.semicolon')}${row.decision.reason}` : '—'],
          [t('exports.until'), row.state === 'approved' && row.until ? minute(row.until) : '—'],
          [t('exports.taken'), row.taken_at ? t('exports.taken.words', { at: minute(row.taken_at), n: count(row.rows_taken ?? 0) }) : '—'],
        ]}
      />
      <p className="inline entry-acts">
        {row.may_decide ? (
          <>
            <Button type="primary" onClick={() => onVerdict(true)}>
              {t('exports.approve')}
            </Button>
            <Button danger onClick={() => onVerdict(false)}>
              {t('exports.refuse')}
            </Button>
          </>
        ) : null}
        {row.own && row.state === 'waiting' ? <span className="faint">{t('exports.own_work')}</span> : null}
        {row.own && row.state === 'approved' ? (
          <Button type="primary" loading={taking.isPending} onClick={() => taking.mutate()}>
            {t('exports.take')}
          </Button>
        ) : null}
        {row.own && (row.state === 'waiting' || row.state === 'approved') ? (
          <Button loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
            {t('exports.withdraw')}
          </Button>
        ) : null}
      </p>
    </div>
  );
}

function VerdictDialog({ row, approve, onClose }: { row: Export; approve: boolean; onClose: () => void }): ReactNode {
  const cache = useQueryClient();
  const { message } = App.useApp();
  const [reason, setReason] = useState('');
  const [wrong, setWrong] = useState('');
  const key = useMemo(() => `${newKey()}-${reason.length}`, [reason]);
  const decide = useMutation({
    mutationFn: () =>
      write(approve ? 'POST /exports/{id}/approve' : 'POST /exports/{id}/refuse', { path: { id: row.id }, body: { version: row.version, reason: reason.trim() }, key }),
    onSuccess: () => {
      void message.success(approve ? t('exports.approved') : t('exports.refused'));
      void cache.invalidateQueries({ queryKey: ['exports'] });
      onClose();
    },
    onError: (error) => setWrong(sentence(error)),
  });
  const title = approve ? t('exports.approve') : t('exports.refuse');
  return (
    <Modal
      open
      title={`${title} ${row.id}`}
      width={460}
      destroyOnHidden
      okText={title}
      cancelText={t('act.cancel')}
      confirmLoading={decide.isPending}
      okButtonProps={{ disabled: reason.trim().length < 4, danger: !approve }}
      onOk={() => decide.mutate()}
      onCancel={onClose}
    >
      <p className="effect">
        {t(approve ? (row.clear ? 'exports.approve.clear' : 'exports.approve.effect') : 'exports.refuse.effect', { name: row.asker.name, n: count(row.rows) })}
      </p>
      <Input autoFocus aria-label={t('exports.verdict_reason')} placeholder={t('exports.verdict_reason')} maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
      {wrong ? (
        <p className="field-error" role="alert">
          {wrong}
        </p>
      ) : null}
    </Modal>
  );
}
