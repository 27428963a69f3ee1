/** Accounts somebody should look after: locked out, soon at an end, never used. */
import type { User } from '../../api/contract';
import { dayNumber } from '../../format/day';

type Why = 'locked' | 'expiring' | 'unused';

/** Days before its end from which an account is told of. */
const SOON = 30;

/** The locked ones first; accounts disabled or ended are nobody's care. */
export function needsCare(users: User[], today: string): { user: User; why: Why[] }[] {
  const found = users
    .filter((user) => user.state === 'active' || user.state === 'locked')
    .map((user) => {
      const why: Why[] = [];
      if (user.state === 'locked') why.push('locked');
      if (user.expires && dayNumber(user.expires) - dayNumber(today) <= SOON) why.push('expiring');
      if (!user.last_login) why.push('unused');
      return { user, why };
    })
    .filter((one) => one.why.length > 0);
  return found.sort((a, b) => Number(b.why.includes('locked')) - Number(a.why.includes('locked')) || a.user.account.localeCompare(b.user.account));
}
