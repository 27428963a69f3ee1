import { createContext, useContext, type ReactNode } from 'react';
import type { Language } from '../texts';

const Switch = createContext<(next: Language) => void>(() => undefined);

export function LanguageSwitch({ value, children }: { value: (next: Language) => void; children: ReactNode }): ReactNode {
  return <Switch.Provider value={value}>{children}</Switch.Provider>;
}

export function useSwitchLanguage(): (next: Language) => void {
  return useContext(Switch);
}
