/** Attachments: what there is, and handing in more. */
import { Button } from 'antd';
import { useRef, useState, type ReactNode } from 'react';
import { address, write } from '../../api/client';
import type { Attachment } from '../../api/contract';
import { minute } from '../../format/day';
import { t } from '../../texts';
import { sentence } from '../states';
import './acts.css';

export function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function FileList({ files }: { files: Attachment[] }): ReactNode {
  return (
    <ul className="files">
      {files.map((file) => (
        <li key={file.id}>
          <a href={address('/attachments/{id}', { id: file.id })} download={file.name}>
            {file.name}
          </a>
          <span className="faint">
            {size(file.size)} {file.by.name} {minute(file.at)} <code title={t('files.sm3')}>{file.sm3.slice(0, 12)}</code>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Hands files in one by one; each is at the server before the act names it. */
export function FileDrop({ lead, files, onFiles }: { lead: string; files: Attachment[]; onFiles: (files: Attachment[]) => void }): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  const take = async (chosen: globalThis.FileList | null) => {
    setBusy(true);
    setWrong('');
    let held = files;
    try {
      for (const file of Array.from(chosen ?? [])) {
        const body = new FormData();
        body.append('file', file, file.name);
        held = [...held, await write('POST /leads/{id}/attachments', { path: { id: lead }, body })];
        onFiles(held);
      }
    } catch (error) {
      setWrong(sentence(error));
    } finally {
      setBusy(false);
      if (input.current) input.current.value = '';
    }
  };
  return (
    <div className="drop">
      <input
        ref={input}
        type="file"
        multiple
        className="unseen"
        tabIndex={-1}
        aria-label={t('files.add')}
        accept=".pdf,.jpg,.jpeg,.png,.docx,.xlsx,.ofd"
        onChange={(event) => void take(event.target.files)}
      />
      <Button loading={busy} onClick={() => input.current?.click()}>
        {t('files.add')}
      </Button>
      <span className="faint">{t('files.hint')}</span>
      {files.length > 0 ? <FileList files={files} /> : null}
      {wrong ? <p className="field-error" role="alert">{wrong}</p> : null}
    </div>
  );
}


