/** 通知: what was given to me, falls due, came back, was decided. A count on the bell, a list behind it; what is read is not told again. */
import { BellOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Popover } from 'antd';
import { useState, type ReactNode } from 'react';
import { read, write } from '../../api/client';
import type { Me, Notice } from '../../api/contract';
import { day, minute } from '../../format/day';
import { t, type Key } from '../../texts';
import { Money } from '../../ui/figures';
import { Failed } from '../../ui/states';
import { PlainTag } from '../../ui/tags';
import { isInstitution } from './menu';
import './shell.css';

const KEY = ['notices'];
const KINDS: Record<Notice['kind'], { title: Key; own: Key; tag: 'grey' | 'watch' | 'violation' | 'cleared' | 'run' | 'suspect' }> = {
  assigned: { title: 'notice.assigned', own: 'notice.assigned.own', tag: 'run' },
  due: { title: 'notice.due', own: 'notice.due', tag: 'suspect' },
  overdue: { title: 'notice.overdue', own: 'notice.overdue', tag: 'violation' },
  answered: { title: 'notice.answered', own: 'notice.answered.own', tag: 'watch' },
  returned: { title: 'notice.returned', own: 'notice.returned', tag: 'grey' },
  approved: { title: 'notice.approved', own: 'notice.approved', tag: 'cleared' },
};

export function Bell({ me }: { me: Me }): ReactNode {
  const cache = useQueryClient();
  const [shown, setShown] = useState(false);
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => read('/notices', { signal }), refetchInterval: 60_000 });
  const mark = useMutation({
    mutationFn: (keys: string[]) => write('POST /notices/read', { body: { keys } }),
    onSuccess: () => void cache.invalidateQueries({ queryKey: KEY }),
  });
  const items = query.data?.items ?? [];
  const fresh = items.filter((one) => !one.read);
  const open = (one: Notice) => {
    setShown(false);
    if (!one.read) mark.mutate([one.key]);
  };
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      open={shown}
      onOpenChange={setShown}
      content={
        <section className="notices" aria-label={t('notice.title')}>
          <p className="notices-head">
            <strong>{t('notice.title')}</strong>
            {fresh.length > 0 ? (
              <Button size="small" type="link" onClick={() => mark.mutate(fresh.map((one) => one.key))}>
                {t('notice.all_read')}
              </Button>
            ) : null}
          </p>
          {query.error && !query.data ? <Failed error={query.error} retry={() => void query.refetch()} /> : null}
          {query.data && items.length === 0 ? <p className="faint">{t('notice.none')}</p> : null}
          <ul aria-label={t('notice.title')}>
            {items.map((one) => (
              <li key={one.key} className={one.read ? 'notice' : 'notice fresh'}>
                <PlainTag kind={KINDS[one.kind].tag}>{t(one.export ? 'notice.export' : isInstitution(me) ? KINDS[one.kind].own : KINDS[one.kind].title)}</PlainTag>
                <span className="notice-what">
                  {one.lead ? (
                    <Link to={isInstitution(me) ? '/answers/$id' : '/leads/$id'} params={{ id: one.lead }} search={{}} onClick={() => open(one)}>
                      <code>{one.lead}</code> {one.institution}
                    </Link>
                  ) : (
                    <Link to="/exports" search={{ of: 'own', open: one.export }} onClick={() => open(one)}>
                      <code>{one.export}</code> {t(one.kind === 'approved' ? 'notice.export.approved' : 'notice.export.refused')}
                    </Link>
                  )}
                  <span className="faint">
                    {one.kind === 'due' || one.kind === 'overdue' ? t('notice.until', { day: day(one.at) }) : `${one.by} ${minute(one.at)}`}
                  </span>
                </span>
                {one.lead ? <Money fen={one.amount_fen} /> : null}
              </li>
            ))}
          </ul>
        </section>
      }
    >
      <button type="button" className="icon bell" aria-label={t('notice.bell', { n: fresh.length })} title={t('notice.title')}>
        <BellOutlined />
        {fresh.length > 0 ? <span className="badge">{fresh.length > 99 ? '99+' : fresh.length}</span> : null}
      </button>
    </Popover>
  );
}
