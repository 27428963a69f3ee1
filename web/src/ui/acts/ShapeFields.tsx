/** 合并与拆分: which leads go into this one, which findings leave it. */
import { Checkbox, Form, Select } from 'antd';
import type { ReactNode } from 'react';
import type { Choice, Finding } from '../../api/contract';
import { yuan } from '../../format/money';
import { t } from '../../texts';
import { together } from './together';

type Wrong = { validateStatus?: 'error'; help?: string };

export function MergeFields({ choices, chosen, onChosen, ...wrong }: { choices: Choice[]; chosen: string[]; onChosen: (leads: string[]) => void } & Wrong): ReactNode {
  return (
    <Form.Item label={t('field.leads')} required {...wrong}>
      <Select
        mode="multiple"
        showSearch={{ optionFilterProp: 'label' }}
        aria-label={t('field.leads')}
        value={chosen}
        options={choices.map((one) => ({ value: one.code, label: one.title }))}
        onChange={onChosen}
      />
    </Form.Item>
  );
}

/** Findings on the same money go together: ticking one ticks the others. */
export function SplitFields({ findings, chosen, onChosen, ...wrong }: { findings: Finding[]; chosen: string[]; onChosen: (findings: string[]) => void } & Wrong): ReactNode {
  return (
    <Form.Item label={t('field.findings')} required {...wrong}>
      <ul className="plain-list">
        {findings.map((finding) => (
          <li key={finding.id}>
            <Checkbox checked={chosen.includes(finding.id)} onChange={(event) => onChosen(together(findings, chosen, finding, event.target.checked))}>
              {finding.rule.title} <span className="num">{finding.amount_fen === undefined ? '' : yuan(finding.amount_fen)}</span>
              <small className="faint block">{finding.text}</small>
            </Checkbox>
          </li>
        ))}
      </ul>
    </Form.Item>
  );
}
