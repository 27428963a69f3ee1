/** 医师画像: a doctor at one institution beside doctors of the same department and level, who are dots and never names. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { read } from '../../api/client';
import { may, useMe } from '../../api/me';
import { t } from '../../texts';
import { PageHead } from '../../ui/PageHead';
import { Failed, Skeleton } from '../../ui/states';
import { Findings, Rules, Unseen } from './Found';
import { Months } from './Months';
import { Peers } from './Peers';

const route = getRouteApi('/doctors/$code');

export function DoctorPage(): ReactNode {
  const me = useMe();
  const { code } = route.useParams();
  const search = route.useSearch();
  const query = useQuery({
    queryKey: ['doctor', code, search],
    queryFn: ({ signal }) => read('/doctors/{code}', { path: { code }, query: search, signal }),
    staleTime: 60_000,
  });
  if (query.error && !query.data) return <Failed page error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton rows={10} />;
  const doctor = query.data;
  const facts = [doctor.department, doctor.job_title, doctor.code].filter(Boolean).join(' · ');
  return (
    <>
      <PageHead title={t('profile.doctor', { name: doctor.name_masked || doctor.code })} note={facts}>
        {may(me, 'profiles.read') ? (
          <Link to="/institutions/$code" params={{ code: doctor.institution.code }} className="ant-btn-like">
            {doctor.institution.name} {doctor.level}
          </Link>
        ) : null}
        {doctor.elsewhere.map((place) => (
          <Link key={place.code} to="/doctors/$code" params={{ code }} search={{ institution: place.code }} className="ant-btn-like">
            {t('profile.also_at', { name: place.name })}
          </Link>
        ))}
      </PageHead>
      <Peers like={doctor.like} measures={doctor.measures} />
      <div className="grid-charts">
        <Months months={doctor.months} fund={'profile.scope_name'} />
        <Rules rules={doctor.rules} />
      </div>
      <Findings findings={doctor.findings} total={doctor.findings_total} own all={null} />
      <Unseen facts={doctor.unseen} />
    </>
  );
}
