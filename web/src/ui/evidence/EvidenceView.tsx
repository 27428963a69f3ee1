/**
 * The split evidence view: left the claim with its hit lines, right why, on what basis, the arithmetic, what speaks against it and how
 * often the rule was right. The order never changes, wherever it stands.
 */
import { Link } from '@tanstack/react-router';
import { Tooltip } from 'antd';
import { useState, type ReactNode } from 'react';
import type { Evidence, Finding } from '../../api/contract';
import { may, useMe } from '../../api/me';
import { useEvidence } from '../../api/queries';
import { day, minute, monthDay, shortMoment } from '../../format/day';
import { t, word } from '../../texts';
import { Money, PrecisionBar } from '../figures';
import { Failed, Skeleton } from '../states';
import { Prose } from '../Prose';
import { VerdictTag } from '../tags';
import { EvidenceTable } from './EvidenceTable';
import { pointName } from './point';
import './evidence.css';

type Props = {
  findings: Finding[];
  /** Actions on top of the right column. */
  acts?: ReactNode;
  /** What follows the arithmetic in the right column: history and the like. */
  after?: ReactNode;
  /** Chosen finding, when the page holds it. */
  chosen?: string;
  onChoose?: (id: string) => void;
};

export function EvidenceView({ findings, acts, after, chosen, onChoose }: Props): ReactNode {
  const [own, setOwn] = useState<string>();
  const wanted = chosen ?? own;
  const finding = findings.find((one) => one.id === wanted) ?? findings[0];
  const query = useEvidence(finding?.id);
  const choose = onChoose ?? setOwn;
  return (
    <div className="evidence">
      <div className="evidence-left">
        <h2 className="unseen">{t('evidence.title')}</h2>
        {findings.length > 1 && finding ? <FindingPicker findings={findings} chosen={finding.id} onChoose={choose} /> : null}
        {query.data ? <Claim evidence={query.data} /> : query.error ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Skeleton rows={9} />}
      </div>
      <div className="evidence-right">
        {acts}
        {query.data ? <Grounds evidence={query.data} findings={findings.length} /> : null}
        {after}
      </div>
    </div>
  );
}

/** Findings of one lead as a row of choices; the one that carries the money of its cluster first. */
function FindingPicker({ findings, chosen, onChoose }: { findings: Finding[]; chosen: string; onChoose: (id: string) => void }): ReactNode {
  return (
    <div className="picker" role="group" aria-label={t('evidence.findings')}>
      {findings.map((finding) => (
        <button key={finding.id} type="button" aria-pressed={finding.id === chosen} onClick={() => onChoose(finding.id)}>
          <VerdictTag result={finding.result} />
          <span className="ellipsis" title={`${finding.rule.title} ${day(finding.first_time)}`}>{finding.rule.title}</span>
          <span className="faint num nowrap">{monthDay(finding.first_time)}</span>
          {finding.counted ? (
            <Money fen={finding.amount_fen} />
          ) : (
            <Tooltip title={t('finding.same_money')}>
              <span className="faint">{t('finding.same_money_short')}</span>
            </Tooltip>
          )}
        </button>
      ))}
    </div>
  );
}

function Claim({ evidence }: { evidence: Evidence }): ReactNode {
  const visit = Object.entries(evidence.visit ?? {}).filter(([, value]) => value);
  return (
    <div className="claim-box">
      <div className="claim-head">
        {visit.map(([key, value]) => (
          <span key={key}>
            <span className="faint">{word(`visit.${key}`, key)}</span> <span className="num">{visitWords(value)}</span>
          </span>
        ))}
        {evidence.diagnoses.length > 0 ? (
          <span>
            <span className="faint">{t('evidence.diagnoses')}</span>{' '}
            {evidence.diagnoses.map((one, i) => (
              <span key={one.code} className={one.hit ? 'mark' : ''}>
                {i > 0 ? t('mark.semicolon') : ''}
                {one.name} {one.code}
              </span>
            ))}
          </span>
        ) : null}
        {evidence.operations.length > 0 ? (
          <span>
            <span className="faint">{t('evidence.operations')}</span>{' '}
            {evidence.operations.map((one, i) => (
              <span key={one.code} className={one.hit ? 'mark' : ''}>
                {i > 0 ? t('mark.semicolon') : ''}
                {one.name} {one.code} {shortMoment(one.day)}
              </span>
            ))}
          </span>
        ) : null}
      </div>
      {evidence.lines.length > 0 ? (
        <EvidenceTable key={evidence.finding.id} lines={evidence.lines} hidden={evidence.lines_hidden} result={evidence.finding.result} />
      ) : (
        <p className="pad faint">{t('evidence.no_lines')}</p>
      )}
    </div>
  );
}

function Grounds({ evidence, findings }: { evidence: Evidence; findings: number }): ReactNode {
  const me = useMe();
  const { finding, rule } = evidence;
  return (
    <div className="grounds">
      <section>
        <h3>{t('evidence.reason')}</h3>
        <p>{finding.text}</p>
        <p className="faint">
          {rule.title} <code>{t('rule.version', { id: rule.id, version: rule.version })}</code>
          {' '}
          {finding.practitioner ? <DoctorLink of={finding.practitioner} seen={may(me, 'doctors.read')} /> : null}{' '}
          <span className="nowrap">{minute(finding.first_time)}</span>
        </p>
      </section>
      <section>
        <h3>{t('evidence.basis')}</h3>
        <ul>
          {rule.basis.map((basis) => (
            <li key={basis}>{basis}</li>
          ))}
        </ul>
        {evidence.points.map((point) => (
          <details key={point.label} className="point">
            <summary>{t('evidence.point', { label: pointName(point.label), table: point.table_title })}</summary>
            <dl className="facts">
              {point.cells.map(([name, value]) => (
                <div key={name}>
                  <dt>{word(`column.${name}`, name)}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
            <p className="faint">{t('evidence.origin', { origin: point.origin })}</p>
          </details>
        ))}
        <details className="point">
          <summary>{t('evidence.rule_text')}</summary>
          <Prose text={rule.plain} />
          <pre className="logic" tabIndex={0}>{rule.logic}</pre>
        </details>
      </section>
      <section className="sums">
        <h3>{t('evidence.arithmetic')}</h3>
        {evidence.arithmetic.map((line) => (
          <SumLine key={line} line={line} />
        ))}
        <p className="sum-line">
          <span>{t('evidence.fund')}</span>
          <Money fen={finding.fund_fen} />
        </p>
        <p className="sum-line total">
          <span>{finding.counted ? t('evidence.total') : t('evidence.total_elsewhere')}</span>
          <Money fen={finding.amount_fen} strong />
        </p>
      </section>
      <section>
        <h3>{t('evidence.against')}</h3>
        {evidence.against.length > 0 ? (
          <ul>
            {evidence.against.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        ) : (
          <p className="faint">{t('evidence.against_none')}</p>
        )}
        {rule.misfires ? (
          <details className="point">
            <summary>{t('evidence.misfires')}</summary>
            <Prose text={rule.misfires} />
          </details>
        ) : null}
        {evidence.not_judged.map((fact) => (
          <p key={fact} className="faint">{t('evidence.not_judged', { fact })}</p>
        ))}
      </section>
      {me?.institution ? null : (
        <section>
          <h3>{t('evidence.precision')}</h3>
          <PrecisionBar precision={evidence.precision} />
        </section>
      )}
      {evidence.others.length > 0 ? (
        <section>
          <h3>{t('evidence.others', { n: evidence.others.length })}</h3>
          <ul>
            {evidence.others.slice(0, findings > 1 ? 3 : 6).map((other) => (
              <li key={other.id}>{other.text}</li>
            ))}
          </ul>
        </section>
      ) : null}
    </div>
  );
}

/** The doctor a finding names, with the way to the profile where one may see it. */
function DoctorLink({ of, seen }: { of: NonNullable<Finding['practitioner']>; seen: boolean }): ReactNode {
  const name = of.name_masked || of.code;
  return seen ? (
    <Link to="/doctors/$code" params={{ code: of.code }} search={{}}>
      {t('evidence.doctor', { name })}
    </Link>
  ) : (
    <span>{t('evidence.doctor', { name })}</span>
  );
}

/** Moments without seconds, money with its thousands. */
function visitWords(value: string): string {
  return /^-?\d+\.\d{2}$/.test(value) ? value.replace(/\B(?=(\d{3})+\.)/g, ',') : shortMoment(value);
}

/** "label = amount" of the arithmetic is set in two columns; anything else stands as it is. */
function SumLine({ line }: { line: string }): ReactNode {
  const cut = line.lastIndexOf('=');
  if (cut < 1) return <p className="sum-line">{line}</p>;
  return (
    <p className="sum-line">
      <span>{line.slice(0, cut).trim()}</span>
      <span className="num">{line.slice(cut + 1).trim()}</span>
    </p>
  );
}
