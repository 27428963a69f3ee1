/**
 * Export of the filtered set. An act with a reason that stays on record; the file carries who, when and a number. What is in clear or in bulk
 * waits for another person's word, and is then taken from the page of exports.
 */
import { DownloadOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button, Checkbox, Form, Input, Modal, Segmented } from 'antd';
import { useMemo, useState, type ReactNode } from 'react';
import { newKey, take, takeTrail, write } from '../api/client';
import type { Export, ExportForm, ExportKind } from '../api/contract';
import { may, useMe } from '../api/me';
import { t } from '../texts';
import { sentence } from './states';

/** The trail is not asked for: whom it watches must not decide who reads it. */
type Kind = ExportKind | 'audit';
type Filter = Record<string, string | number | undefined>;

/** A list's filter without its place in it and without what is not set. */
export function frozen(query: Filter): Record<string, string | number> {
  const set = Object.entries(query).filter((pair): pair is [string, string | number] => pair[1] !== undefined && pair[1] !== '' && !['after', 'limit', 'open'].includes(pair[0]));
  return Object.fromEntries(set);
}

export function ExportButton({ kind, query, effect }: { kind: Kind; query: Filter; effect: string }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<DownloadOutlined />} onClick={() => setOpen(true)}>
        {t('export.do')}
      </Button>
      {open ? <ExportDialog kind={kind} query={query} effect={effect} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

/** A picture is one page; lists are tables of one's choice. */
export function ExportDialog({ kind, query, effect, onClose }: { kind: Kind; query: Filter; effect: string; onClose: () => void }): ReactNode {
  const me = useMe();
  const picture = kind === 'relations';
  const [form, setForm] = useState<ExportForm>(picture ? 'html' : 'xlsx');
  const [clear, setClear] = useState(false);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  const [waiting, setWaiting] = useState<Export>();
  // What is asked anew is a new request; the same sent again is not.
  const key = useMemo(() => `${newKey()}-${form}-${clear ? 1 : 0}-${reason.length}`, [form, clear, reason]);
  const ready = reason.trim().length >= 4;
  const go = async () => {
    setBusy(true);
    setWrong('');
    try {
      if (kind === 'audit') {
        await takeTrail(form === 'csv' ? 'csv' : 'xlsx', frozen(query), reason.trim());
        onClose();
        return;
      }
      const asked = await write('POST /exports', { body: { kind, form, clear, filter: frozen(query), reason: reason.trim() }, key });
      if (asked.state === 'approved') {
        await take(asked.id);
        onClose();
      } else {
        setWaiting(asked);
      }
    } catch (error) {
      setWrong(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  if (waiting) {
    return (
      <Modal open title={t('export.waiting')} width={440} onCancel={onClose} footer={<Button onClick={onClose}>{t('act.close')}</Button>} destroyOnHidden>
        <p className="effect">{t(waiting.why === 'clear' ? 'export.waiting.clear' : picture ? 'export.waiting.picture' : 'export.waiting.rows', { id: waiting.id, n: waiting.rows })}</p>
        <Link to="/exports" search={{}} onClick={onClose}>
          {t('export.see')}
        </Link>
      </Modal>
    );
  }
  return (
    <Modal
      open
      title={t(picture ? 'relations.export' : 'export.title')}
      onCancel={onClose}
      destroyOnHidden
      width={440}
      okText={clear ? t('export.ask') : t('export.do')}
      cancelText={t('act.cancel')}
      confirmLoading={busy}
      okButtonProps={{ disabled: !ready }}
      onOk={() => void go()}
    >
      <p className="effect">{effect}</p>
      <Form layout="vertical" component="div">
        {picture ? null : (
          <Form.Item label={t('export.form')}>
            <Segmented<ExportForm> aria-label={t('export.form')} value={form} options={[{ value: 'xlsx', label: 'xlsx' }, { value: 'csv', label: 'CSV' }]} onChange={setForm} />
          </Form.Item>
        )}
        {kind === 'leads' && may(me, 'leads.unmask') ? (
          <Form.Item extra={clear ? t('export.clear.note') : t('export.masked')}>
            <Checkbox checked={clear} onChange={(event) => setClear(event.target.checked)}>
              {t('export.clear')}
            </Checkbox>
          </Form.Item>
        ) : null}
        <Form.Item label={t('export.reason')} required htmlFor="export-reason">
          <Input id="export-reason" value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} onPressEnter={() => ready && !busy && void go()} />
        </Form.Item>
        {wrong ? (
          <p className="field-error" role="alert">
            {wrong}
          </p>
        ) : null}
      </Form>
    </Modal>
  );
}
