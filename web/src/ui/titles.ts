/** Titles the interface gives in Chinese, in the language of the page. */
import { language, t, word } from '../texts';

/** The act as the log names it where the page is not in Chinese; otherwise as the way of leads names it. */
export function actTitle(offer: { act: string; title: string }): string {
  return language() === 'zh-CN' ? offer.title : word(`event.lead.${offer.act}`, offer.title);
}

export function roleTitles(of: { roles: string[]; role_titles: string[] }): string {
  return of.roles.map((role, i) => word(`role.${role}`, of.role_titles[i] ?? role)).join(t('mark.comma'));
}
