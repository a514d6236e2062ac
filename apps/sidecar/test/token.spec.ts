import { type SidecarUnderTest, startSidecar } from './sidecar.fixture.js';

const TOKEN = 'a-token-of-the-test-0123456789';
let sidecar: SidecarUnderTest;

beforeAll(async () => {
  sidecar = await startSidecar({ API_TOKEN: TOKEN });
});
afterAll(() => sidecar.close());

async function askWith(token: string): Promise<number> {
  return (await fetch(`${sidecar.url}/dead-letters`, { headers: { authorization: `Bearer ${token}` } }))
    .status;
}

describe('a sidecar with a token', () => {
  it.each(['/dead-letters', '/dead-letters/', '/dead%2Dletters', '/dead-letters?limit=1'])(
    'shows %s only to those who have it',
    async (path) => {
      const ask = async (headers: Record<string, string>): Promise<number> =>
        (await fetch(sidecar.url + path, { headers })).status;
      expect(await ask({})).toBe(401);
      expect(await ask({ authorization: `Basic ${TOKEN}` })).toBe(401);
      expect(await ask({ authorization: `Bearer ${TOKEN}` })).toBe(200);
    },
  );

  it('asks HEAD for it too', async () => {
    expect((await fetch(`${sidecar.url}/dead-letters`, { method: 'HEAD' })).status).toBe(401);
  });

  it('is accepted after any number of wrong ones from the same address', async () => {
    const statuses = new Set<number>();
    for (let n = 0; n < 31; n += 1) statuses.add(await askWith(`guess-${n}`));
    expect([...statuses]).toEqual([401, 429]);
    expect(await askWith(TOKEN)).toBe(200);
  });

  it('takes no write without it', async () => {
    const answer = await fetch(`${sidecar.url}/dead-letters/1/replay`, { method: 'POST' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  it.each(['/metrics', '/health', '/health/live', '/health/ready', '/docs-json', '/analytics/summary'])(
    'shows %s to everybody',
    async (path) => {
      const answer = await fetch(sidecar.url + path);
      expect(answer.status).toBe(200);
      expect(await answer.text()).not.toContain(TOKEN);
    },
  );
});
