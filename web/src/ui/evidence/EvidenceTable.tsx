/** The lines of the claim: hit ones tinted, marked and with their reason; runs without a hit folded. */
import { useState, type ReactNode } from 'react';
import type { EvidenceLine, Result } from '../../api/contract';
import { minute, monthDay } from '../../format/day';
import { price, yuan } from '../../format/money';
import { t, word } from '../../texts';
import { verdictKind } from '../tags';
import { fold } from './fold';
import './evidence.css';

const COLUMNS = 9;

export function EvidenceTable({ lines, hidden, result }: { lines: EvidenceLine[]; hidden: number; result: Result }): ReactNode {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [all, setAll] = useState(false);
  const kind = verdictKind(result);
  const hits = lines.filter((line) => line.hit).length;
  const blocks = fold(lines.map((line) => line.hit));
  const row = (at: number) => {
    const line = lines[at];
    return line ? <LineRow key={line.id} line={line} number={at + 1} kind={kind} result={result} /> : null;
  };
  return (
    <>
      <div className="claim-scroll">
        <table className="claim">
          <caption className="unseen">{t('evidence.lines')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('evidence.line')}</th>
              <th scope="col">{t('evidence.day')}</th>
              <th scope="col">{t('evidence.item')}</th>
              <th scope="col">{t('evidence.spec')}</th>
              <th scope="col" className="right">{t('evidence.count')}</th>
              <th scope="col" className="right">{t('evidence.price')}</th>
              <th scope="col" className="right">{t('evidence.amount')}</th>
              <th scope="col" className="right">{t('evidence.scope')}</th>
              <th scope="col">{t('evidence.by')}</th>
            </tr>
          </thead>
          <tbody>
            {all
              ? lines.map((_, at) => row(at))
              : blocks.map((block) => {
                  if (block.kind === 'line') return row(block.at);
                  if (open.has(block.from)) {
                    return Array.from({ length: block.to - block.from + 1 }, (_, i) => row(block.from + i));
                  }
                  const values = { from: block.from + 1, to: block.to + 1, n: block.hits };
                  return (
                    <tr key={`fold-${block.from}`} className="folded">
                      <td colSpan={COLUMNS}>
                        <button type="button" onClick={() => setOpen(new Set([...open, block.from]))}>
                          <i aria-hidden="true">▾</i> {block.hits > 0 ? t('evidence.folded_hits', values) : t('evidence.folded', values)}
                        </button>
                      </td>
                    </tr>
                  );
                })}
          </tbody>
        </table>
      </div>
      <p className="claim-foot">
        <span>
          {t('evidence.foot', { lines: lines.length, hits })}
          {hidden > 0 ? ` ${t('evidence.hidden', { n: hidden })}` : ''}
        </span>
        <button type="button" className="link" onClick={() => setAll(!all)}>
          {all ? t('evidence.only_hits') : t('evidence.all_lines', { n: lines.length })}
        </button>
      </p>
    </>
  );
}

function LineRow({ line, number, kind, result }: { line: EvidenceLine; number: number; kind: string; result: Result }): ReactNode {
  return (
    <tr className={line.hit ? `hit hit-${kind}` : ''}>
      <td className="num">{number}</td>
      <td className="num nowrap" title={minute(line.time)}>{monthDay(line.time)}</td>
      <td className="item">
        {line.name} <code>{line.code}</code>
        {line.hit ? (
          <span className="why">
            {line.hit_fen === undefined && !line.why ? t('evidence.shows') : word(`result.${kind}`, result)}
            {line.why ? t('evidence.why', { why: line.why }) : ''}
            {line.hit_fen !== undefined ? <b className="num">{t('evidence.counted', { amount: yuan(line.hit_fen) })}</b> : null}
          </span>
        ) : null}
      </td>
      <td>{line.spec ?? '—'}</td>
      <td className="right num">{line.count}</td>
      <td className="right num">{price(line.price)}</td>
      <td className="right num">{yuan(line.amount_fen)}</td>
      <td className="right num">{yuan(line.scope_fen)}</td>
      <td className="nowrap" title={line.department}>{line.practitioner ?? '—'}</td>
    </tr>
  );
}
