/** What can be done with a lead now. A forbidden act stands there disabled with its reason; keys run the same buttons. */
import { App, Button, Dropdown, Tooltip } from 'antd';
import { useState, type ReactNode } from 'react';
import type { ActOffer, LeadDetail } from '../../api/contract';
import { client, useMe } from '../../api/me';
import { useAct } from '../../api/queries';
import { t } from '../../texts';
import { useKeys, type KeyMap } from '../keys';
import { actTitle } from '../titles';
import { ConfirmAct } from './ConfirmAct';
import { isOnward, keyOf } from './keys';

/** Buttons beyond this many go into the menu "more". */
const SHOWN = 3;

export function ActBar({ lead, skip, many }: { lead: LeadDetail; skip?: string[]; many?: number }): ReactNode {
  const me = useMe();
  const [chosen, setChosen] = useState<ActOffer>();
  // A legal reviewer has been asked for an opinion and nothing else: their note is that, and it stands in front.
  const legal = me !== undefined && me.roles.every((role) => role === 'legal');
  const first = (offer: ActOffer) => isOnward(offer.act) || (legal && offer.act === 'note');
  const offers = lead.acts
    .filter((offer) => !skip?.includes(offer.act))
    .map((offer) => (legal && offer.act === 'note' ? { ...offer, title: t('act.legal_opinion') } : offer));
  const onward = offers.filter(first);
  const inOrder = [...onward.filter((offer) => offer.allowed), ...onward.filter((offer) => !offer.allowed), ...offers.filter((offer) => !first(offer))];
  const shown = inOrder.filter(first).slice(0, many ?? SHOWN);
  const rest = inOrder.filter((offer) => !shown.includes(offer));
  const keys: KeyMap = {};
  for (const offer of inOrder) {
    const key = keyOf(offer.act);
    if (key && offer.allowed) keys[key] = () => setChosen(offer);
  }
  useKeys(keys);
  if (lead.acts.length === 0) return <p className="faint">{t('act.none')}</p>;
  if (offers.length === 0) return null;
  return (
    <div className="acts">
      {shown.map((offer, i) => (
        <ActButton key={offer.act} offer={offer} first={i === 0} onClick={() => setChosen(offer)} />
      ))}
      {rest.length > 0 ? (
        <Dropdown
          trigger={['click']}
          menu={{
            items: rest.map((offer) => ({
              key: offer.act,
              disabled: !offer.allowed,
              danger: offer.danger,
              label: offer.allowed ? actTitle(offer) : t('act.not_now', { title: actTitle(offer), why: offer.why_not ?? '' }),
            })),
            onClick: ({ key }) => setChosen(rest.find((offer) => offer.act === key)),
          }}
        >
          <Button>{t('act.more')}</Button>
        </Dropdown>
      ) : null}
      {chosen ? <RunAct key={chosen.act} lead={lead} offer={chosen} onClose={() => setChosen(undefined)} /> : null}
    </div>
  );
}

function ActButton({ offer, first, onClick }: { offer: ActOffer; first: boolean; onClick: () => void }): ReactNode {
  const key = keyOf(offer.act);
  const button = (
    <Button type={first && offer.allowed && !offer.danger ? 'primary' : 'default'} danger={offer.danger && offer.allowed} disabled={!offer.allowed} onClick={onClick}>
      {actTitle(offer)}
      {key && offer.allowed ? <kbd>{key.toUpperCase()}</kbd> : null}
    </Button>
  );
  return offer.allowed ? button : <Tooltip title={offer.why_not}>{button}</Tooltip>;
}

/** The dialog with its call; the page's lead follows. */
export function RunAct({ lead, offer, onClose, onDone }: { lead: LeadDetail; offer: ActOffer; onClose: () => void; onDone?: () => void }): ReactNode {
  const run = useAct(lead.id, offer.act);
  const { message } = App.useApp();
  return (
    <ConfirmAct
      offer={offer}
      lead={{ id: lead.id, version: lead.version, findings: lead.finding_list, replies: lead.reply?.lines }}
      busy={run.isPending}
      error={run.error}
      onClose={onClose}
      onReload={() => {
        void client.invalidateQueries({ queryKey: ['lead', lead.id] });
        onClose();
      }}
      onRun={(body, key) =>
        run.mutate(
          { body, key },
          {
            onSuccess: (detail) => {
              void message.success(t('act.done', { act: actTitle(offer), status: detail.status_title }));
              onClose();
              onDone?.();
            },
          },
        )
      }
    />
  );
}
