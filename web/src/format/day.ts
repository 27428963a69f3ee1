/** Days and moments come as text of local time and are shown as they come, only shorter. */

export function day(moment: string | undefined): string {
  return moment ? moment.slice(0, 10) : '—';
}

/** "04-09": month and day, where the year stands in the heading. */
export function monthDay(moment: string): string {
  return moment.slice(5, 10);
}

/** "2026-04-09 10:42": without seconds. */
export function minute(moment: string | undefined): string {
  return moment ? moment.slice(0, 16) : '—';
}

/** A moment anywhere in the facts of a visit, without its seconds; other text as it is. */
export function shortMoment(text: string): string {
  return /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text) ? text.slice(0, 16) : text;
}

/** Days since an epoch, for places on a time axis; no zone is involved. */
export function dayNumber(moment: string): number {
  const [year = '1970', month = '1', date = '1'] = moment.slice(0, 10).split('-');
  return Date.UTC(Number(year), Number(month) - 1, Number(date)) / 86400000;
}

export function fromDayNumber(number: number): string {
  return new Date(number * 86400000).toISOString().slice(0, 10);
}
