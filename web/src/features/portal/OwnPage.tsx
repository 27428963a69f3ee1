/** 本院统计: own numbers by rule and month. */
import { useCallback, type ReactNode } from 'react';
import { useMe } from '../../api/me';
import { count, wan, yuan } from '../../format/money';
import { t } from '../../texts';
import { Bars } from '../../ui/Bars';
import { axisLook, Chart, chartBase } from '../../ui/Chart';
import { KpiStrip } from '../../ui/figures';
import { PageHead, Panel } from '../../ui/PageHead';
import { Empty, Failed, Skeleton } from '../../ui/states';
import type { Paint } from '../../ui/theme';
import { useOwn } from './use-own';

export function OwnPage(): ReactNode {
  const me = useMe();
  const own = useOwn();
  const months = own.data?.by_month;
  const option = useCallback(
    (paint: Paint) => ({
      ...chartBase(paint),
      xAxis: { type: 'category', data: (months ?? []).map((one) => one.month), ...axisLook(paint), splitLine: { show: false } },
      yAxis: { type: 'value', ...axisLook(paint) },
      series: [{ type: 'bar', name: t('own.found'), barMaxWidth: 22, data: (months ?? []).map((one) => one.amount_fen / 1000000), itemStyle: { color: paint.kinds[0] } }],
    }),
    [months],
  );
  if (own.error && !own.data) return <Failed page error={own.error} retry={() => void own.refetch()} />;
  if (!own.data || !months) return <Skeleton rows={8} />;
  const data = own.data;
  return (
    <>
      <PageHead title={t('menu.own')} note={me?.institution?.name} />
      <KpiStrip
        label={t('home.strip')}
        items={[
          { title: t('portal.open'), value: count(data.open), unit: t('unit.leads'), note: t('portal.open_fen', { amount: yuan(data.open_fen) }) },
          { title: t('portal.accepted'), value: wan(data.accepted_fen), unit: t('unit.wan'), note: t('portal.accepted_n', { n: data.accepted }) },
          { title: t('portal.withdrawn'), value: wan(data.withdrawn_fen), unit: t('unit.wan') },
          { title: t('portal.refund_due_title'), value: wan(data.refund_due_fen), unit: t('unit.wan') },
          { title: t('portal.refunded'), value: wan(data.refunded_fen), unit: t('unit.wan') },
        ]}
      />
      <div className="grid-charts">
        <Chart
          title={t('own.months')}
          note={t('unit.wan')}
          summary={t('own.months.summary', { n: months.length })}
          height={220}
          option={option}
          data={{ head: [t('own.month'), t('own.findings'), t('own.amount')], rows: months.map((one) => [one.month, one.findings, yuan(one.amount_fen)]) }}
        />
        <Panel title={t('own.rules')} note={t('unit.yuan')}>
          {data.by_rule.length > 0 ? (
            <Bars label={t('own.rules')} bars={data.by_rule.slice(0, 10).map((rule) => ({ key: rule.id, title: rule.title, value: rule.amount_fen, text: yuan(rule.amount_fen) }))} />
          ) : (
            <Empty title={t('own.none')} />
          )}
        </Panel>
      </div>
    </>
  );
}
