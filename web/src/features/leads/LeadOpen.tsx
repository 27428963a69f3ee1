/** The opened row: acts, claim with its hits, grounds, the way so far. */
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useLead } from '../../api/queries';
import { t } from '../../texts';
import { ActBar } from '../../ui/acts/ActBar';
import { Steps } from '../../ui/acts/Steps';
import { EvidenceView } from '../../ui/evidence/EvidenceView';
import { Failed, Skeleton } from '../../ui/states';
import './lead.css';

export function LeadOpen({ id, onFull }: { id: string; onFull: () => void }): ReactNode {
  const query = useLead(id);
  if (query.error && !query.data) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={8} />;
  const lead = query.data;
  return (
    <EvidenceView
      findings={lead.finding_list}
      acts={
        <div className="open-acts">
          <ActBar lead={lead} many={1} />
          <Button type="link" onClick={onFull}>
            {t('lead.full')}
          </Button>
        </div>
      }
      after={
        <div className="grounds">
          <section>
            <h3>{t('lead.history')}</h3>
            <Steps steps={lead.steps.slice(-3)} />
          </section>
        </div>
      }
    />
  );
}
