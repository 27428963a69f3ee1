/** How the picture is asked: view, steps, least number, kinds of visits, days; and what was left out. */
import { DatePicker, Segmented, Slider } from 'antd';
import dayjs from 'dayjs';
import { useState, type ReactNode } from 'react';
import type { RelationsAsked } from '../../api/contract';
import { t } from '../../texts';
import { Shape } from './Shape';
import { leftOut, type RelationsSearch, type RelationsView } from './search';

const LEAST_SHOWN = 12;

type Props = { search: RelationsSearch; asked: RelationsAsked; busy: boolean; onChange: (next: Partial<RelationsSearch>) => void; onBack: (id: string) => void };

export function Toolbar({ search, asked, busy, onChange, onBack }: Props): ReactNode {
  return (
    <div className="relations-tools">
      <div className="filters" aria-busy={busy}>
        <Segmented<RelationsView>
          aria-label={t('relations.view')}
          value={search.view ?? 'graph'}
          options={(['graph', 'matrix', 'list'] as const).map((view) => ({ value: view, label: t(`relations.view.${view}`) }))}
          onChange={(view) => onChange({ view: view === 'graph' ? undefined : view })}
        />
        <Segmented<number>
          aria-label={t('relations.degree')}
          value={search.degree ?? 1}
          options={[1, 2].map((degree) => ({ value: degree, label: t(degree === 1 ? 'relations.degree.one' : 'relations.degree.two') }))}
          onChange={(degree) => onChange({ degree: degree === 2 ? 2 : undefined })}
        />
        <Segmented<string>
          aria-label={t('relations.kinds')}
          value={search.kinds ?? 'stays'}
          options={[
            { value: 'stays', label: t('relations.kinds.stays') },
            { value: 'all', label: t('relations.kinds.all') },
          ]}
          onChange={(kinds) => onChange({ kinds: kinds === 'all' ? 'all' : undefined, least: undefined })}
        />
        <Least key={asked.least} value={asked.least} onChange={(least) => onChange({ least })} />
      </div>
      <div className="relations-second">
      <DatePicker.RangePicker
        className="relations-days"
        aria-label={t('relations.days')}
        value={asked.from && asked.to ? [dayjs(asked.from), dayjs(asked.to)] : null}
        onChange={(range) => onChange({ from: range?.[0]?.format('YYYY-MM-DD'), to: range?.[1]?.format('YYYY-MM-DD') })}
      />
      <ul className="legend relations-legend" aria-label={t('relations.legend')}>
        {(['person', 'hospital', 'pharmacy', 'doctor'] as const).map((kind) => (
          <li key={kind}>
            <svg width="16" height="16" viewBox="-10 -10 20 20" aria-hidden="true" className="relations-key">
              <Shape kind={kind} x={0} y={0} size={0.7} />
            </svg>
            {t(`relations.kind.${kind}`)}
          </li>
        ))}
        <li>
          <span className="relations-line" aria-hidden="true" />
          {t(asked.kinds === 'all' ? 'relations.together.all' : 'relations.together')}
        </li>
      </ul>
      </div>
      {asked.without.length > 0 ? (
        <ul className="relations-out" aria-label={t('relations.out')}>
          {asked.without.map((one) => (
            <li key={one.id}>
              {t('relations.out.one', { label: one.label, why: leftOut(search).find((own) => own.id === one.id)?.why || '—' })}{' '}
              <button type="button" className="link no-print" onClick={() => onBack(one.id)}>
                {t('relations.out.back')}
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

/** Asked when the handle is let go, so that each step on the way is no question. */
function Least({ value, onChange }: { value: number; onChange: (least: number) => void }): ReactNode {
  const [at, setAt] = useState(value);
  return (
    <span className="relations-least">
      <span>{t('relations.least')}</span>
      <Slider min={1} max={LEAST_SHOWN} value={Math.min(at, LEAST_SHOWN)} ariaLabelForHandle={t('relations.least')} tooltip={{ open: false }} onChange={setAt} onChangeComplete={onChange} />
      <span className="num">{t('relations.times', { n: at })}</span>
    </span>
  );
}
