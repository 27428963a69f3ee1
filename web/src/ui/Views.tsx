/** 视图: the filter of the list under a name, for oneself or the department; opening one sets the address. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Input, Modal, Popover } from 'antd';
import { useState, type ReactNode } from 'react';
import { newKey, read, write } from '../api/client';
import { t } from '../texts';
import { sentence } from './states';
import './views.css';

/** What of an address a view keeps. */
type Search = Record<string, string | number | undefined>;

/** What of an address is kept: not the place in the list, nor the opened row. */
function kept(search: Search): Record<string, string | number> {
  const set = Object.entries(search).filter((pair): pair is [string, string | number] => pair[1] !== undefined && !['after', 'open'].includes(pair[0]));
  return Object.fromEntries(set);
}

type Props<S extends Search> = {
  page: 'leads' | 'recoveries' | 'reviews';
  search: S;
  /** Reads an address as the page does, so that a view of yesterday's names brings nothing unknown. */
  parse: (raw: Record<string, unknown>) => S;
  onPick: (search: S) => void;
};

export function Views<S extends Search>({ page, search, parse, onPick }: Props<S>): ReactNode {
  const cache = useQueryClient();
  const { message } = App.useApp();
  const [shown, setShown] = useState(false);
  const [saving, setSaving] = useState(false);
  const listed = ['views', page];
  const query = useQuery({ queryKey: listed, queryFn: ({ signal }) => read('/views', { query: { page }, signal }), staleTime: 60_000 });
  const remove = useMutation({
    mutationFn: (id: string) => write('DELETE /views/{id}', { path: { id } }),
    onSuccess: () => void cache.invalidateQueries({ queryKey: listed }),
    onError: (error) => void message.error(sentence(error)),
  });
  const items = query.data?.items ?? [];
  const now = JSON.stringify(kept(search));
  const current = items.find((one) => JSON.stringify(kept(parse(one.query))) === now);
  const nothing = now === '{}';
  return (
    <>
      <Popover
        trigger="click"
        placement="bottomLeft"
        open={shown}
        onOpenChange={setShown}
        content={
          <section className="views" aria-label={t('views.title')}>
            {items.length === 0 ? <p className="faint">{t('views.none')}</p> : null}
            <ul>
              {items.map((one) => (
                <li key={one.id}>
                  <button
                    type="button"
                    className="link"
                    aria-current={one.id === current?.id}
                    onClick={() => {
                      setShown(false);
                      onPick(parse(one.query));
                    }}
                  >
                    {one.title}
                  </button>
                  <span className="faint">{one.shared ? t('views.shared_by', { name: one.by }) : ''}</span>
                  {one.own ? (
                    <Button size="small" type="text" aria-label={t('views.remove', { title: one.title })} onClick={() => remove.mutate(one.id)}>
                      ×
                    </Button>
                  ) : null}
                </li>
              ))}
            </ul>
            <Button
              size="small"
              disabled={nothing}
              onClick={() => {
                setShown(false);
                setSaving(true);
              }}
            >
              {t('views.save')}
            </Button>
            {nothing ? <p className="faint">{t('views.nothing')}</p> : null}
          </section>
        }
      >
        <Button>{current ? current.title : t('views.title')}</Button>
      </Popover>
      {saving ? <SaveDialog page={page} search={search} onClose={() => setSaving(false)} /> : null}
    </>
  );
}

function SaveDialog({ page, search, onClose }: { page: Props<Search>['page']; search: Search; onClose: () => void }): ReactNode {
  const cache = useQueryClient();
  const { message } = App.useApp();
  const [title, setTitle] = useState('');
  const [shared, setShared] = useState(false);
  const [key] = useState(newKey);
  const save = useMutation({
    mutationFn: () => write('POST /views', { body: { page, title: title.trim(), query: kept(search), shared }, key }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ['views', page] });
      void message.success(t('views.saved'));
      onClose();
    },
    onError: (error) => void message.error(sentence(error)),
  });
  const ready = title.trim() !== '';
  return (
    <Modal open title={t('views.save')} width={400} destroyOnHidden onCancel={onClose} okText={t('views.save')} cancelText={t('act.cancel')} confirmLoading={save.isPending} okButtonProps={{ disabled: !ready }} onOk={() => save.mutate()}>
      <Form layout="vertical" component="div">
        <Form.Item label={t('views.name')} required htmlFor="view-title">
          <Input id="view-title" value={title} maxLength={30} onChange={(event) => setTitle(event.target.value)} onPressEnter={() => ready && save.mutate()} />
        </Form.Item>
        <Checkbox checked={shared} onChange={(event) => setShared(event.target.checked)}>
          {t('views.share')}
        </Checkbox>
      </Form>
    </Modal>
  );
}
