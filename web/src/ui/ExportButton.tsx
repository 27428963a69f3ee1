/** Export of the filtered set. An act with a reason that stays on record; the file carries who and when. */
import { DownloadOutlined } from '@ant-design/icons';
import { Button, Form, Input, Modal } from 'antd';
import { useState, type ReactNode } from 'react';
import { address } from '../api/client';
import { t } from '../texts';

export function ExportButton({ path, query, effect }: { path: string; query: Record<string, string | number | undefined>; effect: string }): ReactNode {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const go = () => {
    const link = document.createElement('a');
    link.href = address(path, {}, { ...query, after: undefined, reason: reason.trim() });
    link.download = '';
    link.click();
    setOpen(false);
    setReason('');
  };
  return (
    <>
      <Button icon={<DownloadOutlined />} onClick={() => setOpen(true)}>
        {t('export.xlsx')}
      </Button>
      {open ? (
        <Modal
          open
          title={t('export.title')}
          onCancel={() => setOpen(false)}
          destroyOnHidden
          width={440}
          okText={t('export.xlsx')}
          cancelText={t('act.cancel')}
          okButtonProps={{ disabled: reason.trim().length < 2 }}
          onOk={go}
        >
          <p className="effect">{effect}</p>
          <Form layout="vertical" component="div">
            <Form.Item label={t('export.reason')} required htmlFor="export-reason">
              <Input id="export-reason" value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} onPressEnter={() => reason.trim().length >= 2 && go()} />
            </Form.Item>
          </Form>
        </Modal>
      ) : null}
    </>
  );
}
