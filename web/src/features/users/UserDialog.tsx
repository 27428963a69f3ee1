import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Form, Input, Modal, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import { ApiError, newKey, write } from '../../api/client';
import type { Role, User, UserPage } from '../../api/contract';
import { t } from '../../texts';
import { sentence } from '../../ui/states';
import { RightsPreview } from './RightsView';

type Props = { user: User | undefined; roles: UserPage['roles']; onClose: () => void; onMade: (account: string, password: string | undefined) => void };

function list(text: string): string[] {
  return text.split(/[\s,，、]+/).filter(Boolean);
}

export function UserDialog({ user, roles, onClose, onMade }: Props): ReactNode {
  const { message } = App.useApp();
  const cache = useQueryClient();
  const [account, setAccount] = useState(user?.account ?? '');
  const [name, setName] = useState(user?.name ?? '');
  const [held, setHeld] = useState<Role[]>(user?.roles ?? []);
  const [region, setRegion] = useState(user?.region ?? '');
  const [institutions, setInstitutions] = useState(user?.institutions.join(' ') ?? '');
  const [expires, setExpires] = useState(user?.expires ?? '');
  const [key] = useState(newKey);
  const run = useMutation({
    mutationFn: async () => {
      const body = { name: name.trim(), roles: held, region: region.trim(), institutions: list(institutions), expires: expires || undefined };
      if (user) {
        await write('PATCH /users/{account}', { path: { account: user.account }, body: { ...body, version: user.version } });
        return undefined;
      }
      return write('POST /users', { body: { ...body, account: account.trim() }, key });
    },
    onSuccess: (made) => {
      void cache.invalidateQueries({ queryKey: ['users'] });
      void message.success(t('user.saved'));
      if (made) onMade(made.user.account, made.password);
      onClose();
    },
  });
  const fields = run.error instanceof ApiError ? (run.error.problem.fields ?? {}) : {};
  const told = (field: string) => (fields[field] ? { validateStatus: 'error' as const, help: fields[field] } : {});
  return (
    <Modal
      open
      title={user ? t('user.edit_title', { name: user.name }) : t('user.new')}
      okText={user ? t('user.save') : t('user.new')}
      cancelText={t('act.cancel')}
      okButtonProps={{ disabled: !name.trim() || held.length === 0 || (!user && !account.trim()), loading: run.isPending }}
      onOk={() => run.mutate()}
      onCancel={onClose}
      destroyOnHidden
    >
      {run.error ? <Alert type="error" showIcon title={sentence(run.error)} /> : null}
      <Form layout="vertical" component="div" className="act-form">
        {user ? null : (
          <Form.Item label={t('login.account')} required htmlFor="user-account" {...told('account')}>
            <Input id="user-account" maxLength={40} autoComplete="off" value={account} onChange={(event) => setAccount(event.target.value)} />
          </Form.Item>
        )}
        <Form.Item label={t('user.name')} required htmlFor="user-name" {...told('name')}>
          <Input id="user-name" maxLength={40} value={name} onChange={(event) => setName(event.target.value)} />
        </Form.Item>
        <Form.Item label={t('user.roles')} required {...told('roles')}>
          <Select
            mode="multiple"
            aria-label={t('user.roles')}
            value={held}
            options={roles.map((role) => ({ value: role.code, label: role.title }))}
            onChange={(chosen: Role[]) => setHeld(chosen)}
          />
        </Form.Item>
        <Form.Item label={t('user.region')} extra={t('user.region.hint')} htmlFor="user-region" {...told('region')}>
          <Input id="user-region" maxLength={12} value={region} onChange={(event) => setRegion(event.target.value)} />
        </Form.Item>
        <Form.Item label={t('user.institutions')} extra={t('user.institutions.hint')} htmlFor="user-institutions" {...told('institutions')}>
          <Input id="user-institutions" value={institutions} onChange={(event) => setInstitutions(event.target.value)} />
        </Form.Item>
        <RightsPreview chosen={held} before={user?.roles ?? []} region={region.trim()} institutions={list(institutions)} />
        <Form.Item label={t('user.expires')} htmlFor="user-expires" {...told('expires')}>
          <Input id="user-expires" type="date" value={expires} onChange={(event) => setExpires(event.target.value)} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
