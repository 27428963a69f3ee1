/** An act by key on the row under the cursor: reads the lead, then asks. */
import { App } from 'antd';
import { useEffect, type ReactNode } from 'react';
import { useLead } from '../../api/queries';
import { t } from '../../texts';
import { RunAct } from '../../ui/acts/ActBar';

export function PendingAct({ lead, act, onClose }: { lead: string; act: string; onClose: () => void }): ReactNode {
  const { message } = App.useApp();
  const query = useLead(lead);
  const offer = query.data?.acts.find((one) => one.act === act);
  const refused = query.data !== undefined && !offer?.allowed;
  useEffect(() => {
    if (!refused) return;
    void message.info(offer ? t('act.not_now', { title: offer.title, why: offer.why_not ?? '' }) : t('act.not_here'));
    onClose();
  }, [refused, offer, message, onClose]);
  return query.data && offer?.allowed ? <RunAct lead={query.data} offer={offer} onClose={onClose} /> : null;
}
