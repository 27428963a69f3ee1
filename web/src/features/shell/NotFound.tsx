import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { t } from '../../texts';
import { Empty } from '../../ui/states';

export function NotFound(): ReactNode {
  return <Empty page title={t('page.none')} hint={t('page.none.hint')} action={<Link to="/">{t('page.home')}</Link>} />;
}
