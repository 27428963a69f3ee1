/** 用户与权限: accounts, roles and scopes; no business rows. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { App, Button, Input, Modal } from 'antd';
import { useState, type ReactNode } from 'react';
import { read, write } from '../../api/client';
import type { User } from '../../api/contract';
import { may, useMe, useRegionName } from '../../api/me';
import { minute } from '../../format/day';
import { t } from '../../texts';
import { PageHead, Panel } from '../../ui/PageHead';
import { QueryTable, type Column } from '../../ui/QueryTable';
import { Empty, sentence } from '../../ui/states';
import { PlainTag } from '../../ui/tags';
import { roleTitles } from '../../ui/titles';
import { RightsTable } from './RightsView';
import { UserDialog } from './UserDialog';

const route = getRouteApi('/users');
const TONES = { active: 'cleared', locked: 'suspect', disabled: 'grey', expired: 'grey' } as const;

export function UsersPage(): ReactNode {
  const me = useMe();
  const region = useRegionName();
  const { modal, message } = App.useApp();
  const cache = useQueryClient();
  const { q, after } = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState(q ?? '');
  const query = useQuery({
    queryKey: ['users', q, after],
    queryFn: ({ signal }) => read('/users', { query: { q, after }, signal }),
    placeholderData: keepPreviousData,
  });
  const [editing, setEditing] = useState<User | 'new'>();
  const [table, setTable] = useState(false);
  const [shown, setShown] = useState<{ account: string; password: string }>();
  const writes = may(me, 'users.write');
  const reset = useMutation({
    mutationFn: (account: string) => write('POST /users/{account}/reset', { path: { account } }),
    onSuccess: (made) => {
      void cache.invalidateQueries({ queryKey: ['users'] });
      if (made.password) setShown({ account: made.user.account, password: made.password });
    },
    onError: (error) => void message.error(sentence(error)),
  });
  const toggle = useMutation({
    mutationFn: (user: User) => write('PATCH /users/{account}', { path: { account: user.account }, body: { version: user.version, disabled: user.state !== 'disabled' } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['users'] }),
    onError: (error) => void message.error(sentence(error)),
  });
  const unlock = useMutation({
    mutationFn: (account: string) => write('POST /users/{account}/unlock', { path: { account } }),
    onSuccess: () => {
      void message.success(t('user.unlocked'));
      return cache.invalidateQueries({ queryKey: ['users'] });
    },
    onError: (error) => void message.error(sentence(error)),
  });
  const unlink = useMutation({
    mutationFn: (account: string) => write('POST /users/{account}/unlink', { path: { account } }),
    onSuccess: () => {
      void message.success(t('user.unlinked'));
      return cache.invalidateQueries({ queryKey: ['users'] });
    },
    onError: (error) => void message.error(sentence(error)),
  });
  const acts: Column<User> = {
    id: 'acts',
    title: t('user.acts'),
    width: 210,
    cell: (user) => (
      <span className="inline">
        <Button size="small" onClick={() => setEditing(user)}>
          {t('user.edit')}
        </Button>
        <Button
          size="small"
          onClick={() =>
            void modal.confirm({
              title: t('user.reset'),
              content: t('user.reset.effect', { name: user.name }),
              okText: t('user.reset'),
              cancelText: t('act.cancel'),
              onOk: () => reset.mutateAsync(user.account).catch(() => undefined),
            })
          }
        >
          {t('user.reset')}
        </Button>
        {user.state === 'locked' ? (
          <Button size="small" onClick={() => unlock.mutate(user.account)}>
            {t('user.unlock')}
          </Button>
        ) : null}
        {user.linked ? (
          <Button
            size="small"
            onClick={() =>
              void modal.confirm({
                title: t('user.unlink'),
                content: t('user.unlink.effect', { name: user.name }),
                okText: t('user.unlink'),
                cancelText: t('act.cancel'),
                onOk: () => unlink.mutateAsync(user.account).catch(() => undefined),
              })
            }
          >
            {t('user.unlink')}
          </Button>
        ) : null}
        <Button
          size="small"
          danger={user.state !== 'disabled'}
          disabled={user.account === me?.account}
          onClick={() =>
            void modal.confirm({
              title: user.state === 'disabled' ? t('user.enable') : t('user.disable'),
              content: t(user.state === 'disabled' ? 'user.enable.effect' : 'user.disable.effect', { name: user.name }),
              okText: user.state === 'disabled' ? t('user.enable') : t('user.disable'),
              cancelText: t('act.cancel'),
              onOk: () => toggle.mutateAsync(user).catch(() => undefined),
            })
          }
        >
          {user.state === 'disabled' ? t('user.enable') : t('user.disable')}
        </Button>
      </span>
    ),
  };
  return (
    <>
      <PageHead title={t('menu.users')} note={t('users.note')}>
        <Button onClick={() => setTable(true)}>{t('rights.table')}</Button>
        {writes ? (
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('user.new')}
          </Button>
        ) : null}
      </PageHead>
      <Panel className="list">
        <div className="filters">
          <Input.Search
            className="filter-words"
            allowClear
            aria-label={t('users.search')}
            placeholder={t('users.search')}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onSearch={(next) => void navigate({ search: { q: next.trim() || undefined } })}
          />
        </div>
        <QueryTable
          label={t('menu.users')}
          rows={query.data?.items}
          id={(user) => user.account}
          columns={writes ? [...columns(region), acts] : columns(region)}
          fetching={query.isFetching}
          error={query.error}
          retry={() => void query.refetch()}
          empty={<Empty title={t('users.none')} />}
          paging={{ next: query.data?.next, first: after === undefined, go: (next) => void navigate({ search: { q, after: next } }) }}
        />
      </Panel>
      {editing && query.data ? (
        <UserDialog
          user={editing === 'new' ? undefined : editing}
          roles={query.data.roles}
          onClose={() => setEditing(undefined)}
          onMade={(account, password) => password && setShown({ account, password })}
        />
      ) : null}
      {table ? <RightsTable onClose={() => setTable(false)} /> : null}
      {shown ? (
        <Modal open title={t('user.password')} onCancel={() => setShown(undefined)} footer={<Button onClick={() => setShown(undefined)}>{t('act.close')}</Button>} destroyOnHidden>
          <p>{t('user.password.once', { account: shown.account })}</p>
          <p>
            <code className="secret">{shown.password}</code>
          </p>
        </Modal>
      ) : null}
    </>
  );
}

function columns(region: (code: string) => string): Column<User>[] {
  return [
    {
      id: 'name',
      title: t('user.name'),
      width: 150,
      cell: (user) => (
        <>
          <span className="line1">{user.name}</span>
          <code className="line2">{user.account}</code>
        </>
      ),
    },
    { id: 'roles', title: t('user.roles'), wide: true, cell: (user) => roleTitles(user) },
    { id: 'scope', title: t('user.scope'), width: 170, cell: (user) => <span className="two-lines" title={user.region || undefined}>{[user.region && region(user.region), ...user.institutions].filter(Boolean).join(' ') || t('app.region_all')}</span> },
    { id: 'state', title: t('user.state'), width: 76, cell: (user) => <PlainTag kind={TONES[user.state]}>{t(`user.${user.state}`)}</PlainTag> },
    { id: 'totp', title: t('user.totp'), width: 84, cell: (user) => (user.totp ? t('totp.on') : <span className="faint">{t('totp.off')}</span>) },
    { id: 'login', title: t('user.login'), width: 130, cell: (user) => <span className="num">{minute(user.last_login)}</span> },
    { id: 'expires', title: t('user.expires'), width: 92, cell: (user) => <span className="num">{user.expires ?? '—'}</span> },
  ];
}
