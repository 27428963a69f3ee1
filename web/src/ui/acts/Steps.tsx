/** 流转记录: who, when, what, why. */
import type { ReactNode } from 'react';
import type { Step } from '../../api/contract';
import { minute } from '../../format/day';
import { t, word } from '../../texts';
import { actTitle } from '../titles';
import { FileList } from './Files';
import './acts.css';

export function Steps({ steps }: { steps: Step[] }): ReactNode {
  if (steps.length === 0) return <p className="pad faint">{t('steps.none')}</p>;
  return (
    <ol className="steps">
      {steps.map((step, i) => (
        <li key={`${step.at}-${i}`}>
          <p>
            <b>{actTitle({ act: step.act, title: step.act_title })}</b> <span>{step.by.name}</span> <span className="faint">{step.by.role_title}</span>{' '}
            <time className="faint num nowrap">{minute(step.at)}</time>
          </p>
          {step.reason ? <p className="faint">{t('steps.reason', { reason: word(`reason.${step.reason}`, step.reason) })}</p> : null}
          {step.text ? <p className="pre">{step.text}</p> : null}
          {step.lines && step.lines.length > 0 ? <p className="faint">{tally(step)}</p> : null}
          {step.attachments && step.attachments.length > 0 ? <FileList files={step.attachments} /> : null}
        </li>
      ))}
    </ol>
  );
}

function tally(step: Step): string {
  const counts = new Map<string, number>();
  for (const line of step.lines ?? []) counts.set(line.conclusion, (counts.get(line.conclusion) ?? 0) + 1);
  return [...counts].map(([conclusion, n]) => t('steps.lines', { conclusion: word(`conclusion.${conclusion}`, conclusion), n })).join(t('mark.semicolon'));
}
