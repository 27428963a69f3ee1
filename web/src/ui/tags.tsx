/** Colour always carries a word and a shape. */
import type { ReactNode } from 'react';
import type { Result, Tone } from '../api/contract';
import { word } from '../texts';

const SHAPES: Record<Result, { kind: string; shape: string }> = {
  违规: { kind: 'violation', shape: '■' },
  可疑: { kind: 'suspect', shape: '▲' },
  提醒: { kind: 'watch', shape: '○' },
};

/** The class suffix of a verdict: violation, suspect or watch. */
export function verdictKind(result: Result): string {
  return SHAPES[result].kind;
}

/** 系统判别. */
export function VerdictTag({ result }: { result: Result }): ReactNode {
  const { kind, shape } = SHAPES[result];
  return (
    <span className={`tag tag-${kind}`}>
      <i aria-hidden="true">{shape}</i>
      {word(`result.${kind}`, result)}
    </span>
  );
}

const TONES: Record<Tone, string> = { wait: 'grey', back: 'watch', upheld: 'violation', cleared: 'cleared', run: 'run' };

/** 办理状态: grey waits for us, blue came back, red upheld, green cleared. */
export function StatusTag({ title, tone }: { title: string; tone: Tone }): ReactNode {
  return <span className={`tag tag-${TONES[tone]}`}>{title}</span>;
}

export function PlainTag({ kind, children }: { kind: 'grey' | 'watch' | 'violation' | 'cleared' | 'run' | 'suspect'; children: ReactNode }): ReactNode {
  return <span className={`tag tag-${kind}`}>{children}</span>;
}
