/** What stands around every page: log-in where there is no session, else top bar and menu. */
import { Outlet, useLocation, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect, useRef, type ReactNode } from 'react';
import { useMeQuery } from '../../api/me';
import { t } from '../../texts';
import { Failed, Skeleton } from '../../ui/states';
import { ChangePassword } from '../session/ChangePassword';
import { SetUpTotp } from '../session/AccountPage';
import { LoginPage } from '../session/LoginPage';
import { Shell } from './Shell';

export function Frame(): ReactNode {
  const query = useMeQuery();
  if (query.isPending) return <Skeleton rows={3} />;
  if (query.error && !query.data) return <Failed error={query.error} retry={() => void query.refetch()} />;
  const me = query.data;
  if (!me) return <LoginPage />;
  if (me.must_change) return <ChangePassword forced />;
  if (me.must_totp) return <SetUpTotp />;
  return (
    <Shell me={me}>
      <Page />
    </Shell>
  );
}

function Page(): ReactNode {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const shown = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  useEffect(() => {
    main.current?.scrollTo({ top: 0 });
  }, [pathname]);
  useEffect(() => {
    // What had the focus is gone with the page before: the keys and a screen reader go on from the top of the one that is shown now.
    if (!document.activeElement || document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, [shown]);
  return (
    <main id="page" ref={main} tabIndex={-1} aria-label={t('app.page')}>
      <Suspense fallback={<Skeleton rows={8} />}>
        <Outlet />
      </Suspense>
    </main>
  );
}
