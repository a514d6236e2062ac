import { useState } from 'react';
import { useDeskChoice } from '../choice/desk-choice.js';
import { DemoStart } from '../demo/demo-switch.js';
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

/** What is on the screen while it is paused. */
interface Still {
  readonly rows: readonly TapeRow[];
  readonly context: TapeContext;
}

interface NoteFacts {
  readonly matching: number;
  readonly symbol: string | undefined;
  readonly isPaused: boolean;
}

function noteOf(desk: Desk, { matching, symbol, isPaused }: NoteFacts): string {
  const parts = matching > 0 ? [`${formatCount(matching)} newest`] : [];
  if (symbol !== undefined) parts.push(`${symbol} alone`);
  if (isPaused) parts.push('paused');
  if (desk.isSampling) parts.push('a sample: the page cannot show every event; all are counted');
  if (desk.seeker.fault !== undefined)
    parts.push(`the page cannot learn which trades the sidecar received: ${desk.seeker.fault}`);
  return parts.join(' · ');
}

/** Each event's way as a row that fills in as it goes. */
export function TapeView() {
  const desk = useDesk();
  const symbol = useDeskChoice((choice) => choice.symbol);
  const [filter, setFilter] = useState<TapeFilter>(NO_FILTER);
  const [still, setStill] = useState<Still>();
  const now = (): Still => ({ rows: desk.tape.newest(), context: desk.context() });
  const { rows, context } = still ?? now();
  const matching = filterRows(rows, { ...filter, symbol }, context);
  const clear = (): void => {
    desk.tape.clear();
    if (still) setStill(now());
    desk.signal.changedNow();
  };
  return (
    <Panel
      title="Tape"
      note={noteOf(desk, { matching: matching.length, symbol, isPaused: still !== undefined })}
      className="min-h-0 flex-1 overflow-hidden"
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
      {matching.length > 0 ? (
        <TapeTable rows={matching} all={rows} />
      ) : (
        <div className="desk-tape flex-1 border-t border-line">
          {rows.length > 0 ? <Empty>No event matches the filter.</Empty> : <NoEvent />}
        </div>
      )}
    </Panel>
  );
}

function NoEvent() {
  return (
    <div className="flex flex-col items-center pb-8">
      <Empty>No event yet. Press B to buy or S to sell, or post one from a program.</Empty>
      <DemoStart />
    </div>
  );
}
