/** ECharts by an own thin wrapper: loads after the table, follows size and shade, has a table twin and a sentence for readers. */
import { Button } from 'antd';
import type { ECharts, EChartsCoreOption } from 'echarts/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { t } from '../texts';
import { paints, useShade, type Paint } from './theme';
import './Chart.css';

type Props = {
  title: string;
  note?: string;
  /** One sentence that says what the picture shows. */
  summary: string;
  height: number;
  option: (paint: Paint) => EChartsCoreOption;
  data: { head: string[]; rows: (string | number)[][] };
  legend?: ReactNode;
  onPick?: (index: number) => void;
};

export function Chart({ title, note, summary, height, option, data, legend, onPick }: Props): ReactNode {
  const shade = useShade();
  const box = useRef<HTMLDivElement>(null);
  const pick = useRef(onPick);
  const [table, setTable] = useState(false);
  const [chart, setChart] = useState<ECharts>();

  useEffect(() => {
    pick.current = onPick;
  });

  useEffect(() => {
    const element = box.current;
    if (table || !element) return;
    let made: ECharts | undefined;
    let gone = false;
    const watch = new ResizeObserver(() => made?.resize());
    void import('./echarts').then(({ init }) => {
      if (gone) return;
      made = init(element, undefined, { renderer: 'svg' });
      made.on('click', (event) => pick.current?.(event.dataIndex));
      watch.observe(element);
      setChart(made);
    });
    return () => {
      gone = true;
      watch.disconnect();
      made?.dispose();
      setChart(undefined);
    };
  }, [table]);

  useEffect(() => {
    const reduced = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    chart?.setOption({ animation: !reduced, animationDuration: 200, ...option(paints[shade]) }, true);
  }, [chart, option, shade]);

  return (
    <section className="panel chart">
      <div className="panel-head">
        <h2>{title}</h2>
        {note ? <span className="faint">{note}</span> : null}
        <div className="panel-extra">
          {legend}
          <Button type="link" size="small" onClick={() => setTable(!table)}>
            {table ? t('chart.picture') : t('chart.data')}
          </Button>
        </div>
      </div>
      {table ? (
        // An element of its own: the picture empties the one it was drawn in when it goes.
        <div key="table" className="chart-table" style={{ height }} tabIndex={0} role="region" aria-label={title}>
          <table className="plain">
            <thead>
              <tr>
                {data.head.map((cell) => (
                  <th key={cell} scope="col">
                    {cell}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.rows.map((row) => (
                <tr key={String(row[0])}>
                  {row.map((cell, i) => (
                    <td key={data.head[i]} className={typeof cell === 'number' ? 'right num' : ''}>
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div key="picture" ref={box} style={{ height }} role="img" aria-label={summary} />
      )}
    </section>
  );
}

/** The axis and tooltip looks that every chart shares. */
export function chartBase(paint: Paint): EChartsCoreOption {
  return {
    textStyle: { fontFamily: 'inherit', color: paint.faint },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'shadow', shadowStyle: { color: paint.line, opacity: 0.5 } },
      backgroundColor: paint.panel,
      borderColor: paint.line,
      textStyle: { color: paint.text, fontSize: 12 },
    },
    grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
  };
}

export function axisLook(paint: Paint): Record<string, unknown> {
  return {
    axisLine: { lineStyle: { color: paint.line } },
    axisTick: { show: false },
    axisLabel: { color: paint.faint, fontSize: 11 },
    splitLine: { lineStyle: { color: paint.line } },
  };
}
