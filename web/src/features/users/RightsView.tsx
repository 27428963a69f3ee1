/** 生效权限: what the roles chosen come to, before they are given; and the whole table, role by act. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Modal } from 'antd';
import type { ReactNode } from 'react';
import { read } from '../../api/client';
import { useRegionName } from '../../api/me';
import type { Role } from '../../api/contract';
import { t, word } from '../../texts';
import { Failed, Skeleton } from '../../ui/states';
import { PlainTag } from '../../ui/tags';
import { effective } from './rights';
import './users.css';

function useRights() {
  return useQuery({ queryKey: ['rights'], queryFn: ({ signal }) => read('/rights', { signal }), staleTime: Infinity });
}

export function RightsPreview({ chosen, before, region, institutions }: { chosen: Role[]; before: Role[]; region: string; institutions: string[] }): ReactNode {
  const rights = useRights();
  const named = useRegionName();
  if (!rights.data || (chosen.length === 0 && before.length === 0)) return null;
  const { acts, reaches, clash } = effective(rights.data, chosen, before);
  const scope = { region: region ? named(region) : t('rights.unset'), institutions: institutions.join(t('mark.comma')) || t('rights.unset') };
  return (
    <section className="rights" aria-label={t('rights.title')} aria-live="polite">
      <p className="rights-title">{t('rights.title')}</p>
      {clash ? <Alert type="warning" showIcon title={t('rights.clash', { one: clash[0], other: clash[1] })} /> : null}
      <ul className="plain-list">
        {reaches.map(({ role, reach }) => (
          <li key={role}>
            <strong>{role}</strong> {reach === 'region' ? t('rights.region', scope) : reach === 'institution' ? t('rights.institution', scope) : reach === 'lead' ? t('rights.lead') : t('rights.nothing')}
          </li>
        ))}
      </ul>
      <p className="rights-acts">
        {acts.map((act) => (
          <PlainTag key={act.id} kind={act.change === 'new' ? 'cleared' : act.change === 'lost' ? 'violation' : 'grey'}>
            {act.change === 'new' ? '+ ' : act.change === 'lost' ? '− ' : ''}
            {act.change === 'lost' ? <s>{word(`right.${act.id}`, act.title)}</s> : word(`right.${act.id}`, act.title)}
          </PlainTag>
        ))}
      </p>
    </section>
  );
}

export function RightsTable({ onClose }: { onClose: () => void }): ReactNode {
  const rights = useRights();
  return (
    <Modal open title={t('rights.table')} width={1180} footer={null} onCancel={onClose} destroyOnHidden>
      {rights.error ? <Failed error={rights.error} retry={() => void rights.refetch()} /> : null}
      {rights.data ? (
        <div className="scroll-x rights-table" role="region" aria-label={t('rights.table')} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('rights.act')}</th>
                {rights.data.roles.map((role) => (
                  <th key={role.code} scope="col">
                    {word(`role.${role.code}`, role.title)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rights.data.acts.map((act) => (
                <tr key={act.id}>
                  <th scope="row">
                    {word(`right.${act.id}`, act.title)} <code className="faint">{act.id}</code>
                  </th>
                  {rights.data.roles.map((role) => (
                    <td key={role.code}>{act.roles.includes(role.code) ? <span aria-label={t('rights.yes')}>●</span> : null}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : rights.error ? null : (
        <Skeleton rows={10} />
      )}
    </Modal>
  );
}
