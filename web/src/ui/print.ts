/** On paper nothing stays folded: what was closed opens for the printer and closes again. */
export function unfoldForPaper(): void {
  let opened: HTMLDetailsElement[] = [];
  window.addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll<HTMLDetailsElement>('#page details:not([open])')];
    for (const one of opened) one.open = true;
    // A list has more columns than a page is wide upright.
    document.documentElement.dataset.paper = document.querySelector('#page .list .rows') ? 'wide' : 'upright';
  });
  window.addEventListener('afterprint', () => {
    for (const one of opened) one.open = false;
    opened = [];
  });
}

/** A number for one printing, as `DY20260415-9f3a2c01`, with the local time it was made at. */
export function printNumber(now: Date, noise: Uint8Array): { number: string; at: string } {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())];
  const hex = Array.from(noise, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { number: `DY${day.join('')}-${hex}`, at: `${day.join('-')} ${two(now.getHours())}:${two(now.getMinutes())}` };
}
