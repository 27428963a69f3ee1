/**
 * The filter row of a list. On a narrow screen all but the search field fold behind one button that tells how many conditions hold; what is
 * kept in sight carries the class `filter-keep`.
 */
import { FilterOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useId, useState, type ReactNode } from 'react';
import { t } from '../texts';

type Props = {
  label?: string;
  /** Conditions that hold and are folded away. */
  active: number;
  total?: ReactNode;
  children: ReactNode;
};

export function FilterRow({ label, active, total, children }: Props): ReactNode {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <div className={`filters foldable ${open ? 'unfolded' : ''}`} role="search" aria-label={label ?? t('filter.title')} id={id}>
      <Button className="filter-fold filter-keep" icon={<FilterOutlined />} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        {active > 0 ? t('filter.fold_n', { n: active }) : t('filter.fold')}
      </Button>
      {children}
      <span className="filter-total filter-keep" aria-live="polite">{total}</span>
    </div>
  );
}
