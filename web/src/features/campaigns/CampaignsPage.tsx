/** 自查自纠: one problem list, many institutions; declared beside what the rules see, because the gap is a lead. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState, type ReactNode } from 'react';
import { read } from '../../api/client';
import type { Campaign, CampaignInstitution } from '../../api/contract';
import { may, useMe } from '../../api/me';
import { useRules } from '../../api/queries';
import { day } from '../../format/day';
import { yuan } from '../../format/money';
import { t } from '../../texts';
import { Money } from '../../ui/figures';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable, type Column } from '../../ui/QueryTable';
import { Empty } from '../../ui/states';
import { PlainTag } from '../../ui/tags';
import { DeclareDialog } from './DeclareDialog';
import { PartDialog, stepsOf } from './PartDialog';
import { NewCampaignDialog } from './NewCampaignDialog';
import { OwnFindings } from './OwnFindings';
import './campaigns.css';

const route = getRouteApi('/campaigns');
const TONES = { draft: 'grey', open: 'watch', closed: 'cleared' } as const;
const ANSWERS = { waiting: 'grey', declared: 'watch', paid: 'cleared', accepted: 'cleared', returned: 'suspect' } as const;

export function CampaignsPage(): ReactNode {
  const me = useMe();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [making, setMaking] = useState(false);
  const query = useQuery({ queryKey: ['campaigns'], queryFn: ({ signal }) => read('/campaigns', { signal }) });
  return (
    <>
      <PageHead title={t('menu.campaigns')}>
        {may(me, 'campaigns.write') ? (
          <Button type="primary" onClick={() => setMaking(true)}>
            {t('campaign.new')}
          </Button>
        ) : null}
      </PageHead>
      <Panel className="list">
        <QueryTable
          label={t('menu.campaigns')}
          rows={query.data?.items}
          id={(row) => row.id}
          columns={columns()}
          fetching={query.isFetching}
          error={query.error}
          retry={() => void query.refetch()}
          open={search.open}
          onOpen={(open) => void navigate({ search: { open }, replace: true })}
          detail={(row) => <Detail campaign={row} own={me?.institution?.code} />}
          empty={<Empty title={t('campaign.none')} hint={t('campaign.none.hint')} />}
        />
      </Panel>
      {making ? <NewCampaignDialog onClose={() => setMaking(false)} /> : null}
    </>
  );
}

function sum(campaign: Campaign, of: 'found_fen' | 'declared_fen' | 'refunded_fen'): number {
  return campaign.institutions.reduce((all, one) => all + one[of], 0);
}

function columns(): Column<Campaign>[] {
  return [
    {
      id: 'title',
      title: t('campaign.title'),
      wide: true,
      cell: (row) => (
        <>
          <span className="line1 ellipsis" title={row.title}>{row.title}</span>
          <span className="line2">{t('campaign.problems_n', { n: row.rules.length })}</span>
        </>
      ),
    },
    { id: 'state', title: t('campaign.state'), width: 84, cell: (row) => <PlainTag kind={TONES[row.state]}>{t(`campaign.${row.state}`)}</PlainTag> },
    {
      id: 'answered',
      title: t('campaign.answered'),
      width: 110,
      align: 'right',
      cell: (row) => <span className="num">{t('campaign.of', { n: row.institutions.filter((one) => one.state !== 'waiting').length, all: row.institutions.length })}</span>,
    },
    { id: 'found', title: t('campaign.found'), width: 124, align: 'right', cell: (row) => <Money fen={sum(row, 'found_fen')} /> },
    { id: 'declared', title: t('campaign.declared_fen'), width: 124, align: 'right', cell: (row) => <Money fen={sum(row, 'declared_fen')} strong /> },
    { id: 'refunded', title: t('campaign.refunded'), width: 124, align: 'right', cell: (row) => <Money fen={sum(row, 'refunded_fen')} /> },
    { id: 'due', title: t('campaign.due'), width: 100, cell: (row) => <span className="num">{day(row.due_day)}</span> },
  ];
}

function Detail({ campaign, own }: { campaign: Campaign; own: string | undefined }): ReactNode {
  const me = useMe();
  const rules = useRules(may(me, 'rules.read'));
  const [declaring, setDeclaring] = useState(false);
  const [part, setPart] = useState<CampaignInstitution>();
  const works = (may(me, 'campaigns.write') || may(me, 'recoveries.book')) && campaign.state === 'open';
  const title = (id: string) => rules.data?.items.find((rule) => rule.id === id)?.title;
  const most = Math.max(1, ...campaign.institutions.flatMap((one) => [one.found_fen, one.declared_fen]));
  const mine = campaign.institutions.find((one) => one.institution.code === own);
  return (
    <div className="entries">
      <p className="pre">{campaign.text}</p>
      <h2>{t('campaign.list')}</h2>
      <ul className="plain-list">
        {campaign.rules.map((rule) => (
          <li key={rule}>
            <code>{rule}</code> {title(rule)}
          </li>
        ))}
      </ul>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={t('campaign.answers')}>
        <table className="plain">
          <caption className="unseen">{t('campaign.answers')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('lead.institution')}</th>
              <th scope="col">{t('campaign.state')}</th>
              <th scope="col">{t('campaign.gap')}</th>
              <th scope="col" className="right">{t('campaign.found')}</th>
              <th scope="col" className="right">{t('campaign.declared_fen')}</th>
              <th scope="col" className="right">{t('campaign.refunded')}</th>
              <th scope="col">{t('campaign.promised')}</th>
              {works ? <th scope="col">{t('user.acts')}</th> : null}
            </tr>
          </thead>
          <tbody>
            {campaign.institutions.map((one) => (
              <tr key={one.institution.code}>
                <td>{one.institution.name}</td>
                <td>
                  <PlainTag kind={ANSWERS[one.state]}>{t(`campaign.${one.state}`)}</PlainTag>
                  {one.overdue || one.late ? <PlainTag kind="violation">{t(one.overdue ? 'campaign.overdue' : 'campaign.late')}</PlainTag> : null}
                </td>
                <td>
                  <span className="gap" role="img" aria-label={t('campaign.gap.summary', { found: yuan(one.found_fen), declared: yuan(one.declared_fen) })}>
                    <i className="gap-found" style={{ width: `${(one.found_fen / most) * 100}%` }} />
                    <i className="gap-declared" style={{ width: `${(one.declared_fen / most) * 100}%` }} />
                  </span>
                </td>
                <td className="right"><Money fen={one.found_fen} /></td>
                <td className="right"><Money fen={one.declared_fen} strong /></td>
                <td className="right"><Money fen={one.refunded_fen} /></td>
                <td>{one.promised ?? <span className="faint">—</span>}</td>
                {works ? (
                  <td>
                    {stepsOf(one, me).length === 0 ? null : (
                      <Button size="small" onClick={() => setPart(one)}>
                        {t('campaign.handle')}
                      </Button>
                    )}
                  </td>
                ) : null}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {mine ? <OwnFindings campaign={campaign.id} code={mine.institution.code} total={mine.findings} /> : null}
      {mine && campaign.state === 'open' && ['waiting', 'returned', 'declared'].includes(mine.state) ? (
        <Button type="primary" onClick={() => setDeclaring(true)}>
          {t(mine.state === 'declared' ? 'campaign.declare_again' : 'campaign.declare')}
        </Button>
      ) : null}
      {part ? <PartDialog campaign={campaign} part={part} onClose={() => setPart(undefined)} /> : null}
      {declaring && mine ? <DeclareDialog campaign={campaign} part={mine} onClose={() => setDeclaring(false)} /> : null}
    </div>
  );
}
