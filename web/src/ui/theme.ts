/** Light and dark: one set of colours for our own CSS (app.css), antd and the charts. */
import { theme as antdTheme, type ThemeConfig } from 'antd';
import { useSyncExternalStore } from 'react';

export type Shade = 'light' | 'dark';

const PLACE = 'mingjian.shade';
const listeners = new Set<() => void>();

function preferred(): Shade {
  const stored = localStorage.getItem(PLACE);
  if (stored === 'light' || stored === 'dark') return stored;
  return window.matchMedia?.('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

let shade: Shade = preferred();
document.documentElement.dataset.shade = shade;

export function setShade(next: Shade): void {
  shade = next;
  localStorage.setItem(PLACE, next);
  document.documentElement.dataset.shade = next;
  for (const listener of listeners) listener();
}

export function useShade(): Shade {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shade,
  );
}

export type Paint = {
  text: string;
  faint: string;
  line: string;
  panel: string;
  violation: string;
  suspect: string;
  /** Categories that are no verdict: never red or amber. */
  kinds: string[];
};

export const paints: Record<Shade, Paint> = {
  light: {
    text: '#1c2430',
    faint: '#55606f',
    line: '#e3e8ef',
    panel: '#ffffff',
    violation: '#b42318',
    suspect: '#e3a84c',
    kinds: ['#5b86bd', '#8f7cc0', '#3f9b93', '#8a97a8'],
  },
  dark: {
    text: '#e4e9f0',
    faint: '#a3afbf',
    line: '#2c3541',
    panel: '#161c24',
    violation: '#ff8a7a',
    suspect: '#c28a37',
    kinds: ['#6b9bd8', '#a48ad4', '#55b3a6', '#8794a6'],
  },
};

const FONT =
  "'PingFang SC', 'HarmonyOS Sans SC', 'MiSans', 'Microsoft YaHei', 'Source Han Sans SC', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif";

export function antdThemeOf(of: Shade): ThemeConfig {
  const dark = of === 'dark';
  return {
    algorithm: dark ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
    // Not `compactAlgorithm`: it shrinks Chinese text to 11 px.
    token: {
      fontFamily: FONT,
      fontSize: 13,
      controlHeight: 30,
      borderRadius: 5,
      wireframe: false,
      motion: !window.matchMedia?.('(prefers-reduced-motion: reduce)').matches,
      colorPrimary: dark ? '#3170bd' : '#1f5aa6',
      colorLink: dark ? '#8ab8f5' : '#1f5aa6',
      colorLinkHover: dark ? '#abcdf9' : '#174a8b',
      colorError: dark ? '#ff9285' : '#b42318',
      colorBgLayout: dark ? '#0f141b' : '#f3f5f9',
      colorBgContainer: dark ? '#161c24' : '#ffffff',
      colorBgElevated: dark ? '#1c232d' : '#ffffff',
      colorBorder: dark ? '#3a4554' : '#cfd7e2',
      colorBorderSecondary: paints[of].line,
      colorText: paints[of].text,
      colorTextSecondary: paints[of].faint,
      colorTextTertiary: paints[of].faint,
      colorTextDescription: dark ? '#a3afbf' : '#55606f',
      colorTextPlaceholder: dark ? '#98a5b6' : '#5d6879',
      colorTextDisabled: dark ? '#8592a3' : '#6b7686',
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.16s',
    },
    components: {
      // White on the dark shade's red is too faint to read (2.9 : 1).
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', dangerColor: dark ? '#2a0f0b' : '#ffffff' },
      Segmented: { itemSelectedBg: dark ? '#2b3644' : '#ffffff', trackBg: dark ? '#0f141b' : '#eaeef4' },
    },
  };
}
