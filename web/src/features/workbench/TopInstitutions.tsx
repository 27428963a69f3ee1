/** 涉及金额前五机构: each opens its leads. */
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useSummary } from '../../api/queries';
import { wan } from '../../format/money';
import { t } from '../../texts';
import { Bars } from '../../ui/Bars';
import { Panel } from '../../ui/PageHead';

export function TopInstitutions(): ReactNode {
  const navigate = useNavigate();
  const summary = useSummary('institution');
  const top = [...(summary.data?.items ?? [])].sort((a, b) => b.amount_fen - a.amount_fen).slice(0, 5);
  return (
    <Panel title={t('home.top')} note={t('home.top.note')}>
      <Bars
        label={t('home.top')}
        bars={top.map((item) => ({
          key: item.key,
          title: item.title,
          value: item.amount_fen,
          text: wan(item.amount_fen),
          onPick: () => void navigate({ to: '/leads', search: { institution: item.key } }),
        }))}
      />
    </Panel>
  );
}
