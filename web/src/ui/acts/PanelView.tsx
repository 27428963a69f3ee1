/** 合议: who sits, who has voted; opinions show when all are in. */
import type { ReactNode } from 'react';
import type { Panel as PanelOf } from '../../api/contract';
import { t, word } from '../../texts';
import { Panel } from '../PageHead';
import { PlainTag } from '../tags';
import './acts.css';

export function PanelView({ panel }: { panel: PanelOf }): ReactNode {
  const sitting = panel.members.filter((member) => !member.recused);
  const voted = sitting.filter((member) => member.voted).length;
  return (
    <Panel title={t('panel.title')} note={panel.open ? t('panel.open') : t('panel.hidden', { voted, all: sitting.length })}>
      <ul className="members">
        {panel.members.map((member) => (
          <li key={member.account}>
            <b>{member.name}</b>
            {member.recused ? (
              <PlainTag kind="grey">{t('panel.recused')}</PlainTag>
            ) : panel.open && member.vote ? (
              <PlainTag kind={member.vote === 'uphold' ? 'violation' : member.vote === 'withdraw' ? 'cleared' : 'suspect'}>
                {word(`conclusion.${member.vote}`, member.vote)}
              </PlainTag>
            ) : (
              <PlainTag kind={member.voted ? 'watch' : 'grey'}>{member.voted ? t('panel.voted') : t('panel.waiting')}</PlainTag>
            )}
            {panel.open && member.text ? <p className="pre">{member.text}</p> : null}
          </li>
        ))}
      </ul>
      {panel.outcome ? <p className="pad">{t('panel.outcome', { outcome: word(`conclusion.${panel.outcome}`, panel.outcome) })}</p> : null}
    </Panel>
  );
}
