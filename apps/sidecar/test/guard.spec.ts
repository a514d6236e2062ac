import { request } from 'node:http';
import { startSidecar, type SidecarUnderTest } from './sidecar.fixture.js';

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

  it.each(['/metrics/', '/health'])('answers %s, which scrapers ask under any name', async (path) => {
    const answer = await getAs('sidecar.internal', `${sidecar.url}${path}`);

    expect(answer.status).toBe(200);
    expect(answer.csp).toEqual(expect.stringContaining("default-src 'none'"));
  });
});
