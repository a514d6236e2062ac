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
          <table className="w-full text-sm" data-testid="letters">
            <thead className="sticky top-0 bg-panel text-xs text-ink-2">
              <tr>
                {['Time', 'Reason', 'Detail', 'Size', 'Content', ''].map((name) => (
                  <th key={name} scope="col" className={`${CELL} text-left font-medium`}>
                    {name || <span className="sr-only">Actions</span>}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
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
    <tr className="border-t border-line hover:bg-panel-2">
      <td className={`${CELL} text-ink-2`}>{formatTime(letter.receivedAtSeconds)}</td>
      <td className={CELL}>
        <Badge tone="bad">{letter.reason}</Badge>
        {letter.replayedAtSeconds !== undefined && <span className="ml-1 text-xs text-ink-2">replayed</span>}
      </td>
      <td className="max-w-72 truncate px-2 py-1" title={visibleText(letter.detail)}>
        {visibleText(letter.detail)}
      </td>
      <td className={`${CELL} text-right`}>{formatBytes(letter.contentBytes)}</td>
      <td className="w-full max-w-0 min-w-32 truncate px-2 py-1 font-mono text-xs">
        {visibleText(letter.content) || '(empty)'}
      </td>
      <td className={CELL}>
        <Button size="sm" aria-label={`Inspect dead letter ${letter.id}`} onClick={onOpen}>
          Inspect
        </Button>
      </td>
    </tr>
  );
}
