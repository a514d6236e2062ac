import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { LinkService } from '../src/publishing/link.service.js';
import { receive, startLinked } from './publisher.fixture.js';

describe('when it is closed, the publisher', () => {
  it('ends open streams and sends what it had accepted', async () => {
    const { app, pull } = await startLinked({ DRAIN_TIMEOUT_MS: 5000 });
    const [stream] = (await once(get(`${await app.getUrl()}/events`, { agent: false }), 'response')) as [
      IncomingMessage,
    ];
    stream.resume();
    const ended = once(stream, 'end');
    const items = Array.from({ length: 500 }, (_, qty) => ({ side: 'buy', qty }));
    const accepted = await app.inject({ method: 'POST', url: '/trades', payload: items });
    const link = app.get(LinkService);
    await app.close();
    await ended;
    expect(accepted.json()).toMatchObject({ accepted: 500 });
    expect(link.state).toBe('closed');
    expect(await receive(pull, 500)).toMatchObject(items);
    pull.close();
  });
});
