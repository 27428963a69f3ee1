/** The main pattern of the product: a table of server rows with keyset pages, keyboard, opened row and selection. */
import { Button, Checkbox } from 'antd';
import { Fragment, useEffect, useRef, useState, type MouseEvent, type ReactNode } from 'react';
import { count } from '../format/money';
import { t } from '../texts';
import { setDensity, useDensity } from './density';
import { useKeys, type KeyMap } from './keys';
import { Failed, Slow } from './states';

export type Column<T> = {
  id: string;
  title: string;
  align?: 'right';
  width?: number;
  /** The value of `sort` that this column stands for. */
  sort?: string;
  /** On a narrow screen the cell stands without its label, across the card. */
  wide?: boolean;
  cell: (row: T) => ReactNode;
};

export type Paging = { total?: number; next?: string; prev?: string; first: boolean; go: (after: string | undefined) => void };

type Props<T> = {
  label: string;
  rows: T[] | undefined;
  id: (row: T) => string;
  columns: Column<T>[];
  fetching?: boolean;
  error?: unknown;
  retry?: () => void;
  empty: ReactNode;
  sort?: string;
  onSort?: (sort: string) => void;
  open?: string;
  onOpen?: (id: string | undefined) => void;
  detail?: (row: T) => ReactNode;
  /** What Enter and a click do where rows do not open in place. */
  onGo?: (row: T) => void;
  chosen?: ReadonlySet<string>;
  onChosen?: (chosen: Set<string>) => void;
  keys?: Record<string, (row: T) => void | boolean>;
  rowClass?: (row: T) => string;
  totals?: ReactNode;
  paging?: Paging;
};

const CONTROLS = 'a, button, input, label, textarea, select, .ant-checkbox-wrapper';

export function QueryTable<T>(props: Props<T>): ReactNode {
  const { rows, id, columns, detail, onOpen, open, onGo, chosen, onChosen } = props;
  const [cursor, setCursor] = useState<string | undefined>(open);
  const body = useRef<HTMLTableSectionElement>(null);
  const list = rows ?? [];
  const at = list.findIndex((row) => id(row) === cursor);
  const current = at >= 0 ? list[at] : undefined;
  const loaded = rows !== undefined;
  const width = columns.length + (onChosen ? 1 : 0) + (detail ? 1 : 0);

  const focusRow = (row: T | undefined) => {
    if (!row) return;
    setCursor(id(row));
    const element = body.current?.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(id(row))}"]`);
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: 'nearest' });
  };
  const move = (step: number) => focusRow(list[at < 0 ? 0 : Math.min(list.length - 1, Math.max(0, at + step))]);
  const act = (row: T) => {
    if (onOpen && detail) onOpen(open === id(row) ? undefined : id(row));
    else onGo?.(row);
  };
  const choose = (row: T) => {
    if (!onChosen) return;
    const next = new Set(chosen);
    if (!next.delete(id(row))) next.add(id(row));
    onChosen(next);
  };

  const keys: KeyMap = {
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => (current ? act(current) : false),
    x: () => (current ? choose(current) : false),
  };
  if (open !== undefined && onOpen) keys.Escape = () => onOpen(undefined);
  for (const [key, run] of Object.entries(props.keys ?? {})) keys[key] = () => (current ? run(current) : false);
  useKeys(keys, list.length > 0);

  // The opened row is the one under the cursor, also when the page is reached by a link.
  const [lastOpen, setLastOpen] = useState(open);
  if (open !== lastOpen) {
    setLastOpen(open);
    if (open) setCursor(open);
  }

  useEffect(() => {
    if (!open) return;
    // What opens must be seen without scrolling: a row in the lower half goes up.
    const row = body.current?.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(open)}"]`);
    if (row && row.getBoundingClientRect().top > window.innerHeight * 0.4) row.scrollIntoView({ block: 'start' });
  }, [open, loaded]);

  const onRowClick = (event: MouseEvent<HTMLElement>, row: T) => {
    if (event.target instanceof Element && event.target.closest(CONTROLS)) return;
    if (window.getSelection()?.toString()) return;
    setCursor(id(row));
    act(row);
  };

  const all = list.length > 0 && list.every((row) => chosen?.has(id(row)));
  const some = !all && list.some((row) => chosen?.has(id(row)));

  return (
    <div className="table-box">
      <div className={props.fetching && rows ? 'thin-bar on' : 'thin-bar'} aria-hidden="true" />
      <table className="rows" aria-label={props.label} aria-busy={props.fetching ?? false}>
        <colgroup>
          {onChosen ? <col className="col-check" /> : null}
          {columns.map((column) => (
            <col key={column.id} width={column.width} />
          ))}
          {detail ? <col className="col-open" /> : null}
        </colgroup>
        <thead>
          <tr>
            {onChosen ? (
              <th scope="col" className="check">
                <Checkbox
                  checked={all}
                  indeterminate={some}
                  aria-label={t('table.choose_all')}
                  onChange={() => onChosen(all ? new Set() : new Set([...(chosen ?? []), ...list.map(id)]))}
                />
              </th>
            ) : null}
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                className={column.align}
                aria-sort={column.sort && column.sort === props.sort ? 'descending' : undefined}
              >
                {column.sort && props.onSort ? (
                  <button type="button" className="sort" onClick={() => props.onSort?.(column.sort ?? '')}>
                    {column.title}
                    <i aria-hidden="true">{column.sort === props.sort ? '▼' : '▽'}</i>
                  </button>
                ) : (
                  column.title
                )}
              </th>
            ))}
            {detail ? (
              <th scope="col" className="opener">
                <span className="unseen">{t('table.open')}</span>
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody ref={body}>
          {list.map((row, i) => {
            const key = id(row);
            const opened = detail !== undefined && key === open;
            return (
              <Fragment key={key}>
                {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions -- Enter opens (useKeys), and each row has its button */}
                <tr
                  data-id={key}
                  tabIndex={key === cursor || (at < 0 && i === 0) ? 0 : -1}
                  className={`row ${onChosen ? 'row-check' : detail ? 'row-open' : ''} ${opened ? 'opened' : ''} ${key === cursor ? 'cursor' : ''} ${chosen?.has(key) ? 'chosen' : ''} ${detail || onGo ? 'goes' : ''} ${props.rowClass?.(row) ?? ''}`}
                  onClick={(event) => onRowClick(event, row)}
                  onFocus={() => setCursor(key)}
                >
                  {onChosen ? (
                    <td className="check">
                      <Checkbox checked={chosen?.has(key) ?? false} aria-label={t('table.choose')} onChange={() => choose(row)} />
                    </td>
                  ) : null}
                  {columns.map((column) => (
                    <td key={column.id} className={`${column.align ?? ''} ${column.wide ? 'wide' : ''}`} data-label={column.title}>
                      {column.cell(row)}
                    </td>
                  ))}
                  {detail ? (
                    <td className="opener">
                      <button
                        type="button"
                        className="fold"
                        aria-expanded={opened}
                        aria-label={opened ? t('table.close') : t('table.open')}
                        onClick={() => act(row)}
                      >
                        {opened ? '−' : '+'}
                      </button>
                    </td>
                  ) : null}
                </tr>
                {opened ? (
                  <tr className="detail">
                    <td colSpan={width}>{detail(row)}</td>
                  </tr>
                ) : null}
              </Fragment>
            );
          })}
          {rows === undefined && !props.error ? <SkeletonRows width={width} /> : null}
        </tbody>
        {props.totals && list.length > 0 ? <tfoot>{props.totals}</tfoot> : null}
      </table>
      {props.error && !rows ? <Failed error={props.error} retry={props.retry} /> : null}
      {rows?.length === 0 ? props.empty : null}
      {props.paging && list.length > 0 ? <Pager paging={props.paging} shown={list.length} /> : null}
    </div>
  );
}

function SkeletonRows({ width }: { width: number }): ReactNode {
  return (
    <>
      {Array.from({ length: 8 }, (_, i) => (
        <tr key={i} className="row ghost" aria-hidden="true">
          <td colSpan={width}>
            <span />
          </td>
        </tr>
      ))}
      <tr className="ghost">
        <td colSpan={width}>
          <Slow />
        </td>
      </tr>
    </>
  );
}

function Pager({ paging, shown }: { paging: Paging; shown: number }): ReactNode {
  const compact = useDensity() === 'compact';
  return (
    <nav className="pager" aria-label={t('table.pages')}>
      <Checkbox className="density" checked={compact} onChange={() => setDensity(compact ? 'normal' : 'compact')}>
        {t('table.compact')}
      </Checkbox>
      <span className="faint" aria-live="polite">
        {paging.total === undefined ? t('table.shown', { n: shown }) : t('table.total', { n: count(paging.total) })}
      </span>
      <Button size="small" disabled={paging.first} onClick={() => paging.go(paging.prev)}>
        {paging.prev || paging.first ? t('table.prev') : t('table.first')}
      </Button>
      <Button size="small" disabled={!paging.next} onClick={() => paging.go(paging.next)}>
        {t('table.next')}
      </Button>
    </nav>
  );
}
