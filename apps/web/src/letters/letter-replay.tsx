import { useState } from 'react';
import { toast } from 'sonner';
import { useStillDesk } from '../feed/desk-context.js';
import type { Letter } from '../feed/letter.js';
import { formatTime } from '../format/figures.js';
import { askJson, ProblemError } from '../net/problem-error.js';
import { Button } from '../ui/button.js';

/** The part of the sidecar's answer that the page shows. */
interface ReplayAnswer {
  readonly alreadyReplayed: boolean;
  readonly replayedAtSeconds: number;
}

/** Whether the sidecar can apply the event as it is; a letter that was cut or never decoded has no event. */
function isReplayable({ replayable = true, truncated, encoding }: Letter): boolean {
  return replayable && !truncated && encoding === 'json';
}

/** Has the sidecar apply a letter's event as it is, for events that failed and can succeed now. */
export function LetterReplay({ letter, onSent }: { readonly letter: Letter; readonly onSent: () => void }) {
  const { letters } = useStillDesk();
  const [isAsking, setAsking] = useState(false);
  if (letter.replayedAtSeconds !== undefined) {
    return <p className="text-ink-2">It was replayed at {formatTime(letter.replayedAtSeconds)}.</p>;
  }
  if (!isReplayable(letter)) {
    return <p className="text-ink-2">A replay cannot succeed: the sidecar would reject it again.</p>;
  }
  const replay = async (): Promise<void> => {
    setAsking(true);
    try {
      const answer = await askJson<ReplayAnswer>(`sidecar/dead-letters/${letter.id}/replay`, {
        method: 'POST',
      });
      const when = formatTime(answer.replayedAtSeconds);
      if (answer.alreadyReplayed) toast.warning(`Already replayed at ${when}: it is counted once`);
      else toast.success(`Replayed at ${when}`);
      onSent();
      void letters.refresh();
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      toast.error(error.message);
      setAsking(false);
    }
  };
  return (
    <div className="flex flex-wrap items-center gap-2 border-t border-line pt-3">
      <span className="grow text-ink-2">Let the sidecar apply the same event, unchanged:</span>
      <Button disabled={isAsking} onClick={() => void replay()}>
        Replay
      </Button>
    </div>
  );
}
