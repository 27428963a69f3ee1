/** Keys of the auditor's loop. They rest while one types, composes with an IME, or a dialog is open. */
import { useEffect, useRef } from 'react';

/** A handler that answers `false` leaves the key to the others that listen. */
export type KeyMap = Record<string, (event: KeyboardEvent) => void | boolean | undefined>;

function resting(event: KeyboardEvent): boolean {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const target = event.target;
  if (target instanceof HTMLElement) {
    if (target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=combobox], [role=listbox]')) {
      return true;
    }
    // Enter and space belong to the control that has the focus.
    if ((event.key === 'Enter' || event.key === ' ') && target.closest('button, a, input, summary')) return true;
  }
  return dialogOpen() && !(target instanceof HTMLElement && target.closest('[role=dialog]') && event.key === 'Escape');
}

export function dialogOpen(): boolean {
  return document.querySelector('.ant-modal-wrap, .ant-drawer-open, .ant-select-open') !== null;
}

export function useKeys(map: KeyMap, active = true): void {
  const latest = useRef(map);
  useEffect(() => {
    latest.current = map;
  });
  useEffect(() => {
    if (!active) return;
    const onKey = (event: KeyboardEvent) => {
      if (resting(event)) return;
      const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const act = latest.current[name];
      if (act && act(event) !== false) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [active]);
}
