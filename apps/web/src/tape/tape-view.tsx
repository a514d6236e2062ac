import { useState } from 'react';
import { useDesk } from '../feed/desk-context.js';
import type { Desk } from '../feed/desk.js';
import { saveCsv } from '../format/file-saver.js';
import { formatCount } from '../format/figures.js';
import { Empty, Panel } from '../ui/panel.js';
import { TapeControls } from './tape-controls.js';
import { tapeCsv } from './tape-export.js';
import { filterRows, NO_FILTER, type TapeFilter } from './tape.filter.js';
import { TapeTable } from './tape-table.js';
import type { TapeContext, TapeRow } from './tape-row.js';

const SHOWN_ROWS = 100;

/** What is on the screen while it is paused. */
interface Still {
  readonly rows: readonly TapeRow[];
  readonly context: TapeContext;
}

function noteOf(desk: Desk, matching: number, isPaused: boolean): string {
  const parts = [];
  if (isPaused) parts.push('paused');
  if (desk.isSampling) parts.push('a sample: the page cannot show every event; all are counted');
  if (desk.seeker.fault !== undefined)
    parts.push(`the page cannot learn which trades the sidecar received: ${desk.seeker.fault}`);
  if (matching > SHOWN_ROWS) parts.push(`newest ${SHOWN_ROWS} of ${formatCount(matching)}`);
  return parts.join(' · ');
}

/** Each event's way as a row that fills in as it goes. */
export function TapeView() {
  const desk = useDesk();
  const [filter, setFilter] = useState<TapeFilter>(NO_FILTER);
  const [still, setStill] = useState<Still>();
  const now = (): Still => ({ rows: desk.tape.newest(), context: desk.context() });
  const { rows, context } = still ?? now();
  const matching = filterRows(rows, filter, context);
  const clear = (): void => {
    desk.tape.clear();
    if (still) setStill(now());
    desk.signal.changedNow();
  };
  return (
    <Panel
      title="Tape"
      note={noteOf(desk, matching.length, still !== undefined)}
      className="lg:min-h-0 lg:flex-1"
      actions={
        <TapeControls
          filter={filter}
          isPaused={still !== undefined}
          onFilter={setFilter}
          onPause={() => setStill(still ? undefined : now())}
          onClear={clear}
          onExport={() => saveCsv('tape.csv', tapeCsv(matching))}
        />
      }
    >
      {/* Focusable, so that it scrolls by keyboard. */}
      <div
        tabIndex={0}
        role="region"
        aria-label="Tape of events"
        className="max-h-[70dvh] min-h-40 overflow-auto lg:max-h-none lg:flex-1"
      >
        {matching.length > 0 ? (
          <TapeTable rows={matching.slice(0, SHOWN_ROWS)} />
        ) : (
          <Empty>
            {rows.length === 0
              ? 'No event yet. Press B to buy or S to sell, or post one from a program.'
              : 'No event matches the filter.'}
          </Empty>
        )}
      </div>
    </Panel>
  );
}
