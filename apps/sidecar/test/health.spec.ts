import type { Pull } from 'zeromq';
import { startSidecar, until, type SidecarUnderTest } from './sidecar.fixture.js';

describe('GET /health', () => {
  let sidecar: SidecarUnderTest;

  beforeEach(async () => {
    sidecar = await startSidecar();
  });

  afterEach(() => sidecar.close());

  const status = async (path = ''): Promise<number> => (await fetch(`${sidecar.url}/health${path}`)).status;

  it('is 200 while trades are received', async () => {
    expect(await status()).toBe(200);
    expect(await status('/ready')).toBe(200);
    expect(await status('/live')).toBe(200);
    expect(await sidecar.metric('trading_transport_link_up')).toBe(1);
  });

  it('turns to 503 when the receive loop ends, though HTTP goes on', async () => {
    sidecar.server.unwrap<Pull>().close();
    await until('the loop has ended', async () => (await status()) === 503);
    expect(await status('/ready')).toBe(503);
    // Only a new process begins another loop.
    expect(await status('/live')).toBe(503);
    expect(await sidecar.metric('trading_transport_link_up')).toBe(0);
    const response = await fetch(`${sidecar.url}/health`);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });
});
