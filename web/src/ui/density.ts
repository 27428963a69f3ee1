/** Rows of two lines or, 紧凑, of one; kept on this machine, for all lists. */
import { useSyncExternalStore } from 'react';

export type Density = 'normal' | 'compact';

const PLACE = 'mingjian.density';
const listeners = new Set<() => void>();

let density: Density = localStorage.getItem(PLACE) === 'compact' ? 'compact' : 'normal';
document.documentElement.dataset.density = density;

export function setDensity(next: Density): void {
  density = next;
  localStorage.setItem(PLACE, next);
  document.documentElement.dataset.density = next;
  for (const listener of listeners) listener();
}

export function useDensity(): Density {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => density,
  );
}
