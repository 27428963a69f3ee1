/** The words of a reason: the server's, which fit its list, in Chinese; ours in other languages. */
import type { Choice } from '../../api/contract';
import { language, word } from '../../texts';

export function reasonTitle(choice: Choice, list: 'reason' | 'appeal'): string {
  return language() === 'zh-CN' ? choice.title : word(`${list}.${choice.code}`, choice.title);
}
