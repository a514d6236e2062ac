import { StreamHub, type HubPort, type StreamAsk, type StreamNews } from './stream-hub.js';

/** A window: the hub's end of its port, and what it was told. */
class WindowPort implements HubPort {
  readonly told: StreamNews[] = [];

  private readonly ask: (ask: StreamAsk) => void;

  constructor(hub: StreamHub) {
    this.ask = hub.join(this);
  }

  postMessage(news: StreamNews): void {
    this.told.push(news);
  }

  follow(lastEventId?: string): void {
    this.ask({ kind: 'follow', url: 'http://desk/events', lastEventId });
  }

  leave(): void {
    this.ask({ kind: 'leave' });
  }

  get states(): string[] {
    return this.told.flatMap((news) => (news.kind === 'state' ? [news.state] : []));
  }

  get data(): string[] {
    return this.told.flatMap((news) => (news.kind === 'message' ? [news.message.data] : []));
  }
}

/** A server whose open streams can be written to. */
class Server {
  readonly ids: (string | null)[] = [];
  open = 0;
  private stream: ReadableStreamDefaultController<Uint8Array> | undefined;

  readonly fetch: typeof fetch = (_url, init) => {
    this.ids.push(new Headers(init?.headers).get('last-event-id'));
    this.open += 1;
    const start = (stream: ReadableStreamDefaultController<Uint8Array>): void => {
      this.stream = stream;
      init?.signal?.addEventListener('abort', () => {
        this.open -= 1;
        stream.error(init.signal?.reason);
      });
    };
    return Promise.resolve(new Response(new ReadableStream<Uint8Array>({ start })));
  };

  tell(id: string, data: string): void {
    this.stream?.enqueue(new TextEncoder().encode(`id: ${id}\ndata: ${data}\n\n`));
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

describe('StreamHub', () => {
  let server: Server;
  let hub: StreamHub;
  let windows: WindowPort[];

  beforeEach(() => {
    server = new Server();
    hub = new StreamHub(server.fetch);
    windows = [new WindowPort(hub), new WindowPort(hub), new WindowPort(hub)];
  });
  afterEach(() => {
    for (const each of windows) each.leave();
  });

  it('has one connection for all windows, and none when the last has left', async () => {
    for (const each of windows) each.follow();
    await until(() => windows.every(({ states }) => states.includes('open')));
    server.tell('a-1', '[1]');
    await until(() => windows.every(({ data }) => data.length > 0));
    expect(server.ids).toEqual([null]);

    for (const each of windows) each.leave();
    expect(server.open).toBe(0);
    windows[0]?.follow('a-1');
    await until(() => server.ids.length === 2);
    expect(server.ids[1]).toBe('a-1');
  });

  it('tells a window that comes later how things stand, and not what was before', async () => {
    const [first, second] = windows as [WindowPort, WindowPort];
    first.follow();
    await until(() => first.states.includes('open'));
    server.tell('a-1', '[{"type":"trade","qty":1},{"type":"link","queued":1}]');
    server.tell('a-2', '[{"type":"link","queued":2}]');
    server.tell('a-3', '[{"type":"trade","qty":2}]');
    await until(() => first.data.length === 3);

    second.follow();
    expect(second.states).toEqual(['open']);
    expect(second.data).toEqual(['[{"type":"link","queued":2}]']);
  });

  it('gives a window that comes back what it has missed, and a gap where that is no longer known', async () => {
    const [first, second, third] = windows as [WindowPort, WindowPort, WindowPort];
    first.follow();
    await until(() => first.states.includes('open'));
    for (const id of ['a-1', 'a-2', 'a-3']) server.tell(id, `["${id}"]`);
    await until(() => first.data.length === 3);

    second.follow('a-1');
    expect(second.data).toEqual(['["a-2"]', '["a-3"]']);
    third.follow('z-1');
    expect(third.told.at(-1)).toMatchObject({ message: { event: 'gap' } });
  });
});
