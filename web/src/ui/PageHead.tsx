import type { ReactNode } from 'react';
import { useMe } from '../api/me';
import { t } from '../texts';
import { minute } from '../format/day';

/** Until when the data reach, and the run that judged them. */
export function AsOf(): ReactNode {
  const me = useMe();
  return me?.as_of ? <span className="faint">{t('head.as_of', { at: minute(me.as_of), run: me.run ?? '—' })}</span> : null;
}

/** Title, "data until … run …", page actions. */
export function PageHead({ title, note, before, children }: { title: ReactNode; note?: ReactNode; before?: ReactNode; children?: ReactNode }): ReactNode {
  return (
    <header className="page-head">
      {before}
      <h1>{title}</h1>
      {note ? <span className="faint">{note}</span> : null}
      {note === undefined ? <AsOf /> : null}
      <div className="page-acts">{children}</div>
    </header>
  );
}

/** A key as it stands on the keyboard, with what it does. */
export function KeyHint({ keys, children }: { keys: string[]; children: ReactNode }): ReactNode {
  return (
    <span className="key-hint">
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
      {children}
    </span>
  );
}

export function Panel({ title, note, extra, className, children }: { title?: ReactNode; note?: ReactNode; extra?: ReactNode; className?: string; children: ReactNode }): ReactNode {
  return (
    <section className={`panel ${className ?? ''}`}>
      {title ? (
        <div className="panel-head">
          <h2>{title}</h2>
          {note ? <span className="faint">{note}</span> : null}
          {extra ? <div className="panel-extra">{extra}</div> : null}
        </div>
      ) : null}
      {children}
    </section>
  );
}
