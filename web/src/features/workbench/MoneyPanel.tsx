/** 追回进度: decided, back, open, late and the year's target as bars on one scale, each opening its rows. */
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RecoveryPage } from '../../api/contract';
import { wan } from '../../format/money';
import { t } from '../../texts';
import { Bars } from '../../ui/Bars';
import { Panel } from '../../ui/PageHead';

type Props = { sums: RecoveryPage['sums']; recovered: number; /** Recovered counts this year alone, and is held against the year's target. */ yearly?: boolean; target?: number };

export function MoneyPanel({ sums, recovered, yearly = false, target }: Props): ReactNode {
  const navigate = useNavigate();
  const go = (state?: string) => () => void navigate({ to: '/recoveries', search: { state } });
  const bar = (key: string, title: string, value: number, more: { tone?: 'red'; onPick?: () => void } = {}) => ({ key, title, value, text: wan(value), ...more });
  return (
    <Panel title={t('home.money')} note={t(yearly ? 'home.money.note' : 'unit.wan')}>
      <Bars
        label={t('home.money')}
        bars={[
          ...(target ? [bar('target', t('home.money.target'), target)] : []),
          bar('due', t('home.money.due'), sums.due_fen, { onPick: go() }),
          bar('refused', t('recovery.refused_sum'), sums.refused_fen, { onPick: go('closed') }),
          bar('recovered', t(yearly ? 'home.money.recovered' : 'recovery.recovered_sum'), recovered, { onPick: go('closed') }),
          bar('open', t('home.money.open'), sums.open_fen, { onPick: go('due') }),
          bar('late', t('home.money.late'), sums.overdue_fen, { tone: 'red', onPick: go('overdue') }),
        ]}
      />
      {target || !yearly ? null : <p className="pad faint">{t('home.money.no_target')}</p>}
    </Panel>
  );
}
