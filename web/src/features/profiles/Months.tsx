/** The subject's own months: what was paid and what was found, in one unit. */
import { useCallback, type ReactNode } from 'react';
import type { ProfileMonth } from '../../api/contract';
import { wan, yuan } from '../../format/money';
import { t, type Key } from '../../texts';
import { axisLook, Chart, chartBase } from '../../ui/Chart';
import type { Paint } from '../../ui/theme';
import './profiles.css';

/** `wan`: an institution's months are told in 万元, those of a doctor or a person in 元. */
export function Months({ months, fund, inWan = false }: { months: ProfileMonth[]; fund: Key; inWan?: boolean }): ReactNode {
  const option = useCallback(
    (paint: Paint) => {
      const scale = inWan ? 1_000_000 : 100;
      return {
        ...chartBase(paint),
        xAxis: { type: 'category', data: months.map((one) => one.month), ...axisLook(paint), splitLine: { show: false } },
        yAxis: { type: 'value', ...axisLook(paint) },
        series: [
          { type: 'bar', name: t(fund), barMaxWidth: 20, data: months.map((one) => one.fund_fen / scale), itemStyle: { color: paint.kinds[0] } },
          { type: 'bar', name: t('profile.found_name'), barMaxWidth: 20, data: months.map((one) => one.found_fen / scale), itemStyle: { color: paint.suspect } },
          { type: 'line', name: t('profile.total_name'), symbolSize: 5, data: months.map((one) => one.amount_fen / scale), itemStyle: { color: paint.kinds[1] }, lineStyle: { width: 1.5 } },
        ],
      };
    },
    [months, fund, inWan],
  );
  const money = inWan ? wan : yuan;
  const unit = t(inWan ? 'unit.wan' : 'unit.yuan');
  return (
    <Chart
      title={t('profile.months')}
      note={unit}
      legend={
        <ul className="legend legend-head" aria-label={t('timeline.legend')}>
          <li>
            <i className="kind-0" aria-hidden="true" />
            {t(fund)}
          </li>
          <li>
            <i className="found" aria-hidden="true" />
            {t('profile.found_name')}
          </li>
          <li>
            <i className="kind-1" aria-hidden="true" />
            {t('profile.total_name')}
          </li>
        </ul>
      }
      summary={t('profile.months.summary', { n: months.length })}
      height={220}
      option={option}
      data={{
        head: [t('own.month'), t('profile.visits'), t('profile.stays'), `${t('profile.total_name')} ${unit}`, `${t(fund)} ${unit}`, t('own.findings'), `${t('profile.found_name')} ${unit}`],
        rows: months.map((one) => [one.month, one.visits, one.stays, money(one.amount_fen), money(one.fund_fen), one.findings, money(one.found_fen)]),
      }}
    />
  );
}
