/** 此件谁看过: who opened the lead, its evidence and files, and who was refused. Asked for when it is opened. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState, type ReactNode } from 'react';
import { read } from '../../api/client';
import { minute } from '../../format/day';
import { t, word } from '../../texts';
import { Panel } from '../../ui/PageHead';
import { Failed, Skeleton } from '../../ui/states';

export function LooksPanel({ lead }: { lead: string }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <Panel
      title={t('looks.title')}
      className="no-print"
      extra={
        <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t('looks.close') : t('looks.open')}
        </Button>
      }
    >
      {open ? <Looks lead={lead} /> : <p className="pad faint">{t('looks.note')}</p>}
    </Panel>
  );
}

function Looks({ lead }: { lead: string }): ReactNode {
  const query = useInfiniteQuery({
    queryKey: ['looks', lead],
    queryFn: ({ pageParam, signal }) => read('/leads/{id}/looks', { path: { id: lead }, query: { after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  });
  if (query.error && !query.data) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={3} />;
  const items = query.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <p className="pad faint">{t('looks.none')}</p>;
  return (
    <>
      <ul className="plain-list">
        {items.map((look, i) => (
          <li key={i}>
            <span className="num">{minute(look.at)}</span> <strong>{look.name || look.account}</strong>{' '}
            <span className="faint">
              {look.role_title} {look.account}
            </span>{' '}
            {word(`event.${look.act}`, look.act)}
            {look.reason ? <span className="faint">{t('looks.reason', { reason: look.reason })}</span> : null}
          </li>
        ))}
      </ul>
      {query.hasNextPage ? (
        <p className="pad">
          <Button size="small" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('looks.more')}
          </Button>
        </p>
      ) : null}
    </>
  );
}
