/** One figure of an institution month by month, between limits out of its own past. */
import { useCallback, type ReactNode } from 'react';
import { t } from '../../texts';
import { axisLook, Chart, chartBase } from '../../ui/Chart';
import type { Paint } from '../../ui/theme';
import { control, LEAST } from './control';
import { figure } from './Peers';

type Props = { title: string; unit: string; months: string[]; values: number[] };

export function ControlChart({ title, unit, months, values }: Props): ReactNode {
  const limits = control(values);
  const out = months.filter((_, i) => limits?.out[i]);
  const option = useCallback(
    (paint: Paint) => {
      const found = control(values);
      const flat = (name: string, value: number, type: 'dashed' | 'solid') => ({
        type: 'line',
        name,
        data: months.map(() => value),
        symbol: 'none',
        lineStyle: { width: 1, type, color: paint.faint },
        itemStyle: { color: paint.faint },
        silent: true,
      });
      return {
        ...chartBase(paint),
        xAxis: { type: 'category', data: months, ...axisLook(paint), splitLine: { show: false } },
        yAxis: { type: 'value', ...axisLook(paint) },
        series: [
          ...(found ? [flat(t('profile.control.high'), found.high, 'dashed'), flat(t('profile.control.mean'), found.mean, 'solid'), flat(t('profile.control.low'), found.low, 'dashed')] : []),
          {
            type: 'line',
            name: title,
            data: values.map((value, i) => ({
              value,
              symbol: found?.out[i] ? 'diamond' : 'circle',
              symbolSize: found?.out[i] ? 11 : 6,
              itemStyle: { color: found?.out[i] ? paint.suspect : paint.kinds[0] },
            })),
            lineStyle: { width: 1.5, color: paint.kinds[0] },
          },
        ],
      };
    },
    [title, months, values],
  );
  const note = limits ? (out.length > 0 ? t('profile.control.out', { months: out.join(t('mark.comma')) }) : t('profile.control.in')) : t('profile.control.few', { n: LEAST });
  return (
    <Chart
      title={title}
      note={`${unit} · ${note}`}
      summary={t('profile.control.summary', { title, n: months.length, note })}
      height={180}
      option={option}
      data={{
        head: [t('own.month'), `${title} ${unit}`, t('profile.control.limits')],
        rows: months.map((month, i) => [month, figure(values[i] ?? 0), limits ? `${figure(limits.low)}–${figure(limits.high)}` : '—']),
      }}
    />
  );
}
