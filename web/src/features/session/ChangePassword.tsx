/** 修改密码: at will, or because the first password must not stay. */
import { App, Button, Form, Input } from 'antd';
import { useState, type ReactNode } from 'react';
import { ApiError, write } from '../../api/client';
import { client } from '../../api/me';
import { t } from '../../texts';
import { sentence } from '../../ui/states';

export function ChangePassword({ forced }: { forced?: boolean }): ReactNode {
  const { message } = App.useApp();
  const [current, setCurrent] = useState('');
  const [first, setFirst] = useState('');
  const [again, setAgain] = useState('');
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const change = async () => {
    if (first !== again) {
      setWrong(t('password.differ'));
      return;
    }
    setBusy(true);
    setWrong('');
    try {
      await write('POST /me/password', { body: { current, password: first } });
      void message.success(t('password.done'));
      setCurrent('');
      setFirst('');
      setAgain('');
      await client.invalidateQueries({ queryKey: ['me'] });
    } catch (error) {
      const fields = error instanceof ApiError ? Object.values(error.problem.fields ?? {}) : [];
      setWrong(fields.length > 0 ? fields.join(t('mark.semicolon')) : sentence(error));
    } finally {
      setBusy(false);
    }
  };
  const form = (
    <Form layout="vertical" onFinish={() => void change()} requiredMark={false}>
      {forced ? <p>{t('password.forced')}</p> : null}
      <Form.Item label={t('password.current')} htmlFor="current">
        <Input.Password id="current" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} />
      </Form.Item>
      <Form.Item label={t('password.new')} htmlFor="first" extra={t('password.policy')}>
        <Input.Password id="first" autoComplete="new-password" value={first} onChange={(event) => setFirst(event.target.value)} />
      </Form.Item>
      <Form.Item label={t('password.again')} htmlFor="again">
        <Input.Password id="again" autoComplete="new-password" value={again} onChange={(event) => setAgain(event.target.value)} />
      </Form.Item>
      {wrong ? <p className="field-error" role="alert">{wrong}</p> : null}
      <Button type="primary" htmlType="submit" loading={busy} disabled={!current || !first || !again}>
        {t('password.change')}
      </Button>
    </Form>
  );
  if (!forced) return form;
  return (
    <main className="login">
      <div className="login-box">
        <h1>{t('password.title')}</h1>
        {form}
      </div>
    </main>
  );
}
