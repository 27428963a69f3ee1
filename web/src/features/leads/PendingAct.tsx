/** An act by key on the row under the cursor: reads the lead, then asks. */
import { App } from 'antd';
import { useEffect, type ReactNode } from 'react';
import { useLead } from '../../api/queries';
import { t } from '../../texts';
import type { ActOffer } from '../../api/contract';
import { keyOf } from '../../ui/acts/keys';
import { RunAct } from '../../ui/acts/ActBar';
import { actTitle } from '../../ui/titles';

/** Several acts may share a key where never two of them are possible. */
function mine(acts: ActOffer[] | undefined, key: string): ActOffer | undefined {
  const fits = (acts ?? []).filter((offer) => keyOf(offer.act) === key);
  return fits.find((offer) => offer.allowed) ?? fits[0];
}

export function PendingAct({ lead, byKey, onClose }: { lead: string; byKey: string; onClose: () => void }): ReactNode {
  const { message } = App.useApp();
  const query = useLead(lead);
  const offer = mine(query.data?.acts, byKey);
  const refused = query.data !== undefined && !offer?.allowed;
  useEffect(() => {
    if (!refused) return;
    void message.info(offer ? t('act.not_now', { title: actTitle(offer), why: offer.why_not ?? '' }) : t('act.not_here'));
    onClose();
  }, [refused, offer, message, onClose]);
  return query.data && offer?.allowed ? <RunAct lead={query.data} offer={offer} onClose={onClose} /> : null;
}
