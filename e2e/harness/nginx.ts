import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../testing/ports.js';
import type { ProgramScope } from '../../testing/program.js';
import { waitUntil } from '../../testing/wait.js';

/** A reverse proxy in front of the publisher, under `/desk/`, with and without TLS. */
export interface ReverseProxy {
  /** `https://127.0.0.1:…/desk/`; its certificate is its own. */
  readonly secureUrl: string;
  /** `http://127.0.0.1:…/desk/` */
  readonly plainUrl: string;
  /** Removes its folder; its process ends with the scope. */
  remove(): void;
}

/** As docs/how-to/deployment.md has it. */
const TOLD = `
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Forwarded "";
      proxy_http_version 1.1;
      proxy_set_header Connection "";`;

function configuration(
  folder: string,
  [secure, plain]: readonly number[],
  upstream: string,
  told: string,
): string {
  const locations = `
    location /desk/ {
      proxy_pass ${upstream}/;${told}
    }`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  server {
    listen 127.0.0.1:${secure} ssl;
    ssl_certificate ${folder}/server.crt;
    ssl_certificate_key ${folder}/server.key;${locations}
  }
  server {
    listen 127.0.0.1:${plain};${locations}
  }
}
`;
}

/**
 * Starts nginx with a certificate that it signed itself.
 *
 * @param tells whether it says who asked, and for which host; otherwise it is nginx as it comes, which changes `Host`
 */
export async function startNginx(scope: ProgramScope, upstream: string, tells = true): Promise<ReverseProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-e2e-'));
  const ports = await freePorts(2);
  const [secure = 0, plain = 0] = ports;
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const files = ['-keyout', join(folder, 'server.key'), '-out', join(folder, 'server.crt')];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...names, ...files],
    {
      stdio: 'ignore',
    },
  );
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, ports, upstream, tells ? TOLD : ''));
  const nginx = scope.start('nginx', ['-p', folder, '-c', file]);
  const plainUrl = `http://127.0.0.1:${plain}/desk/`;
  await waitUntil('nginx', async () => {
    if (!nginx.isRunning) throw new Error(`nginx ended:\n${nginx.stderr}`);
    return (await fetch(`${plainUrl}health`)).ok;
  });
  return {
    secureUrl: `https://127.0.0.1:${secure}/desk/`,
    plainUrl,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
