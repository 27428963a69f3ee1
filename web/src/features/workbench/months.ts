/** A year of the ledger as a chart has it: what came back in each month and up to it, less what was given back. */
import type { RecoveryYear } from '../../api/contract';

export type MonthBack = { month: string; paid: number; offset: number; sum: number; /** The month is not over. */ running: boolean };

export function monthsBack(year: RecoveryYear): MonthBack[] {
  let sum = 0;
  return year.months.map((one) => {
    sum += one.paid_fen + one.offset_fen - one.returned_fen;
    return { month: one.month, paid: one.paid_fen, offset: one.offset_fen, sum, running: one.running };
  });
}
