/** A page that cannot show what it was given: said in the reader's language, with the frame still around it. */
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { t } from '../../texts';
import { Empty } from '../../ui/states';

export function PageFailed({ error, reset }: ErrorComponentProps): ReactNode {
  const words = error instanceof Error ? error.message : String(error);
  // Pages are loaded as they are opened: after an upgrade the old ones are gone, and only a new start helps.
  const gone = /dynamically imported module|Importing a module|module script/i.test(words);
  return (
    <Empty
      page
      title={t(gone ? 'state.page_gone' : 'state.page_failed')}
      hint={gone ? undefined : t('state.page_failed.hint', { error: words.slice(0, 200) })}
      action={<Button onClick={gone ? () => window.location.reload() : reset}>{t(gone ? 'state.reload' : 'act.retry')}</Button>}
    />
  );
}
