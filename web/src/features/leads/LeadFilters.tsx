/** The filter row of the list and its chips; every filter lives in the URL. */
import { Button, DatePicker, Input, InputNumber, Popover, Segmented, Select } from 'antd';
import dayjs from 'dayjs';
import { useState, type ReactNode } from 'react';
import { may, useMe } from '../../api/me';
import { useRules, useSummary } from '../../api/queries';
import { yuan } from '../../format/money';
import type { LeadSearch } from '../../router';
import { t, word, type Key } from '../../texts';
import { FilterRow } from '../../ui/FilterRow';

const STATUSES = ['new', 'check', 'sent', 'answered', 'review', 'appeal', 'appeal2', 'panel', 'final', 'upheld', 'partly', 'cleared', 'withdrawn', 'merged'];
const SUBJECTS = ['stay', 'visit', 'person', 'practitioner', 'institution_month'];

type Props = { search: LeadSearch; onChange: (part: Partial<LeadSearch>) => void; total?: ReactNode };

export function LeadFilters({ search, onChange, total }: Props): ReactNode {
  const me = useMe();
  const own = me?.institution !== undefined;
  const rules = useRules(may(me, 'rules.read'));
  const institutions = useSummary('institution', !own && may(me, 'summary.read'));
  const ruleOptions = (rules.data?.items ?? []).map((rule) => ({ value: rule.id, label: `${rule.title} ${rule.id}` }));
  const institutionOptions = (institutions.data?.items ?? []).map((one) => ({ value: one.key, label: one.title }));
  const statuses = search.status?.split(',').filter(Boolean) ?? [];
  return (
    <>
      <FilterRow active={activeFilters(search)} total={total}>
        <Segmented
          aria-label={t('lead.result')}
          value={search.result ?? ''}
          options={[
            { value: '', label: t('filter.all') },
            { value: '违规', label: t('result.violation') },
            { value: '可疑', label: t('result.suspect') },
            { value: '提醒', label: t('result.watch') },
          ]}
          onChange={(result) => onChange({ result: result || undefined })}
        />
        <Select
          className="filter-status"
          mode="multiple"
          maxTagCount={0}
          maxTagPlaceholder={t('filter.status_n', { n: statuses.length })}
          aria-label={t('lead.status')}
          placeholder={t('lead.status')}
          value={statuses}
          options={STATUSES.map((status) => ({ value: status, label: t(`status.${status}` as Key) }))}
          onChange={(chosen: string[]) => onChange({ status: chosen.join(',') || undefined })}
        />
        {ruleOptions.length > 0 ? (
          <Select
            className="filter-rule"
            showSearch={{ optionFilterProp: 'label' }}
            allowClear
            popupMatchSelectWidth={320}
            aria-label={t('lead.rule')}
            placeholder={t('lead.rule')}
            value={search.rule}
            options={ruleOptions}
            onChange={(rule?: string) => onChange({ rule })}
          />
        ) : null}
        {institutionOptions.length > 0 ? (
          <Select
            className="filter-rule"
            showSearch={{ optionFilterProp: 'label' }}
            allowClear
            popupMatchSelectWidth={280}
            aria-label={t('lead.institution')}
            placeholder={t('lead.institution')}
            value={search.institution}
            options={institutionOptions}
            onChange={(institution?: string) => onChange({ institution })}
          />
        ) : null}
        <Words key={search.q ?? ''} value={search.q} onChange={(q) => onChange({ q })} />
        <Popover
          trigger="click"
          placement="bottomLeft"
          content={<More search={search} onChange={onChange} />}
        >
          <Button>{t('filter.more')}</Button>
        </Popover>
        {own ? null : (
          <Button className="toggle" aria-pressed={search.mine === 1} onClick={() => onChange({ mine: search.mine ? undefined : 1 })}>
            {t('filter.mine')}
          </Button>
        )}
        {own ? null : (
          <Button className="toggle" aria-pressed={search.put_off === 1} onClick={() => onChange({ put_off: search.put_off ? undefined : 1 })}>
            {t('filter.put_off')}
          </Button>
        )}
      </FilterRow>
      <Chips search={search} onChange={onChange} names={{ rule: ruleOptions, institution: institutionOptions }} />
    </>
  );
}

function Words({ value, onChange }: { value: string | undefined; onChange: (q: string | undefined) => void }): ReactNode {
  const [typed, setTyped] = useState(value ?? '');
  return (
    <Input.Search
      className="filter-words filter-keep"
      allowClear
      aria-label={t('filter.words')}
      placeholder={t('filter.words')}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onSearch={(text) => onChange(text.trim() || undefined)}
    />
  );
}

function More({ search, onChange }: { search: LeadSearch; onChange: Props['onChange'] }): ReactNode {
  return (
    <section className="filter-more" aria-label={t('filter.more')}>
      <span>{t('filter.days')}</span>
      <DatePicker.RangePicker
        value={search.from && search.to ? [dayjs(search.from), dayjs(search.to)] : null}
        onChange={(range) => onChange({ from: range?.[0]?.format('YYYY-MM-DD'), to: range?.[1]?.format('YYYY-MM-DD') })}
        presets={[7, 30, 90].map((days) => ({ label: t('filter.last_days', { n: days }), value: [dayjs().subtract(days, 'day'), dayjs()] }))}
      />
      <span>{t('filter.min')}</span>
      <InputNumber
        min={0}
        step={100}
        aria-label={t('filter.min')}
        suffix={t('unit.yuan')}
        value={search.min === undefined ? null : search.min / 100}
        onChange={(yuanMin) => onChange({ min: yuanMin ? Math.round(Number(yuanMin) * 100) : undefined })}
      />
      <span>{t('lead.subject_kind')}</span>
      <Select
        allowClear
        aria-label={t('lead.subject_kind')}
        value={search.subject}
        options={SUBJECTS.map((subject) => ({ value: subject, label: t(`subject.${subject}` as Key) }))}
        onChange={(subject?: string) => onChange({ subject })}
      />
      <span>{t('lead.due')}</span>
      <Select
        allowClear
        aria-label={t('lead.due')}
        value={search.due}
        options={[-1, 0, 3, 7].map((days) => ({ value: days, label: dueTitle(days) }))}
        onChange={(due?: number) => onChange({ due })}
      />
    </section>
  );
}

function dueTitle(days: number): string {
  return days < 0 ? t('filter.overdue') : t('filter.due', { n: days });
}

type Names = Record<'rule' | 'institution', { value: string; label: string }[]>;

/** Applied filters, each removable. */
function Chips({ search, onChange, names }: { search: LeadSearch; onChange: Props['onChange']; names: Names }): ReactNode {
  const chips: { key: string; label: string; off: Partial<LeadSearch> }[] = [];
  for (const status of search.status?.split(',').filter(Boolean) ?? []) {
    const rest = search.status?.split(',').filter((one) => one !== status).join(',');
    chips.push({ key: status, label: word(`status.${status}`, status), off: { status: rest || undefined } });
  }
  const named = (name: 'rule' | 'institution') => names[name].find((one) => one.value === search[name])?.label ?? search[name] ?? '';
  if (search.rule) chips.push({ key: 'rule', label: named('rule'), off: { rule: undefined } });
  if (search.institution) chips.push({ key: 'institution', label: named('institution'), off: { institution: undefined } });
  if (search.subject) chips.push({ key: 'subject', label: word(`subject.${search.subject}`, search.subject), off: { subject: undefined } });
  if (search.q) chips.push({ key: 'q', label: t('chip.words', { q: search.q }), off: { q: undefined } });
  if (search.from || search.to) chips.push({ key: 'days', label: t('chip.days', { from: search.from ?? '…', to: search.to ?? '…' }), off: { from: undefined, to: undefined } });
  if (search.min !== undefined) chips.push({ key: 'min', label: t('chip.min', { amount: yuan(search.min) }), off: { min: undefined } });
  if (search.due !== undefined) chips.push({ key: 'due', label: dueTitle(search.due), off: { due: undefined } });
  if (search.put_off) chips.push({ key: 'put_off', label: t('filter.put_off'), off: { put_off: undefined } });
  if (search.mine) chips.push({ key: 'mine', label: t('filter.mine'), off: { mine: undefined } });
  if (chips.length === 0) return null;
  return (
    <ul className="chips" aria-label={t('filter.applied')}>
      {chips.map((chip) => (
        <li key={chip.key}>
          <button type="button" aria-label={t('chip.remove', { name: chip.label })} onClick={() => onChange(chip.off)}>
            {chip.label} <i aria-hidden="true">×</i>
          </button>
        </li>
      ))}
      <li>
        <button type="button" className="link" onClick={() => onChange(cleared())}>
          {t('filter.clear')}
        </button>
      </li>
    </ul>
  );
}

/** Conditions of the row that hold, the words of the search field not among them. */
export function activeFilters(search: LeadSearch): number {
  const { result, status, rule, institution, subject, min, due, put_off, mine } = search;
  const days = search.from || search.to;
  return [result, status, rule, institution, subject, min, due, put_off, mine, days].filter((one) => one !== undefined && one !== '').length;
}

export function cleared(): Partial<LeadSearch> {
  return {
    status: undefined, institution: undefined, rule: undefined, result: undefined, subject: undefined, from: undefined, to: undefined, min: undefined,
    q: undefined, mine: undefined, due: undefined, put_off: undefined,
  };
}
