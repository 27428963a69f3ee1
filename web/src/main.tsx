import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { App as AntApp, ConfigProvider } from 'antd';
import zhCN from 'antd/locale/zh_CN';
import enUS from 'antd/locale/en_US';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { StrictMode, useEffect, useState, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { client } from './api/me';
import './app.css';
import './parts.css';
import './print.css';
import { router } from './router';
import { language, storedLanguage, speak } from './texts';
import { nonceForStyles } from './ui/nonce';
import { unfoldForPaper } from './ui/print';
import { LanguageSwitch } from './ui/language';
import { antdThemeOf, useShade } from './ui/theme';

/** The server writes a nonce of its own into every index.html; styles that antd makes at run time carry it. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? undefined;
nonceForStyles(nonce);

function Root(): ReactNode {
  const shade = useShade();
  const [words, setWords] = useState(language());
  useEffect(() => {
    dayjs.locale(words === 'en' ? 'en' : 'zh-cn');
  }, [words]);
  return (
    <ConfigProvider csp={nonce ? { nonce } : undefined} theme={antdThemeOf(shade)} locale={words === 'en' ? enUS : zhCN} button={{ autoInsertSpace: false }}>
      <AntApp component={false}>
        <QueryClientProvider client={client}>
          <LanguageSwitch value={(next) => void speak(next).then(() => setWords(next))}>
            <RouterProvider key={words} router={router} />
          </LanguageSwitch>
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}

unfoldForPaper();

const place = document.getElementById('root');
if (place) {
  void speak(storedLanguage()).then(() =>
    createRoot(place).render(
      <StrictMode>
        <Root />
      </StrictMode>,
    ),
  );
}
