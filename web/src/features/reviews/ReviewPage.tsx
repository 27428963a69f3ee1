/** Split view of the second review and the panel: left the evidence of the line in hand, right the institution's answer and the conclusion. */
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Alert, App, Button } from 'antd';
import { useState, type ReactNode } from 'react';
import type { ActOffer, LeadDetail } from '../../api/contract';
import { useLead } from '../../api/queries';
import { yuan } from '../../format/money';
import { t } from '../../texts';
import { ActBar, RunAct } from '../../ui/acts/ActBar';
import { FileList } from '../../ui/acts/Files';
import { isOnward } from '../../ui/acts/keys';
import { LineDesk, LineDeskForm, type InHand } from '../../ui/acts/LineDesk';
import { upheldWhereAccepted } from '../../ui/acts/lines';
import { PanelView } from '../../ui/acts/PanelView';
import { ReplyView } from '../../ui/acts/ReplyView';
import { useKeys } from '../../ui/keys';
import { neighbours } from '../../ui/neighbours';
import { PrevNext } from '../../ui/PrevNext';
import { Panel } from '../../ui/PageHead';
import { Failed, Skeleton } from '../../ui/states';
import { actTitle } from '../../ui/titles';

const route = getRouteApi('/reviews/$id');

export function ReviewPage(): ReactNode {
  const { id } = route.useParams();
  const query = useLead(id);
  if (query.error && !query.data) return <Failed page error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={12} />;
  return <Loaded key={`${id}-${query.data.version}`} lead={query.data} />;
}

function Loaded({ lead }: { lead: LeadDetail }): ReactNode {
  const navigate = useNavigate();
  // The act of this desk that concludes line by line, whatever the step is called.
  const byLine = lead.acts.filter((offer) => offer.needs.includes('lines'));
  const concluding = byLine.find((offer) => offer.allowed) ?? byLine[0];
  const next = lead.acts.find((offer) => offer.allowed && isOnward(offer.act));
  useKeys({
    Escape: () => void navigate({ to: '/reviews', search: {} }),
  });
  return (
    <LineDesk
      lead={lead}
      title={
        <Link to="/leads/$id" params={{ id: lead.id }}>
          <code>{lead.number}</code>
        </Link>
      }
      about={<span className="faint">{lead.institution?.name}</span>}
      acts={
        <>
          <PrevNext id={lead.id} onGo={(id) => void navigate({ to: '/reviews/$id', params: { id } })} />
          <ActBar lead={lead} skip={concluding ? [concluding.act] : []} many={2} />
        </>
      }
      above={lead.panel ? <PanelView panel={lead.panel} /> : null}
      form={(hand) =>
        concluding ? (
          <Panel title={actTitle(concluding)} className="review-form">
            {lead.reply?.text ? <p className="pre pad">{t('review.reply_text', { text: lead.reply.text })}</p> : null}
            {lead.reply && lead.reply.attachments.length > 0 ? <FileList files={lead.reply.attachments} /> : null}
            <Conclude {...hand} lead={lead} offer={concluding} />
          </Panel>
        ) : (
          <>
            <Alert type="info" showIcon title={next ? t('review.first', { act: actTitle(next) }) : t('review.nothing')} />
            {lead.reply ? <ReplyView reply={lead.reply} findings={lead.finding_list} /> : null}
          </>
        )
      }
    />
  );
}

function Conclude({ lead, offer, ...hand }: InHand & { lead: LeadDetail; offer: ActOffer }): ReactNode {
  const navigate = useNavigate();
  const { message } = App.useApp();
  const [asking, setAsking] = useState(false);
  if (!offer.allowed) return <Alert type="info" showIcon title={t('act.not_now', { title: actTitle(offer), why: offer.why_not ?? '' })} />;
  // What needs more than lines and words (a road, a vote, people) is asked for in the dialog.
  const simple = offer.needs.every((need) => need === 'lines' || need === 'text' || need === 'reason' || need === 'attachments');
  if (!simple) {
    return (
      <div className="pad">
        <p className="effect">{offer.effect}</p>
        <Button type="primary" onClick={() => setAsking(true)}>
          {actTitle(offer)}
        </Button>
        {asking ? <RunAct lead={lead} offer={offer} onClose={() => setAsking(false)} /> : null}
      </div>
    );
  }
  return (
    <LineDeskForm
      {...hand}
      lead={lead}
      offer={offer}
      side="bureau"
      start={upheldWhereAccepted(lead.reply?.lines)}
      replies={lead.reply?.lines}
      note={t('field.text_optional')}
      withFiles={offer.needs.includes('attachments')}
      effect={(total) => t('review.effect', { yes: yuan(total.yes), no: yuan(total.no) })}
      onDone={(detail) => {
        // The next of the list that was being worked off; at its end, the list.
        const { next } = neighbours(lead.id);
        void message.success(next ? t('reviews.next', { id: next }) : t('act.done', { act: actTitle(offer), status: detail.status_title }));
        void (next ? navigate({ to: '/reviews/$id', params: { id: next } }) : navigate({ to: '/reviews', search: {} }));
      }}
    />
  );
}
