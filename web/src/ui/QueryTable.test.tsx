import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState, type ReactNode } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { QueryTable } from './QueryTable';

type Row = { id: string; name: string };
const ROWS: Row[] = ['a', 'b', 'c'].map((id) => ({ id, name: `name ${id}` }));

function Table({ onSend, onChosen }: { onSend?: (row: Row) => void; onChosen?: (ids: string[]) => void }): ReactNode {
  const [open, setOpen] = useState<string>();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  return (
    <QueryTable
      label="rows"
      rows={ROWS}
      id={(row) => row.id}
      columns={[{ id: 'name', title: 'name', cell: (row) => row.name }]}
      empty={null}
      open={open}
      onOpen={setOpen}
      detail={(row) => <p>opened {row.id}</p>}
      chosen={chosen}
      onChosen={(next) => {
        setChosen(next);
        onChosen?.([...next]);
      }}
      keys={{ f: (row) => onSend?.(row) }}
    />
  );
}

afterEach(cleanup);
Element.prototype.scrollIntoView = () => undefined;
globalThis.CSS = { escape: (text: string) => text } as typeof CSS;

describe('QueryTable', () => {
  it('moves by J and K, opens by Enter, closes by Escape, focus staying on the row', async () => {
    const user = userEvent.setup();
    render(<Table />);
    await user.keyboard('jj');
    expect(document.activeElement?.getAttribute('data-id')).toBe('b');
    await user.keyboard('{Enter}');
    expect(screen.getByText('opened b')).toBeTruthy();
    await user.keyboard('{Escape}');
    expect(screen.queryByText('opened b')).toBeNull();
    await user.keyboard('k');
    expect(document.activeElement?.getAttribute('data-id')).toBe('a');
    await user.keyboard('k');
    expect(document.activeElement?.getAttribute('data-id')).toBe('a');
  });

  it('selects by X and by the box of the head, and runs the keys of the page on the row under the cursor', async () => {
    const user = userEvent.setup();
    const [chosen, sent] = [vi.fn(), vi.fn()];
    render(<Table onChosen={chosen} onSend={sent} />);
    await user.keyboard('jxf');
    expect(chosen).toHaveBeenLastCalledWith(['a']);
    expect(sent).toHaveBeenCalledWith(ROWS[0]);
    const boxes = screen.getAllByRole('checkbox');
    await user.click(boxes[0] as HTMLElement);
    expect(chosen).toHaveBeenLastCalledWith(['a', 'b', 'c']);
  });

  it('rests while one types', async () => {
    const user = userEvent.setup();
    const sent = vi.fn();
    render(
      <>
        <input aria-label="words" />
        <Table onSend={sent} />
      </>,
    );
    await user.keyboard('j');
    await user.click(screen.getByLabelText('words'));
    await user.keyboard('fjx');
    expect(sent).not.toHaveBeenCalled();
    expect((screen.getByLabelText('words') as HTMLInputElement).value).toBe('fjx');
  });

  it('says open or closed on the button of the row, and a click on the row opens too', async () => {
    const user = userEvent.setup();
    render(<Table />);
    const row = screen.getByText('name c').closest('tr') as HTMLElement;
    const button = within(row).getByRole('button');
    expect(button.getAttribute('aria-expanded')).toBe('false');
    await user.click(screen.getByText('name c'));
    expect(button.getAttribute('aria-expanded')).toBe('true');
    await user.click(button);
    expect(screen.queryByText('opened c')).toBeNull();
  });
});
