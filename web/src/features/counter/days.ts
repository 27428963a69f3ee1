/** The range of so many days up to today, as the interface takes it; days are local. */
export function daysBack(now: Date, days: number): { from: string; to: string } {
  const first = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days + 1);
  return { from: local(first), to: local(now) };
}

function local(day: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
