/** 线索: one lead in full. Actions, conclusion, evidence with its grounds, the person's timeline, then papers and the way so far. */
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Alert, Button } from 'antd';
import { useRef, type ReactNode } from 'react';
import type { LeadDetail } from '../../api/contract';
import { may, useMe } from '../../api/me';
import { useLead } from '../../api/queries';
import { day, minute } from '../../format/day';
import { yuan } from '../../format/money';
import { t, word } from '../../texts';
import { ActBar } from '../../ui/acts/ActBar';
import { FileList } from '../../ui/acts/Files';
import { PanelView } from '../../ui/acts/PanelView';
import { ReplyView } from '../../ui/acts/ReplyView';
import { Steps } from '../../ui/acts/Steps';
import { EvidenceView } from '../../ui/evidence/EvidenceView';
import { Timeline } from '../../ui/evidence/Timeline';
import { Due, Facts, Money } from '../../ui/figures';
import { useKeys } from '../../ui/keys';
import { AsOf, Panel } from '../../ui/PageHead';
import { Failed, Skeleton } from '../../ui/states';
import { stateTitle } from '../../ui/recovery';
import { PlainTag, StatusTag, VerdictTag } from '../../ui/tags';
import { LooksPanel } from './LooksPanel';
import { PrevNext } from '../../ui/PrevNext';
import { UnmaskButton } from './UnmaskButton';
import './lead.css';

const route = getRouteApi('/leads/$id');

export function LeadPage(): ReactNode {
  const { id } = route.useParams();
  const query = useLead(id);
  if (query.error && !query.data) return <Failed page error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={12} />;
  return <Loaded key={id} lead={query.data} />;
}

function Loaded({ lead }: { lead: LeadDetail }): ReactNode {
  const me = useMe();
  const { finding } = route.useSearch();
  const stay = route.useNavigate();
  const navigate = useNavigate();
  const timeline = useRef<HTMLDivElement>(null);
  const evidence = useRef<HTMLDivElement>(null);
  const chosen = lead.finding_list.find((one) => one.id === finding) ?? lead.finding_list[0];
  useKeys({
    e: () => evidence.current?.scrollIntoView({ block: 'start' }),
    t: () => timeline.current?.scrollIntoView({ block: 'start' }),
    Escape: () => void navigate({ to: '/leads', search: {} }),
  });
  return (
    <>
      <header className="page-head lead-head">
        <h1>
          <code>{lead.number}</code>
        </h1>
        <VerdictTag result={lead.result} />
        <StatusTag title={word(`status.${lead.status}`, lead.status_title)} tone={lead.tone} />
        {lead.due ? <Due due={lead.due} /> : null}
        {lead.put_off_until ? <PlainTag kind="watch">{t('lead.put_off', { day: lead.put_off_until })}</PlainTag> : null}
        <AsOf />
        <div className="page-acts">
          <PrevNext id={lead.id} onGo={(id) => void navigate({ to: '/leads/$id', params: { id }, search: {} })} />
          {may(me, 'profiles.read') ? (
            <Link to="/relations" search={{ lead: lead.id }} className="ant-btn-like">
              {t('relations.title')}
            </Link>
          ) : null}
          <Button className="no-narrow" onClick={() => window.print()}>{t('act.print')}</Button>
        </div>
      </header>
      {lead.gone ? <Alert type="warning" showIcon title={t('lead.gone')} /> : null}
      {lead.merged_into || lead.split_from ? (
        <Alert
          type="info"
          showIcon
          title={
            <>
              {t(lead.merged_into ? 'lead.merged_into' : 'lead.split_from')}{' '}
              <Link to="/leads/$id" params={{ id: lead.merged_into ?? lead.split_from ?? '' }} search={{}}>
                <code>{lead.merged_into ?? lead.split_from}</code>
              </Link>
            </>
          }
        />
      ) : null}
      <Panel className="lead-top">
        <p className="lead-reason">{lead.reason}</p>
        <Facts
          items={[
            [
              t('lead.institution'),
              lead.institution ? (
                <>
                  {may(me, 'profiles.read') ? (
                    <Link to="/institutions/$code" params={{ code: lead.institution.code }}>{lead.institution.name}</Link>
                  ) : (
                    lead.institution.name
                  )}{' '}
                  <span className="faint">{lead.institution.level}</span>
                </>
              ) : (
                '—'
              ),
            ],
            [
              t('lead.subject'),
              <span key="subject" className="inline">
                {lead.person && may(me, 'profiles.read') ? (
                  <Link to="/persons/$code" params={{ code: lead.person.no }}>{t('profile.see_person', { name: lead.person.name_masked })}</Link>
                ) : null}{' '}
                {lead.person
                  ? `${may(me, 'profiles.read') ? '' : lead.person.name_masked} ${lead.person.sex} ${lead.person.age === undefined ? '' : t('lead.age', { n: lead.person.age })}`
                  : lead.subject_label}
                {lead.person && may(me, 'leads.unmask') ? <UnmaskButton lead={lead.id} /> : null}
              </span>,
            ],
            [
              t('lead.visit'),
              lead.visit ? t('lead.visit_words', { kind: lead.visit.kind_title, begin: day(lead.visit.begin), end: day(lead.visit.end) }) : t('lead.days', { from: lead.first_day, to: lead.last_day }),
            ],
            [t('lead.amount'), <Money key="amount" fen={lead.amount_fen} strong />],
            [t('lead.fund'), <Money key="fund" fen={lead.fund_fen} />],
            [t('lead.holder'), lead.holder?.name ?? '—'],
            [t('lead.due'), lead.due ? lead.due.day : '—'],
            [t('lead.updated'), minute(lead.updated)],
          ]}
        />
        <div className="lead-acts">
          <ActBar lead={lead} many={6} />
        </div>
      </Panel>
      {lead.decision ? <DecisionView lead={lead} /> : null}
      {lead.panel ? <PanelView panel={lead.panel} /> : null}
      {lead.finding_list.length > 0 ? (
        <div ref={evidence} className="panel evidence-panel">
          <EvidenceView
            findings={lead.finding_list}
            chosen={chosen?.id}
            onChoose={(next) => void stay({ search: { finding: next }, replace: true })}
          />
        </div>
      ) : null}
      <div ref={timeline}>{chosen && lead.person ? <Timeline finding={chosen.id} /> : null}</div>
      {lead.reply ? <ReplyView reply={lead.reply} findings={lead.finding_list} /> : null}
      <div className="grid-2">
        <Panel title={t('lead.history')}>
          <Steps steps={lead.steps} />
        </Panel>
        <div>
          <Panel title={t('lead.files')}>{lead.attachments.length > 0 ? <FileList files={lead.attachments} /> : <p className="pad faint">{t('files.none')}</p>}</Panel>
          {lead.recoveries.length > 0 ? (
            <Panel title={t('menu.recoveries')}>
              <ul className="plain-list">
                {lead.recoveries.map((one) => (
                  <li key={one.id}>
                    <Link to="/recoveries" search={{ open: one.id }}>
                      <code>{one.number}</code>
                    </Link>{' '}
                    {t(`road.${one.road}`)} <Money fen={one.due_fen} strong />{' '}
                    <PlainTag kind={one.state === 'closed' ? 'cleared' : one.state === 'overdue' ? 'violation' : 'grey'}>{t(stateTitle(one))}</PlainTag>{' '}
                    <span className="faint">{one.open_fen < 0 ? t('recovery.refund_is', { amount: yuan(-one.open_fen) }) : t('recovery.open_is', { amount: yuan(one.open_fen) })}</span>
                  </li>
                ))}
              </ul>
            </Panel>
          ) : null}
          {lead.kin.length > 0 ? (
            <Panel title={t('lead.kin')}>
              <ul className="plain-list">
                {lead.kin.map((one) => (
                  <li key={one.id}>
                    {t(`kin.${one.how}`)}{' '}
                    <Link to="/leads/$id" params={{ id: one.id }} search={{}}>
                      <code>{one.id}</code>
                    </Link>{' '}
                    {one.subject_label} <span className="faint">{one.status_title}</span> {one.how === 'split' ? <Money fen={one.amount_fen} /> : null}
                  </li>
                ))}
              </ul>
            </Panel>
          ) : null}
          {may(me, 'leads.looks') ? <LooksPanel lead={lead.id} /> : null}
        </div>
      </div>
    </>
  );
}

function DecisionView({ lead }: { lead: LeadDetail }): ReactNode {
  const decision = lead.decision;
  if (!decision) return null;
  return (
    <Panel title={t('decision.title')} note={t('decision.by', { name: decision.by.name, at: minute(decision.at) })} className="decision">
      <Facts
        items={[
          [t('decision.upheld'), <Money key="upheld" fen={decision.upheld_fen} strong />],
          [t('decision.withdrawn'), <Money key="withdrawn" fen={decision.withdrawn_fen} />],
          [t('decision.road'), decision.road ? t(`road.${decision.road}`) : '—'],
        ]}
      />
      {decision.text ? <p className="pre pad">{decision.text}</p> : null}
    </Panel>
  );
}
