/** 批量: acts on the chosen rows, or on everything the filter names; says the effect in numbers, then what failed. */
import { App, Button, Checkbox, Modal } from 'antd';
import { useState, type ReactNode } from 'react';
import type { ActOffer, BatchAnswer, Lead, LeadQuery } from '../../api/contract';
import { useMe } from '../../api/me';
import { useBatch, useLead } from '../../api/queries';
import { count, yuan } from '../../format/money';
import { t } from '../../texts';
import { keyOf } from '../../ui/acts/keys';
import { ConfirmAct } from '../../ui/acts/ConfirmAct';
import { useKeys, type KeyMap } from '../../ui/keys';
import { actTitle } from '../../ui/titles';

/** Needs that only make sense for one lead at a time; attachments can be left out. */
const SINGLE = ['lines', 'vote', 'members'];

type Props = { chosen: ReadonlySet<string>; items: Lead[]; query: LeadQuery; total: number; onDone: () => void };

export function BatchBar({ chosen, items, query, total, onDone }: Props): ReactNode {
  const me = useMe();
  const [all, setAll] = useState(false);
  const [offer, setOffer] = useState<ActOffer>();
  const picked = items.filter((lead) => chosen.has(lead.id));
  // What can be done is told by one of them; the server says of each of the others whether it went.
  const sample = useLead((picked.find((lead) => lead.holder?.account === me?.account) ?? picked[0])?.id);
  const offers = (sample.data?.acts ?? []).filter((one) => one.allowed && !one.needs.some((need) => SINGLE.includes(need)));
  const keys: KeyMap = { Escape: onDone };
  for (const one of offers) {
    const key = keyOf(one.act);
    if (key) keys[key] = () => setOffer(one);
  }
  useKeys(keys);
  const amount = picked.reduce((sum, lead) => sum + lead.amount_fen, 0);
  const whole = all && total > picked.length;
  return (
    <div className="batch" role="region" aria-label={t('batch.title')}>
      <strong>{whole ? t('batch.all', { n: count(total) }) : t('batch.chosen', { n: picked.length, amount: yuan(amount) })}</strong>
      {total > picked.length ? (
        <Checkbox checked={all} onChange={(event) => setAll(event.target.checked)}>
          {t('batch.take_all', { n: count(total) })}
        </Checkbox>
      ) : null}
      <span className="spring" />
      {sample.data && offers.length === 0 ? <span className="faint">{t('batch.none')}</span> : null}
      {offers.slice(0, 4).map((one) => {
        const key = keyOf(one.act);
        return (
          <Button key={one.act} danger={one.danger} onClick={() => setOffer(one)}>
            {one.title}
            {key ? <kbd>{key.toUpperCase()}</kbd> : null}
          </Button>
        );
      })}
      <Button type="link" onClick={onDone}>
        {t('batch.clear')}
      </Button>
      {offer ? (
        <RunBatch
          offer={offer}
          ids={whole ? undefined : picked.map((lead) => lead.id)}
          query={query}
          effect={
            whole
              ? t('batch.effect_all', { act: actTitle(offer), n: count(total) })
              : t('batch.effect', { act: actTitle(offer), n: picked.length, amount: yuan(amount), institutions: new Set(picked.map((lead) => lead.institution?.code)).size })
          }
          onClose={() => setOffer(undefined)}
          onDone={onDone}
        />
      ) : null}
    </div>
  );
}

type RunProps = { offer: ActOffer; ids: string[] | undefined; query: LeadQuery; effect: string; onClose: () => void; onDone: () => void };

function RunBatch({ offer, ids, query, effect, onClose, onDone }: RunProps): ReactNode {
  const run = useBatch(offer.act);
  const { message } = App.useApp();
  const [answer, setAnswer] = useState<BatchAnswer>();
  if (answer) {
    return (
      <Modal open title={t('batch.result')} onCancel={onDone} footer={<Button onClick={onDone}>{t('act.close')}</Button>} destroyOnHidden>
        <p>{t('batch.done', { n: answer.done, amount: yuan(answer.amount_fen) })}</p>
        <p className="due-over">{t('batch.failed', { n: answer.failed.length })}</p>
        <ul className="plain-list">
          {answer.failed.slice(0, 50).map((one) => (
            <li key={one.id}>
              <code>{one.id}</code> {one.detail}
            </li>
          ))}
        </ul>
      </Modal>
    );
  }
  return (
    <ConfirmAct
      offer={offer}
      effect={effect}
      busy={run.isPending}
      error={run.error}
      onClose={onClose}
      onRun={(body) =>
        run.mutate(
          { ...body, version: undefined, ...(ids ? { ids } : { filter: { ...query, after: undefined, limit: undefined } }) },
          {
            onSuccess: (done) => {
              if (done.failed.length > 0) setAnswer(done);
              else {
                void message.success(t('batch.done', { n: done.done, amount: yuan(done.amount_fen) }));
                onDone();
              }
            },
          },
        )
      }
    />
  );
}
