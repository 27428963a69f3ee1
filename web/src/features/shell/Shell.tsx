import { MenuOutlined, MoonOutlined, QuestionCircleOutlined, SearchOutlined, SunOutlined } from '@ant-design/icons';
import { Link, useNavigate } from '@tanstack/react-router';
import { App, Dropdown } from 'antd';
import { useState, type ReactNode } from 'react';
import { write } from '../../api/client';
import type { Me } from '../../api/contract';
import { leave } from '../../api/me';
import { regionName } from '../../format/region';
import { language, t } from '../../texts';
import { dialogOpen, useKeys } from '../../ui/keys';
import { useSwitchLanguage } from '../../ui/language';
import { sentence } from '../../ui/states';
import { setShade, useShade } from '../../ui/theme';
import { roleTitles } from '../../ui/titles';
import { Bell } from './Bell';
import { ICONS } from './icons';
import { HelpDialog } from './HelpDialog';
import { SearchDialog } from './SearchDialog';
import { isInstitution, menuOf } from './menu';
import { PrintMark } from './PrintMark';
import { useCtrlK } from './use-ctrl-k';
import { useWaitingExports } from './use-waiting-exports';
import './shell.css';

const PLACE = 'mingjian.menu';

/** 统筹区 by its name; a code nobody named says at least what it is. */
function placeOf(me: Me): string {
  const name = regionName(me.region, me.region_names);
  return name === me.region ? t('app.region', { region: me.region }) : name;
}

export function Shell({ me, children }: { me: Me; children: ReactNode }): ReactNode {
  const shade = useShade();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const switchLanguage = useSwitchLanguage();
  const [narrow, setNarrow] = useState(localStorage.getItem(PLACE) === 'narrow');
  const [drawn, setDrawn] = useState(false);
  const [search, setSearch] = useState(false);
  const [help, setHelp] = useState(false);
  const [going, setGoing] = useState(false);

  useCtrlK(() => !dialogOpen() && setSearch(true));
  useKeys({
    '?': () => setHelp(true),
    '/': () => setSearch(true),
    g: () => {
      setGoing(true);
      setTimeout(() => setGoing(false), 1500);
    },
    ...(going
      ? {
          h: () => void navigate({ to: '/' }),
          l: () => void navigate({ to: '/leads', search: {} }),
          c: () => void navigate({ to: '/reviews', search: {} }),
          r: () => void navigate({ to: '/recoveries', search: {} }),
        }
      : {}),
  });

  const waiting = useWaitingExports(me);
  const out = () =>
    write('DELETE /session')
      .then((answer) => {
        leave();
        // Out at the provider too, where it vouched for this session.
        if (answer?.go) window.location.assign(answer.go);
      })
      .catch((error: unknown) => void message.error(sentence(error)));
  const fold = () => {
    localStorage.setItem(PLACE, narrow ? 'wide' : 'narrow');
    setNarrow(!narrow);
  };

  return (
    <div className={`shell ${narrow ? 'shell-narrow' : ''} ${drawn ? 'shell-drawn' : ''}`}>
      <a className="skip" href="#page">
        {t('app.skip')}
      </a>
      <header className="top">
        <button type="button" className="top-menu" aria-label={t('menu.toggle')} aria-expanded={drawn} onClick={() => setDrawn(!drawn)}>
          <MenuOutlined />
        </button>
        <Link to="/" className="brand">
          <img src="/mark.svg" alt="" width="20" height="20" />
          <strong>{t('app.short')}</strong>
          <span>{isInstitution(me) ? t('app.portal') : t('app.product')}</span>
        </Link>
        <span className="region ellipsis" title={me.institution?.name ?? (me.region ? t('app.region', { region: me.region }) : undefined)}>
          {me.institution?.name ?? (me.region ? placeOf(me) : t('app.region_all'))}
        </span>
        <button type="button" className="search-box" onClick={() => setSearch(true)}>
          <SearchOutlined />
          <span className="ellipsis" title={t('search.hint')}>{t('search.hint')}</span>
          <kbd>Ctrl K</kbd>
        </button>
        <span className="spring" />
        <Bell me={me} />
        <button type="button" className="icon" aria-label={t('help.title')} title={t('help.title')} onClick={() => setHelp(true)}>
          <QuestionCircleOutlined />
        </button>
        <button
          type="button"
          className="icon"
          aria-label={shade === 'dark' ? t('shade.light') : t('shade.dark')}
          title={shade === 'dark' ? t('shade.light') : t('shade.dark')}
          onClick={() => setShade(shade === 'dark' ? 'light' : 'dark')}
        >
          {shade === 'dark' ? <SunOutlined /> : <MoonOutlined />}
        </button>
        <Dropdown
          trigger={['click']}
          menu={{
            items: [
              { key: 'account', label: t('session.account_page') },
              { key: 'language', label: language() === 'en' ? '中文' : 'English' },
              { type: 'divider' },
              { key: 'out', label: t('session.out') },
            ],
            onClick: ({ key }) => {
              if (key === 'out') void out();
              else if (key === 'account') void navigate({ to: '/account' });
              else switchLanguage(language() === 'en' ? 'zh-CN' : 'en');
            },
          }}
        >
          <button type="button" className="who" aria-haspopup="menu">
            <span>{me.name}</span>
            <span className="faint">{roleTitles(me)}</span>
          </button>
        </Dropdown>
      </header>
      <nav className="side" aria-label={t('menu.title')}>
        {menuOf(me).map((group, i) => (
          <div key={group.title ?? i} className="side-group">
            {group.title ? <h2>{t(group.title)}</h2> : null}
            <ul>
              {group.entries.map((entry) => (
                <li key={entry.to}>
                  <Link to={entry.to} activeOptions={{ exact: entry.to === '/' }} title={narrow ? t(entry.title) : undefined} onClick={() => setDrawn(false)}>
                    {ICONS[entry.icon]}
                    <span>{t(entry.title)}</span>
                    {entry.to === '/exports' && waiting > 0 ? (
                      <span className="badge" title={t('exports.badge', { n: waiting })}>
                        {waiting}
                      </span>
                    ) : null}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
        <button type="button" className="side-fold" aria-expanded={!narrow} onClick={fold}>
          {narrow ? '»' : `« ${t('menu.fold')}`}
          {narrow ? <span className="unseen">{t('menu.unfold')}</span> : null}
        </button>
      </nav>
      {drawn ? <button type="button" className="veil" aria-label={t('menu.close')} onClick={() => setDrawn(false)} /> : null}
      {children}
      <PrintMark me={me} />
      {search ? <SearchDialog onClose={() => setSearch(false)} /> : null}
      {help ? <HelpDialog onClose={() => setHelp(false)} /> : null}
    </div>
  );
}
