import { StreamHub, type StreamAsk } from './stream-hub.js';

// The script of the worker that all windows of the browser share; `window-stream.ts` starts it.
const hub = new StreamHub();

globalThis.addEventListener('connect', (event) => {
  for (const port of (event as MessageEvent).ports) {
    const take = hub.join(port);
    port.addEventListener('message', ({ data }: MessageEvent<StreamAsk>) => take(data));
    port.start();
  }
});
