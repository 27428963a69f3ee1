/** Money is fen everywhere; only these functions turn it into words. */

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** 元, two decimals, thousands: 192000 → "1,920.00". */
export function yuan(fen: number): string {
  const size = Math.abs(fen);
  const text = `${grouped(Math.floor(size / 100))}.${String(size % 100).padStart(2, '0')}`;
  return fen < 0 ? `-${text}` : text;
}

/** 万元, two decimals, rounded half up: 386420000 → "386.42". */
export function wan(fen: number): string {
  const hundredths = Math.round(Math.abs(fen) / 10000);
  const text = `${grouped(Math.floor(hundredths / 100))}.${String(hundredths % 100).padStart(2, '0')}`;
  return fen < 0 ? `-${text}` : text;
}

/** What a person typed in 元, as fen; undefined when it is no amount of whole fen. */
export function toFen(text: string): number | undefined {
  const clean = text.replace(/[,，\s]/g, '');
  if (!/^\d{1,12}(\.\d{1,2})?$/.test(clean)) return undefined;
  const [whole = '0', part = ''] = clean.split('.');
  return Number(whole) * 100 + Number(part.padEnd(2, '0'));
}

/** Decimal text of a price: at least two decimals, no fewer than were billed. */
export function price(text: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(text)) return text;
  const [whole = '0', part = ''] = text.split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${part.padEnd(2, '0')}`;
}

export function count(n: number): string {
  return n < 0 ? `-${grouped(-n)}` : grouped(n);
}

/** A share as "74.1%". */
export function share(part: number, whole: number): string {
  return whole === 0 ? '—' : `${((part / whole) * 100).toFixed(1)}%`;
}
