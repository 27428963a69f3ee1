/** 每月追回: what came back in each month of the year, how much by then, and the year's target as the line to reach. */
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, type ReactNode } from 'react';
import { read } from '../../api/client';
import { wan } from '../../format/money';
import { t } from '../../texts';
import { axisLook, Chart, chartBase } from '../../ui/Chart';
import type { Paint } from '../../ui/theme';
import { monthsBack } from './months';

export function MonthsPanel(): ReactNode {
  const query = useQuery({ queryKey: ['recoveries', 'months'], queryFn: ({ signal }) => read('/recoveries/months', { query: {}, signal }) });
  const year = query.data;
  const back = useMemo(() => (year ? monthsBack(year) : []), [year]);
  const option = useCallback(
    (paint: Paint) => {
      const tenThousands = (fen: number) => Math.round(fen / 10000) / 100;
      const target = year?.target_fen;
      const bar = { type: 'bar', stack: 'month', barMaxWidth: 26 };
      // A month that is not over is paler, and its name says so.
      const bars = (of: 'paid' | 'offset', color: string) => back.map((one) => ({ value: tenThousands(one[of]), itemStyle: { color, opacity: one.running ? 0.55 : 1 } }));
      return {
        ...chartBase(paint),
        grid: { left: 4, right: 16, top: 18, bottom: 4, containLabel: true },
        xAxis: { type: 'category', data: back.map((one) => (one.running ? `${one.month.slice(5)} ${t('months.this')}` : one.month.slice(5))), ...axisLook(paint), splitLine: { show: false } },
        yAxis: { type: 'value', splitNumber: 4, max: target ? Math.max(tenThousands(target), ...back.map((one) => tenThousands(one.sum))) : undefined, ...axisLook(paint) },
        series: [
          { ...bar, name: t('months.paid_short'), itemStyle: { color: paint.kinds[0] }, data: bars('paid', paint.kinds[0] ?? '') },
          { ...bar, name: t('months.offset_short'), itemStyle: { color: paint.kinds[2] }, data: bars('offset', paint.kinds[2] ?? '') },
          {
            type: 'line',
            name: t('months.sum_short'),
            data: back.map((one) => tenThousands(one.sum)),
            symbolSize: 5,
            itemStyle: { color: paint.kinds[1] },
            lineStyle: { color: paint.kinds[1], width: 2 },
            markLine: target
              ? {
                  silent: true,
                  symbol: 'none',
                  label: { formatter: `${t('months.pace')} ${wan(target)}`, position: 'insideStartTop', color: paint.faint },
                  lineStyle: { color: paint.faint, type: 'dashed' },
                  data: [{ yAxis: tenThousands(target) }],
                }
              : undefined,
          },
        ],
      };
    },
    [back, year?.target_fen],
  );
  if (!year || back.length === 0) return null;
  const whole = back[back.length - 1]?.sum ?? 0;
  return (
    <Chart
      title={t('months.title')}
      note={t('months.note', { year: year.year })}
      summary={t('months.summary', { year: year.year, amount: wan(whole) })}
      height={190}
      option={option}
      legend={
        <ul className="legend legend-head" aria-label={t('timeline.legend')}>
          <li>
            <i className="kind-0" aria-hidden="true" />
            {t('months.paid_short')}
          </li>
          <li>
            <i className="kind-2" aria-hidden="true" />
            {t('months.offset_short')}
          </li>
          <li>
            <i className="kind-1" aria-hidden="true" />
            {t('months.sum_short')}
          </li>
        </ul>
      }
      data={{
        head: [t('months.month'), t('months.due'), t('months.refused'), t('months.paid'), t('months.offset'), t('months.waived'), t('months.returned'), t('months.sum')],
        rows: back.map((one, i) => {
          const month = year.months[i];
          return [one.month, wan(month?.due_fen ?? 0), wan(month?.refused_fen ?? 0), wan(one.paid), wan(one.offset), wan(month?.waived_fen ?? 0), wan(month?.returned_fen ?? 0), wan(one.sum)];
        }),
      }}
    />
  );
}
