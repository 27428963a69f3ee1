/** 每周新增疑点: 违规 and 可疑 stacked, oldest week first. */
import { useCallback, type ReactNode } from 'react';
import type { Workbench } from '../api/contract';
import { monthDay } from '../format/day';
import { t } from '../texts';
import { axisLook, Chart, chartBase } from './Chart';
import { VerdictTag } from './tags';
import type { Paint } from './theme';

export function WeeksChart({ weeks, height, onPick }: { weeks: Workbench['weeks']; height: number; onPick?: (monday: string) => void }): ReactNode {
  const option = useCallback(
    (paint: Paint) => {
      const bar = { type: 'bar', stack: 'all', barMaxWidth: 18, cursor: onPick ? 'pointer' : 'default' };
      return {
        ...chartBase(paint),
        xAxis: { type: 'category', data: weeks.map((week) => monthDay(week.week)), ...axisLook(paint), splitLine: { show: false } },
        yAxis: { type: 'value', minInterval: 1, splitNumber: 4, ...axisLook(paint) },
        series: [
          { ...bar, name: t('result.violation'), data: weeks.map((week) => week.violation), itemStyle: { color: paint.violation } },
          { ...bar, name: t('result.suspect'), data: weeks.map((week) => week.suspect), itemStyle: { color: paint.suspect } },
        ],
      };
    },
    [weeks, onPick],
  );
  const last = weeks[weeks.length - 1];
  return (
    <Chart
      title={t('weeks.title')}
      note={t('weeks.note', { n: weeks.length })}
      summary={t('weeks.summary', { n: weeks.length, violation: last?.violation ?? 0, suspect: last?.suspect ?? 0 })}
      height={height}
      option={option}
      legend={
        <span className="inline">
          <VerdictTag result="违规" />
          <VerdictTag result="可疑" />
        </span>
      }
      data={{
        head: [t('weeks.week'), t('result.violation'), t('result.suspect')],
        rows: weeks.map((week) => [week.week, week.violation, week.suspect]),
      }}
      onPick={onPick ? (at) => onPick(weeks[at]?.week ?? '') : undefined}
    />
  );
}
