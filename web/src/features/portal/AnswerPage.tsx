/** 疑点反馈: left the claim, right the answer per line; accept or appeal with a class of reason, words and files. */
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Alert, App } from 'antd';
import type { ReactNode } from 'react';
import type { LeadDetail } from '../../api/contract';
import { useLead } from '../../api/queries';
import { yuan } from '../../format/money';
import { t } from '../../texts';
import { ActBar } from '../../ui/acts/ActBar';
import { isOnward } from '../../ui/acts/keys';
import { LineDesk, LineDeskForm } from '../../ui/acts/LineDesk';
import { ReplyView } from '../../ui/acts/ReplyView';
import { Panel } from '../../ui/PageHead';
import { Failed, Skeleton } from '../../ui/states';

const route = getRouteApi('/answers/$id');

export function AnswerPage(): ReactNode {
  const { id } = route.useParams();
  const query = useLead(id);
  if (query.error && !query.data) return <Failed page error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={12} />;
  return <Loaded key={`${id}-${query.data.version}`} lead={query.data} />;
}

function Loaded({ lead }: { lead: LeadDetail }): ReactNode {
  const navigate = useNavigate();
  const { message } = App.useApp();
  const offer = lead.acts.find((one) => one.needs.includes('lines'));
  const onward = lead.acts.some((one) => one.allowed && isOnward(one.act));
  return (
    <LineDesk
      lead={lead}
      title={
        <>
          <Link to="/">{t('portal.todo')}</Link> <code>{lead.number}</code>
        </>
      }
      form={(hand) => (
        <Panel title={t('portal.my_answer')} note={lead.due ? t('portal.until', { day: lead.due.day }) : undefined} className="review-form">
          <div className="pad">
            <ActBar lead={lead} skip={offer ? [offer.act] : []} />
          </div>
          {offer?.allowed ? (
            <LineDeskForm
              {...hand}
              lead={lead}
              offer={offer}
              side="institution"
              reasons={offer.reasons}
              note={t('portal.note')}
              withFiles
              effect={(total) => t('portal.effect', { yes: yuan(total.yes), no: yuan(total.no) })}
              onDone={() => {
                void message.success(t('portal.sent'));
                void navigate({ to: '/' });
              }}
            />
          ) : onward ? null : (
            <Alert type="info" showIcon title={offer?.why_not ?? t('portal.closed')} />
          )}
        </Panel>
      )}
      after={lead.reply ? <ReplyView reply={lead.reply} findings={lead.finding_list} /> : null}
    />
  );
}
