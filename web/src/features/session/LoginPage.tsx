/** 登录, with the second factor where the account has one. */
import { useQuery } from '@tanstack/react-query';
import { Button, Form, Input, type InputRef } from 'antd';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { ApiError, read, write } from '../../api/client';
import { enter } from '../../api/me';
import { language, t, word } from '../../texts';
import { useSwitchLanguage } from '../../ui/language';
import { sentence } from '../../ui/states';
import { setShade, useShade } from '../../ui/theme';
import './session.css';

/** Why the provider of single sign-on did not let one in, as the address says; it does not stay there. */
function saidByProvider(): string {
  const url = new URL(window.location.href);
  const code = url.searchParams.get('login');
  if (!code) return '';
  url.searchParams.delete('login');
  window.history.replaceState(window.history.state, '', url);
  return word(`login.failed.${code}`, t('login.failed'));
}

/** The page one wanted, to be at afterwards. */
function wanted(start: string): string {
  return `${start}?to=${encodeURIComponent(window.location.pathname + window.location.search)}`;
}

export function LoginPage(): ReactNode {
  const shade = useShade();
  const switchLanguage = useSwitchLanguage();
  const [account, setAccount] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [second, setSecond] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(saidByProvider);
  const ways = useQuery({ queryKey: ['sign-in-ways'], queryFn: ({ signal }) => read('/session', { signal }), staleTime: Infinity });
  const oidc = ways.data?.oidc;
  const codeInput = useRef<InputRef>(null);

  useEffect(() => {
    if (second) codeInput.current?.focus();
  }, [second]);

  const enterNow = async () => {
    if (!account.trim() || !password || (second && !code.trim())) {
      setWrong(second ? t('login.need_code') : t('login.need'));
      return;
    }
    setBusy(true);
    setWrong('');
    try {
      enter(await write('POST /session', { body: { account: account.trim(), password, code: second ? code.trim() : undefined } }));
    } catch (error) {
      if (error instanceof ApiError && error.problem.code === 'code_needed' && !second) setSecond(true);
      else setWrong(sentence(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className="login">
      <div className="login-side" aria-hidden="true">
        <img src="/mark.svg" alt="" width="44" height="44" />
        <p className="login-name">{t('app.short')}</p>
        <p>{t('app.product')}</p>
        <p className="login-motto">{t('login.motto')}</p>
      </div>
      <div className="login-box">
        <h1>{t('login.title')}</h1>
        <Form layout="vertical" onFinish={() => void enterNow()} requiredMark={false}>
          {second ? (
            <>
              <p>{t('login.second', { account })}</p>
              <Form.Item label={t('login.code')} htmlFor="code">
                <Input
                  id="code"
                  ref={codeInput}
                  size="large"
                  inputMode="numeric"
                  autoComplete="one-time-code"
                  maxLength={8}
                  value={code}
                  onChange={(event) => setCode(event.target.value)}
                />
              </Form.Item>
            </>
          ) : (
            <>
              <Form.Item label={t('login.account')} htmlFor="account">
                <Input id="account" size="large" autoComplete="username" autoFocus value={account} onChange={(event) => setAccount(event.target.value)} />
              </Form.Item>
              <Form.Item label={t('login.password')} htmlFor="password">
                <Input.Password
                  id="password"
                  size="large"
                  autoComplete="current-password"
                  value={password}
                  onChange={(event) => setPassword(event.target.value)}
                />
              </Form.Item>
            </>
          )}
          {wrong ? (
            <p className="field-error" role="alert">
              {wrong}
            </p>
          ) : null}
          <Button type="primary" htmlType="submit" size="large" block loading={busy}>
            {second ? t('login.check') : t('login.go')}
          </Button>
          {second ? (
            <Button
              type="link"
              block
              onClick={() => {
                setSecond(false);
                setCode('');
                setWrong('');
              }}
            >
              {t('login.back')}
            </Button>
          ) : null}
        </Form>
        {oidc && !second ? (
          <>
            <p className="login-or" aria-hidden="true">
              <span>{t('login.or')}</span>
            </p>
            <Button size="large" block href={wanted(oidc.start)}>
              {oidc.title}
            </Button>
          </>
        ) : null}
        <p className="faint login-note">{t('login.note')}</p>
        <p className="login-foot">
          <button type="button" className="link" onClick={() => switchLanguage(language() === 'en' ? 'zh-CN' : 'en')}>
            {language() === 'en' ? '中文' : 'English'}
          </button>
          <button type="button" className="link" onClick={() => setShade(shade === 'dark' ? 'light' : 'dark')}>
            {shade === 'dark' ? t('shade.light') : t('shade.dark')}
          </button>
        </p>
      </div>
    </main>
  );
}
