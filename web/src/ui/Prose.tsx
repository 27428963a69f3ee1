/** Words of a rule's file for reading. */
import type { ReactNode } from 'react';
import { blocks } from './prose';

export function Prose({ text }: { text: string }): ReactNode {
  return (
    <div className="prose reading">
      {blocks(text).map((block, i) =>
        block.kind === 'text' ? (
          <p key={i}>{block.text}</p>
        ) : (
          <ul key={i} className="bullets">
            {block.items.map((item) => (
              <li key={item}>{item}</li>
            ))}
          </ul>
        ),
      )}
    </div>
  );
}
