/** 运行与接入: what was imported, what was screened, what runs now. */
import { useQuery } from '@tanstack/react-query';
import { App, Button, Popconfirm, Progress } from 'antd';
import type { ReactNode } from 'react';
import { read } from '../../api/client';
import type { Import, Job, JobKind, Run } from '../../api/contract';
import { may, useMe } from '../../api/me';
import { minute } from '../../format/day';
import { count, wan } from '../../format/money';
import { t, word } from '../../texts';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable, type Column } from '../../ui/QueryTable';
import { Empty, sentence } from '../../ui/states';
import { PlainTag } from '../../ui/tags';
import { useCancel, useFollow, useJobs, useResume, useStart } from './use-jobs';
import { useState } from 'react';
import './data.css';

const TONES = { running: 'watch', done: 'cleared', failed: 'violation', cancelled: 'grey', interrupted: 'suspect' } as const;
const KINDS: JobKind[] = ['import', 'screen', 'update_leads'];

export function RunsPage(): ReactNode {
  const me = useMe();
  const { message } = App.useApp();
  const seesImports = may(me, 'imports.read');
  const runs = useQuery({ queryKey: ['runs'], queryFn: ({ signal }) => read('/runs', { signal }) });
  const imports = useQuery({ queryKey: ['imports'], queryFn: ({ signal }) => read('/imports', { signal }), enabled: seesImports });
  const start = useStart();
  const [open, setOpen] = useState<string>();
  return (
    <>
      <PageHead title={t('menu.runs')}>
        {may(me, 'jobs.run')
          ? KINDS.filter((kind) => kind !== 'import' || may(me, 'imports.write')).map((kind) => (
              <Popconfirm
                key={kind}
                title={t(`job.effect.${kind}`)}
                okText={t(`job.start.${kind}`)}
                cancelText={t('act.cancel')}
                onConfirm={() =>
                  start.mutate(kind, {
                    onSuccess: () => void message.success(t('job.started')),
                    onError: (error) => void message.error(sentence(error)),
                  })
                }
              >
                <Button>{t(`job.start.${kind}`)}</Button>
              </Popconfirm>
            ))
          : null}
      </PageHead>
      {may(me, 'jobs.run') ? <Jobs /> : null}
      <Panel title={t('runs.title')} note={t('runs.note')} className="list">
        <QueryTable
          label={t('runs.title')}
          rows={runs.data?.items}
          id={(run) => run.id}
          columns={runColumns()}
          fetching={runs.isFetching}
          error={runs.error}
          retry={() => void runs.refetch()}
          empty={<Empty title={t('runs.none')} hint={t('runs.none.hint')} />}
        />
      </Panel>
      {seesImports ? (
      <Panel title={t('imports.title')} className="list">
        <QueryTable
          label={t('imports.title')}
          rows={imports.data?.items}
          id={(one) => String(one.version)}
          columns={importColumns()}
          fetching={imports.isFetching}
          error={imports.error}
          retry={() => void imports.refetch()}
          open={open}
          onOpen={setOpen}
          detail={(one) => <Tables batch={one} />}
          empty={<Empty title={t('imports.none')} hint={t('imports.none.hint')} />}
        />
      </Panel>
      ) : null}
    </>
  );
}

function Jobs(): ReactNode {
  const jobs = useJobs();
  const cancel = useCancel();
  const resume = useResume();
  const { message } = App.useApp();
  const items = jobs.data?.items ?? [];
  const running = items.find((job) => job.state === 'running');
  useFollow(running?.id);
  if (items.length === 0) return null;
  return (
    <Panel title={t('jobs.title')}>
      <ul className="jobs" aria-live="polite">
        {items.slice(0, 5).map((job) => (
          <li key={job.id}>
            <b>{word(`job.${job.kind}`, job.title)}</b>
            <PlainTag kind={TONES[job.state]}>{t(`job.state.${job.state}`)}</PlainTag>
            {job.state === 'running' ? <Bar job={job} /> : <span>{job.outcome ?? job.step}</span>}
            <span className="faint num nowrap">{t('job.times', { by: job.by, at: minute(job.started) })}</span>
            {job.state === 'running' ? (
              <Button size="small" onClick={() => cancel.mutate(job.id)}>
                {t('job.cancel')}
              </Button>
            ) : null}
            {job.resumable && !running ? (
              <Button size="small" loading={resume.isPending} onClick={() => resume.mutate(job.id, { onSuccess: () => void message.success(t('job.resumed')) })}>
                {t('job.resume')}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Bar({ job }: { job: Job }): ReactNode {
  return (
    <span className="job-bar">
      <Progress percent={job.total > 0 ? Math.round((job.done / job.total) * 100) : 0} size="small" status="active" aria-label={job.step} />
      <span className="faint">{job.total > 0 ? t('job.step', { step: job.step, done: count(job.done), total: count(job.total) }) : job.step}</span>
    </span>
  );
}

function runColumns(): Column<Run>[] {
  const number = (n: number) => <span className="num">{count(n)}</span>;
  return [
    {
      id: 'id',
      title: t('run.id'),
      wide: true,
      cell: (run) => (
        <>
          <code>{run.id}</code> {run.current ? <PlainTag kind="watch">{t('run.current')}</PlainTag> : null}
        </>
      ),
    },
    { id: 'at', title: t('run.at'), width: 140, cell: (run) => <span className="num">{minute(run.at)}</span> },
    { id: 'version', title: t('run.version'), width: 92, align: 'right', cell: (run) => number(run.data_version) },
    { id: 'rules', title: t('run.rules'), width: 72, align: 'right', cell: (run) => number(run.rules) },
    { id: 'persons', title: t('run.persons'), width: 96, align: 'right', cell: (run) => number(run.persons) },
    { id: 'lines', title: t('run.lines'), width: 118, align: 'right', cell: (run) => number(run.lines) },
    { id: 'findings', title: t('run.findings'), width: 92, align: 'right', cell: (run) => number(run.findings) },
    { id: 'amount', title: t('run.amount'), width: 118, align: 'right', cell: (run) => <span className="num strong">{wan(run.amount_fen)}</span> },
    { id: 'seconds', title: t('run.seconds'), width: 84, align: 'right', cell: (run) => <span className="num">{run.seconds.toFixed(1)}</span> },
  ];
}

function importColumns(): Column<Import>[] {
  return [
    { id: 'version', title: t('import.version'), width: 92, cell: (one) => <code>{one.version}</code> },
    { id: 'at', title: t('run.at'), width: 140, cell: (one) => <span className="num">{minute(one.at)}</span> },
    { id: 'sources', title: t('import.sources'), wide: true, cell: (one) => <span className="ellipsis" title={one.sources.join('\n')}>{one.sources.join(t('mark.comma'))}</span> },
    { id: 'tables', title: t('import.tables'), width: 80, align: 'right', cell: (one) => <span className="num">{one.tables.length}</span> },
    { id: 'rows', title: t('import.rows'), width: 120, align: 'right', cell: (one) => <span className="num">{count(one.rows)}</span> },
    { id: 'rejected', title: t('import.rejected'), width: 110, align: 'right', cell: (one) => <span className={`num ${one.rejected > 0 ? 'due-soon' : ''}`}>{count(one.rejected)}</span> },
  ];
}

function Tables({ batch }: { batch: Import }): ReactNode {
  return (
    <div className="entries scroll-x" tabIndex={0} role="region" aria-label={t('import.tables')}>
      <table className="plain">
        <caption className="unseen">{t('import.tables')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('import.table')}</th>
            <th scope="col" className="right">{t('import.rows')}</th>
            <th scope="col" className="right">{t('import.rejected')}</th>
          </tr>
        </thead>
        <tbody>
          {batch.tables.map((table) => (
            <tr key={table.table}>
              <td>
                {table.title} <code>{table.table}</code>
              </td>
              <td className="right num">{count(table.rows)}</td>
              <td className={`right num ${table.rejected > 0 ? 'due-soon' : ''}`}>{count(table.rejected)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
