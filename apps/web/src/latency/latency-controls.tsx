import { Download, Image, Pause, Play } from 'lucide-react';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/choice.js';

const SPANS = [
  { value: '60', label: '1 min' },
  { value: '300', label: '5 min' },
  { value: '900', label: '15 min' },
];
const LONG_SPANS = [
  { value: '3600', label: '1 h' },
  { value: '21600', label: '6 h' },
  { value: '86400', label: '24 h' },
];

interface LatencyControlsProps {
  readonly span: string;
  /** True where a Prometheus is configured: it remembers for longer than the page. */
  readonly hasLongSpans: boolean;
  readonly isPaused: boolean;
  readonly isEmpty: boolean;
  readonly onSpan: (span: string) => void;
  readonly onPause: () => void;
  readonly onPng: () => void;
  readonly onCsv: () => void;
}

/** Time span, pause, save. */
export function LatencyControls(props: LatencyControlsProps) {
  const { span, hasLongSpans, isPaused, isEmpty } = props;
  const spans = hasLongSpans ? [...SPANS, ...LONG_SPANS] : SPANS;
  return (
    <>
      <Choice label="Time span" value={span} options={spans} onChange={props.onSpan} />
      <Button size="sm" aria-pressed={isPaused} onClick={props.onPause}>
        {isPaused ? <Play /> : <Pause />}
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
      <Button size="sm" disabled={isEmpty} onClick={props.onPng}>
        <Image /> PNG
      </Button>
      <Button size="sm" disabled={isEmpty} onClick={props.onCsv}>
        <Download /> CSV
      </Button>
    </>
  );
}
