/** 机构反馈: the answer per line with its files. */
import type { ReactNode } from 'react';
import type { Finding, Reply } from '../../api/contract';
import { minute } from '../../format/day';
import { t, word } from '../../texts';
import { Money } from '../figures';
import { Panel } from '../PageHead';
import { PlainTag } from '../tags';
import { FileList } from './Files';
import './acts.css';

export function ReplyView({ reply, findings }: { reply: Reply; findings: Finding[] }): ReactNode {
  return (
    <Panel title={t('reply.title')} note={t('decision.by', { name: reply.by.name, at: minute(reply.at) })}>
      <ul className="reply">
        {reply.lines.map((line) => {
          const finding = findings.find((one) => one.id === line.finding_id);
          const proposed = reply.proposed?.find((one) => one.finding_id === line.finding_id);
          return (
            <li key={line.finding_id}>
              <p className="line-head">
                <PlainTag kind={line.conclusion === 'accept' ? 'grey' : 'watch'}>{line.conclusion ? t(`conclusion.${line.conclusion}`) : '—'}</PlainTag>
                <span className="ellipsis" title={finding?.rule.title}>{finding?.rule.title ?? line.finding_id}</span>
                <Money fen={finding?.amount_fen} />
              </p>
              {line.reason ? <p className="faint">{t('steps.reason', { reason: word(`appeal.${line.reason}`, line.reason) })}</p> : null}
              {line.text ? <p className="pre">{line.text}</p> : null}
              {proposed?.reason ? <p className="faint">{t('reply.proposed', { reason: word(`appeal.${proposed.reason}`, proposed.reason) })}</p> : null}
            </li>
          );
        })}
      </ul>
      {reply.text ? <p className="pre pad">{reply.text}</p> : null}
      {reply.attachments.length > 0 ? <FileList files={reply.attachments} /> : null}
    </Panel>
  );
}
