/** 参保人画像: a person's care beside persons of the same sex, age, insurance and chronic registration. Masked; each look stands in the trail. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { read } from '../../api/client';
import { useRegionName } from '../../api/me';
import { t } from '../../texts';
import { TimelinePanel } from '../../ui/evidence/Timeline';
import { PageHead } from '../../ui/PageHead';
import { Failed, Skeleton } from '../../ui/states';
import { Findings, Rules, Unseen } from './Found';
import { Months } from './Months';
import { Peers } from './Peers';
import './profiles.css';

const route = getRouteApi('/persons/$code');

export function PersonPage(): ReactNode {
  const { code } = route.useParams();
  const region = useRegionName();
  const query = useQuery({ queryKey: ['person', code], queryFn: ({ signal }) => read('/persons/{code}', { path: { code }, signal }), staleTime: 60_000 });
  if (query.error && !query.data) return <Failed page error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={12} />;
  const person = query.data;
  const facts = [person.sex, person.age === undefined ? '' : t('lead.age', { n: person.age }), person.insurance, person.region && region(person.region), person.no].filter(Boolean).join(' · ');
  return (
    <>
      <PageHead title={t('profile.person', { name: person.name_masked || person.no })} note={facts}>
        <Link to="/relations" search={{ person: person.no }} className="ant-btn-like">
          {t('relations.title')}
        </Link>
        <Link to="/leads" search={{ q: person.no }} className="ant-btn-like">
          {t('profile.leads')}
        </Link>
      </PageHead>
      {person.registered.length > 0 ? <p className="faint registered">{t('profile.registered', { list: person.registered.join(t('mark.comma')) })}</p> : null}
      <TimelinePanel data={person.timeline} note={t('profile.timeline')} hit={t('profile.timeline.hit')} />
      <Peers like={person.like} measures={person.measures} />
      <div className="grid-charts">
        <Months months={person.months} fund={'profile.fund_name'} />
        <Rules rules={person.rules} />
      </div>
      <Findings findings={person.findings} total={person.findings_total} all={null} />
      <Unseen facts={person.unseen} />
    </>
  );
}
