/** The states of §4 that every page shares: loading, slow, empty, failed, stale. */
import { Button } from 'antd';
import { useEffect, useState, type ReactNode } from 'react';
import { ApiError } from '../api/client';
import { t, word } from '../texts';

export function Skeleton({ rows = 6 }: { rows?: number }): ReactNode {
  return (
    <div className="skeleton" role="status" aria-label={t('state.loading')}>
      {Array.from({ length: rows }, (_, i) => (
        <span key={i} />
      ))}
      <Slow />
    </div>
  );
}

/** Past three seconds we say that it is still running. */
export function Slow(): ReactNode {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 3000);
    return () => clearTimeout(timer);
  }, []);
  return late ? <p className="faint">{t('state.slow')}</p> : null;
}

/** What failed, what to do, and the code to tell the operator. */
export function Failed({ error, retry, page = false }: { error: unknown; retry?: () => void; /** It is all that the page shows. */ page?: boolean }): ReactNode {
  const problem = error instanceof ApiError ? error.problem : undefined;
  const code = problem?.code ?? 'unknown';
  const title = word(`problem.${code}`, problem?.title || t('state.failed'));
  return (
    <div className="state" role="alert">
      {page ? <h1>{title}</h1> : <strong>{title}</strong>}
      {problem?.detail ? <p>{problem.detail}</p> : null}
      <p className="faint">{t('state.failed.code', { code })}</p>
      {retry && problem?.status !== 403 && problem?.status !== 404 ? <Button onClick={retry}>{t('act.retry')}</Button> : null}
    </div>
  );
}

export function Empty({ title, hint, action, page = false }: { title: string; hint?: ReactNode; action?: ReactNode; page?: boolean }): ReactNode {
  return (
    <div className="state">
      {page ? <h1>{title}</h1> : <strong>{title}</strong>}
      {hint ? <p className="faint">{hint}</p> : null}
      {action}
    </div>
  );
}

/** A sentence for the person out of any error, for toasts. */
export function sentence(error: unknown): string {
  if (error instanceof ApiError) {
    return error.problem.detail ?? word(`problem.${error.problem.code}`, error.problem.title || t('state.failed'));
  }
  return error instanceof Error ? error.message : t('state.failed');
}
