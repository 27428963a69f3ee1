import { Modal } from 'antd';
import type { ReactNode } from 'react';
import { t, type Key } from '../../texts';
import './shell.css';

const KEYS: [string, Key][] = [
  ['Ctrl K', 'keys.search'],
  ['J / K', 'keys.move'],
  ['Enter', 'keys.open'],
  ['X', 'keys.select'],
  ['A', 'keys.assign'],
  ['F', 'keys.send'],
  ['D', 'keys.drop'],
  ['E', 'keys.evidence'],
  ['T', 'keys.timeline'],
  ['[ / ]', 'keys.neighbours'],
  ['1 / 2 / 3', 'keys.conclusion'],
  ['Ctrl Enter', 'keys.submit'],
  ['G H · G L · G C · G R', 'keys.go'],
  ['Esc', 'keys.close'],
  ['?', 'keys.help'],
];

export function HelpDialog({ onClose }: { onClose: () => void }): ReactNode {
  return (
    <Modal open title={t('help.title')} footer={null} onCancel={onClose} width={460} destroyOnHidden>
      <dl className="key-list">
        {KEYS.map(([key, words]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(words)}</dd>
          </div>
        ))}
      </dl>
      <p className="faint">{t('help.note')}</p>
    </Modal>
  );
}
