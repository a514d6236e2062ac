import { KeyRound, RefreshCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useDesk, useMetrics } from '../feed/desk-context.js';
import type { Letter } from '../feed/letter.js';
import { formatBytes, formatCount, formatTime } from '../format/figures.js';
import { visibleText } from '../format/visible-text.js';
import { sinceKept } from '../metrics/counted-since.js';
import { Badge } from '../ui/badge.js';
import { Button } from '../ui/button.js';
import { Empty, Panel } from '../ui/panel.js';
import { LetterDialog } from './letter-dialog.js';

const CELL = 'px-2 py-1 whitespace-nowrap';

/** The inputs that the sidecar rejected, to inspect, replay or correct. */
export function LetterTable() {
  const { letters } = useDesk();
  const metrics = useMetrics();
  const [opened, setOpened] = useState<Letter>();
  useEffect(() => void letters.refresh(), [letters]);
  const { list, fault } = letters;
  const rows = list?.letters ?? [];
  const nothing =
    fault === undefined
      ? 'The sidecar has rejected nothing.'
      : `The page cannot read the dead letters: ${fault}`;
  const counted =
    list &&
    `${formatCount(list.rejected)} rejected by the sidecar ${sinceKept(metrics)}; the newest ${formatCount(list.kept)} kept`;
  return (
    <Panel
      title="Dead letters"
      note={fault && rows.length > 0 ? `not up to date: ${fault}` : counted}
      actions={
        <Button size="sm" onClick={() => void letters.refresh('user')}>
          {letters.needsToken ? <KeyRound /> : <RefreshCw />} {letters.needsToken ? 'Enter token' : 'Refresh'}
        </Button>
      }
    >
      {rows.length === 0 ? (
        <Empty>{list || fault ? nothing : 'Asking the sidecar …'}</Empty>
      ) : (
        <div tabIndex={0} role="region" aria-label="Dead letters" className="max-h-[60dvh] overflow-auto">
          <table role="table" className="desk-cards w-full text-sm" data-testid="letters">
            <thead role="rowgroup" className="sticky top-0 bg-panel text-xs text-ink-2">
              <tr role="row">
                {['Time', 'Reason', 'Detail', 'Size', 'Content', ''].map((name) => (
                  <th key={name} role="columnheader" scope="col" className={`${CELL} text-left font-medium`}>
                    {name || <span className="sr-only">Actions</span>}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody role="rowgroup">
              {rows.map((letter) => (
                <LetterRow key={letter.id} letter={letter} onOpen={() => setOpened(letter)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {opened && <LetterDialog letter={opened} onClose={() => setOpened(undefined)} />}
    </Panel>
  );
}

function LetterRow({ letter, onOpen }: { readonly letter: Letter; readonly onOpen: () => void }) {
  return (
    <tr
      role="row"
      className="grid-cols-[1fr_auto_auto] items-center gap-x-2 gap-y-1 border-t border-line hover:bg-panel-2"
    >
      <td role="cell" className={`${CELL} text-ink-2`}>
        {formatTime(letter.receivedAtSeconds)}
      </td>
      <td role="cell" className={CELL}>
        <Badge tone="bad">{letter.reason}</Badge>
        {letter.replayedAtSeconds !== undefined && <span className="ml-1 text-xs text-ink-2">replayed</span>}
      </td>
      <td
        role="cell"
        className="max-w-72 truncate px-2 py-1 max-sm:order-last max-sm:col-span-full max-sm:max-w-none max-sm:whitespace-normal"
        title={visibleText(letter.detail)}
      >
        {visibleText(letter.detail)}
      </td>
      <td role="cell" className={`${CELL} text-right max-sm:hidden`}>
        {formatBytes(letter.contentBytes)}
      </td>
      <td
        role="cell"
        className="w-full max-w-0 min-w-32 truncate px-2 py-1 font-mono text-xs max-sm:order-last max-sm:col-span-full max-sm:max-w-none max-sm:break-all max-sm:whitespace-normal"
      >
        {visibleText(letter.content) || '(empty)'}
      </td>
      <td role="cell" className={CELL}>
        <Button size="sm" aria-label={`Inspect dead letter ${letter.id}`} onClick={onOpen}>
          Inspect
        </Button>
      </td>
    </tr>
  );
}
