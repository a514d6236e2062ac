import { request } from 'node:http';
import { startSidecar, type SidecarUnderTest, until } from './sidecar.fixture.js';

/** The status and headers of a GET under a name of the caller's choice, which fetch would not send. */
function getAs(host: string, url: string): Promise<{ status: number | undefined; csp: unknown }> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        resolve({ status: answer.statusCode, csp: answer.headers['content-security-policy'] }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('the sidecar under a name that is not its own', () => {
  let sidecar: SidecarUnderTest;

  beforeAll(async () => {
    sidecar = await startSidecar();
  });
  afterAll(() => sidecar.close());

  it.each(['/dead-letters', '/analytics/export?last=1h'])(
    'refuses %s, as a rebound name would ask',
    async (path) => {
      expect((await getAs('evil.example', `${sidecar.url}${path}`)).status).toBe(403);
      expect((await getAs('localhost', `${sidecar.url}${path}`)).status).toBe(200);
    },
  );

  it.each(['/metrics/', '/health', '/health/live', '/health/ready/'])(
    'answers %s, which scrapers ask under any name',
    async (path) => {
      const answer = await getAs('sidecar.internal', `${sidecar.url}${path}`);

      expect(answer.status).toBe(200);
      expect(answer.csp).toEqual(expect.stringContaining("default-src 'none'"));
    },
  );
});

describe('what a page of another site sends to the sidecar', () => {
  const TOKEN = 'a-token-of-the-test-0123456789';
  let sidecar: SidecarUnderTest;

  beforeAll(async () => {
    sidecar = await startSidecar({ API_TOKEN: TOKEN });
  });
  afterAll(() => sidecar.close());

  const replay = (headers: Record<string, string>) =>
    sidecar.app.inject({
      method: 'POST',
      url: '/dead-letters/x-1/replay',
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    });

  it.each<Record<string, string>>([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'http://localhost:8000' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'no address' },
  ])('is refused, with the right token too: %p', async (headers) => {
    const answer = await replay(headers);
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ errors: [{ field: 'origin', rule: 'sameOrigin' }] });
  });

  it.each<Record<string, string>>([
    {},
    { 'sec-fetch-site': 'same-origin' },
    { host: 'localhost:8001', origin: 'http://localhost:8001' },
  ])('is looked at when a program or our own page sends it: %p', async (headers) => {
    // There is no such letter: it came past the guard.
    expect((await replay(headers)).statusCode).toBe(404);
  });
});

describe('markup that somebody sent', () => {
  let sidecar: SidecarUnderTest;

  beforeAll(async () => {
    sidecar = await startSidecar();
  });
  afterAll(() => sidecar.close());

  it('is shown as a dead letter that no browser takes for a page', async () => {
    await sidecar.connect().send('<script>alert(1)</script>');
    await until('it is rejected', async () => (await sidecar.letters()).rejected === 1);
    const { headers, body } = await sidecar.app.inject('/dead-letters');
    expect(body).toContain('<script>alert(1)</script>');
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it.each(['/<script>alert(1)</script>', '/%3Cscript%3E', '/dead-letters?limit=<script>'])(
    'is no page in the refusal of %s',
    async (url) => {
      const { statusCode, headers } = await sidecar.app.inject({ url });
      expect(statusCode).toBeGreaterThanOrEqual(400);
      expect(headers['content-type']).toContain('application/problem+json');
      expect(headers['x-content-type-options']).toBe('nosniff');
    },
  );
});
