import { useState } from 'react';
import { toast } from 'sonner';
import { useStillDesk } from '../feed/desk.context.js';
import type { Letter } from '../feed/letter.js';
import { formatTime } from '../format/time.format.js';
import { askJson, ProblemError } from '../net/problem.error.js';
import { Button } from '../ui/button.js';

/** What of the sidecar's answer is told. */
interface ReplayAnswer {
  readonly alreadyReplayed: boolean;
  readonly replayedAtSeconds: number;
}

/** Has the sidecar apply a letter's event as it is; for what failed and would work now. */
export function LetterReplay({ letter, onSent }: { readonly letter: Letter; readonly onSent: () => void }) {
  const { letters } = useStillDesk();
  const [isAsking, setAsking] = useState(false);
  if (letter.replayedAtSeconds !== undefined) {
    return <p className="text-ink-2">It was sent again at {formatTime(letter.replayedAtSeconds)}.</p>;
  }
  // The sidecar would refuse these.
  if (letter.truncated || letter.encoding !== 'json') return null;
  const replay = async (): Promise<void> => {
    setAsking(true);
    try {
      const answer = await askJson<ReplayAnswer>(`sidecar/dead-letters/${letter.id}/replay`, {
        method: 'POST',
      });
      const when = formatTime(answer.replayedAtSeconds);
      if (answer.alreadyReplayed) toast.warning(`It had been sent again before, at ${when}`);
      else toast.success(`Sent again at ${when}`);
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
      <span className="grow text-ink-2">Have the sidecar try the same event once more:</span>
      <Button disabled={isAsking} onClick={() => void replay()}>
        Send again unchanged
      </Button>
    </div>
  );
}
