/** 我的账号: roles, password, second factor. */
import { App, Button, Input } from 'antd';
import { useState, type ReactNode } from 'react';
import { write } from '../../api/client';
import { client, useMe, useRegionName } from '../../api/me';
import { t } from '../../texts';
import { Facts } from '../../ui/figures';
import { PageHead, Panel } from '../../ui/PageHead';
import { sentence } from '../../ui/states';
import { PlainTag } from '../../ui/tags';
import { roleTitles } from '../../ui/titles';
import { ChangePassword } from './ChangePassword';
import './session.css';

export function AccountPage(): ReactNode {
  const me = useMe();
  const region = useRegionName();
  if (!me) return null;
  return (
    <>
      <PageHead title={t('session.account_page')} note={me.account} />
      <div className="grid-2">
        <div>
          <Panel title={t('account.me')}>
            <Facts
              items={[
                [t('user.name'), me.name],
                [t('user.roles'), roleTitles(me)],
                [t('user.region'), me.region ? <span key="region" title={me.region}>{region(me.region)}</span> : t('app.region_all')],
                [t('user.institution'), me.institution?.name ?? '—'],
              ]}
            />
          </Panel>
          <SecondFactor set={me.totp} />
        </div>
        <Panel title={t('password.title')} className="pad-form">
          <ChangePassword />
        </Panel>
      </div>
    </>
  );
}

export function SecondFactor({ set }: { set: boolean }): ReactNode {
  const { message } = App.useApp();
  const [offer, setOffer] = useState<{ secret: string; uri: string }>();
  const [code, setCode] = useState('');
  const [spare, setSpare] = useState<string[]>([]);
  const start = () =>
    write('POST /me/totp')
      .then(setOffer)
      .catch((error: unknown) => void message.error(sentence(error)));
  const confirm = () =>
    write('POST /me/totp/confirm', { body: { code } })
      .then((made) => {
        setSpare(made.recovery_codes);
        setOffer(undefined);
        setCode('');
        void message.success(t('totp.done'));
        return client.invalidateQueries({ queryKey: ['me'] });
      })
      .catch((error: unknown) => void message.error(sentence(error)));
  return (
    <Panel title={t('totp.title')} extra={<PlainTag kind={set ? 'cleared' : 'grey'}>{set ? t('totp.on') : t('totp.off')}</PlainTag>} className="pad-form">
      <p>{t('totp.what')}</p>
      {spare.length > 0 ? (
        <div role="status">
          <p>{t('totp.spare')}</p>
          <ul className="spare">
            {spare.map((one) => (
              <li key={one}>
                <code className="secret">{one}</code>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {offer ? (
        <>
          <p>
            {t('totp.secret')} <code className="secret">{offer.secret.replace(/(.{4})/g, '$1 ')}</code>
          </p>
          <p className="faint break">{offer.uri}</p>
          <p className="inline">
            <Input aria-label={t('login.code')} placeholder={t('login.code')} inputMode="numeric" maxLength={8} value={code} onChange={(event) => setCode(event.target.value)} />
            <Button type="primary" disabled={code.length < 6} onClick={() => void confirm()}>
              {t('totp.confirm')}
            </Button>
          </p>
        </>
      ) : (
        <Button onClick={() => void start()}>{set ? t('totp.again') : t('totp.start')}</Button>
      )}
    </Panel>
  );
}

/** Accounts that must have a second factor see nothing else before it is set up. */
export function SetUpTotp(): ReactNode {
  return (
    <main className="login">
      <div className="login-box">
        <h1>{t('totp.must')}</h1>
        <SecondFactor set={false} />
      </div>
    </main>
  );
}
