/**
 * 关系图谱: who is treated together with whom, whether it is more than chance, at what cost, and what speaks against it. Without a lead or a
 * person it lists the groups worth a look.
 */
import { getRouteApi, Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState, type ReactNode } from 'react';
import type { Relations } from '../../api/contract';
import { may, useMe } from '../../api/me';
import { t } from '../../texts';
import { ExportDialog } from '../../ui/ExportButton';
import { useKeys } from '../../ui/keys';
import { PageHead, Panel } from '../../ui/PageHead';
import { Empty, Failed, Skeleton } from '../../ui/states';
import { ExcludeDialog } from './ExcludeDialog';
import { GraphView } from './GraphView';
import { GroupsList } from './GroupsList';
import { LanesPanel } from './Lanes';
import { ListView } from './ListView';
import { MatrixView } from './MatrixView';
import { leftOut, taken, withLeftOut, type RelationsSearch } from './search';
import { LeadsPanel, SidePanel } from './SidePanel';
import { Toolbar } from './Toolbar';
import { useRelations } from './use-relations';
import './relations.css';

const route = getRouteApi('/relations');

export function RelationsPage(): ReactNode {
  const search = route.useSearch();
  return search.lead || search.person ? <Picture search={search} /> : <GroupsList />;
}

function Picture({ search }: { search: RelationsSearch }): ReactNode {
  const navigate = route.useNavigate();
  const me = useMe();
  const query = useRelations(search);
  const [exporting, setExporting] = useState(false);
  const [excluding, setExcluding] = useState<string>();
  const change = (next: Partial<RelationsSearch>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const choose = (node: string | undefined) => change({ node: node === search.node ? undefined : node });
  useKeys({ Escape: () => (search.node ? choose(undefined) : void navigate({ search: {} })) });
  const data = query.data;
  const head = (
    <PageHead
      title={t('relations.title')}
      note={data ? (data.asked.from ? t('relations.head', { title: data.title, from: data.asked.from, to: data.asked.to }) : data.title) : ''}
    >
      <Link to="/relations" search={{}} className="ant-btn-like">
        {t('relations.all_groups')}
      </Link>
      {data && data.leads_total > 0 ? (
        <a className="ant-btn-like" href="#relation-leads">
          {t('relations.leads_n', { n: data.leads_total })}
        </a>
      ) : null}
      {may(me, 'leads.export') ? (
        <Button type="primary" disabled={!data || data.nodes.length === 0} onClick={() => setExporting(true)}>
          {t('relations.export')}
        </Button>
      ) : null}
    </PageHead>
  );
  if (query.error && !data) {
    return (
      <>
        {head}
        <Failed error={query.error} retry={() => void query.refetch()} />
      </>
    );
  }
  if (!data) {
    return (
      <>
        {head}
        <Skeleton rows={12} />
      </>
    );
  }
  const out = leftOut(search);
  return (
    <>
      {head}
      <div className="relations" aria-busy={query.isFetching}>
        <Panel className="relations-main">
          <Toolbar search={search} asked={data.asked} busy={query.isFetching} onChange={change} onBack={(id) => change(withLeftOut(out.filter((one) => one.id !== id)))} />
          {query.error ? <Failed error={query.error} retry={() => void query.refetch()} /> : null}
          {data.core === 0 ? <Empty title={t('relations.none')} hint={t('relations.none.hint', { n: data.asked.least })} /> : null}
          {data.nodes.length > 0 ? <View data={data} search={search} choose={choose} /> : null}
        </Panel>
        <SidePanel data={data} chosen={search.node} out={out} onExclude={setExcluding} onGo={(person) => void navigate({ search: { person } })} />
      </div>
      {data.bars.length > 0 ? <LanesPanel data={data} chosen={search.node} choose={choose} /> : null}
      {data.nodes.length > 0 ? <LeadsPanel data={data} /> : null}
      {exporting ? <ExportDialog kind="relations" query={taken(search)} effect={t('relations.export.effect')} onClose={() => setExporting(false)} /> : null}
      {excluding ? (
        <ExcludeDialog
          label={data.nodes.find((node) => node.id === excluding)?.label ?? excluding}
          onClose={() => setExcluding(undefined)}
          onExclude={(why) => {
            setExcluding(undefined);
            change({ ...withLeftOut([...out, { id: excluding, why }]), node: undefined });
          }}
        />
      ) : null}
    </>
  );
}

function View({ data, search, choose }: { data: Relations; search: RelationsSearch; choose: (node: string | undefined) => void }): ReactNode {
  switch (search.view) {
    case 'matrix':
      return <MatrixView data={data} chosen={search.node} choose={choose} />;
    case 'list':
      return <ListView data={data} chosen={search.node} choose={choose} />;
    default:
      return <GraphView data={data} chosen={search.node} choose={choose} />;
  }
}
