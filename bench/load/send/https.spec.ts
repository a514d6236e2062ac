// The load over https, with a certificate that only --ca knows (field case 23).
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, globalAgent, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSnapshot } from '../measure/metrics-reader.js';
import { trustCertificates } from '../secret-files.js';
import { HttpSender } from './http-sender.js';

describe('an https: address', () => {
  let folder: string;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'load-https-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', [...kind, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
    server = createServer({ key: await readFile(key), cert: await readFile(cert) }, (request, answer) => {
      request.resume();
      if (request.method === 'POST') answer.writeHead(202).end('{}');
      else answer.end('trades_total{side="buy"} 7\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    delete globalAgent.options.ca;
    globalAgent.destroy();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  async function post(): Promise<unknown> {
    const sender = new HttpSender(url, 'accepted');
    sender.send({ dueSeconds: 0, side: 'buy', qty: 1 }, { epochSeconds: 0, clockMs: performance.now() });
    const { accepted, errors } = await sender.settle();
    sender.close();
    return { accepted, errors };
  }

  it('is posted to and read from once its certificate is trusted, and not before', async () => {
    const refusal = { DEPTH_ZERO_SELF_SIGNED_CERT: 1 };
    expect(await post()).toEqual({ accepted: 0, errors: refusal });
    await expect(readSnapshot(url)).rejects.toMatchObject({ code: Object.keys(refusal)[0] });

    trustCertificates(join(folder, 'cert.pem'));
    expect(await post()).toEqual({ accepted: 1, errors: {} });
    expect(await readSnapshot(url)).toMatchObject({ trades: 7 });
  });

  it('is refused a file that holds no certificate', () => {
    expect(() => trustCertificates(join(folder, 'key.pem'))).toThrow('--ca: there is no certificate in');
    expect(() => trustCertificates(join(folder, 'none.pem'))).toThrow('--ca: ');
  });
});
