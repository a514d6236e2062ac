import type { GroundAttack } from '../attack.js';
import { type Ground, LOW_RATE, PASSWORD, TOKEN } from '../ground/ground.js';
import { hasSecondAddress, requestText, statusesOf, STRANGER_ADDRESS } from '../wire/http-flood.js';

/** More than the wrong tokens that one address may send in a minute. */
const GUESSES = 60;
const OK = 200;
const TOO_MANY = 429;

async function ask(url: string, token?: string): Promise<number> {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  const answer = await fetch(url, { ...(headers && { headers }) });
  await answer.arrayBuffer();
  return answer.status;
}

/** Everything that both apps show to anybody, by place. */
async function everythingSaid({
  publisherUrl,
  sidecarUrl,
  lastOutput,
}: Ground): Promise<Map<string, string>> {
  const paths = [
    '/page/settings',
    '/',
    '/plain',
    '/health',
    '/metrics',
    '/docs-json',
    '/no/such',
    '/sidecar/health',
  ];
  const urls = [
    ...paths.map((path) => publisherUrl + path),
    `${publisherUrl}/prometheus/api/v1/query?query=up`,
    ...['/health', '/metrics', '/docs-json', '/no/such'].map((path) => sidecarUrl + path),
  ];
  const said = new Map([['the log', lastOutput]]);
  for (const url of urls) {
    const answer = await fetch(url);
    said.set(new URL(url).pathname, `${JSON.stringify([...answer.headers])}\n${await answer.text()}`);
  }
  return said;
}

/** What must be limited for each address. Streams and scrapes have their own limits. */
const LIMITED: readonly (readonly [what: string, path: string, headers: Readonly<Record<string, string>>])[] =
  [
    ['/docs', '/docs', {}],
    ['/docs-json', '/docs-json', {}],
    ['a 404', '/no/such/path', {}],
    ['a broken address', '/%E0%A4%A', {}],
    ['a refusal by its name', '/', { host: 'evil.example' }],
  ];

/** Holes 5, 6 and 8: what anybody can see, and what one client can do to all others. */
export const guardAttacks: readonly GroundAttack[] = [
  {
    name: 'credentials',
    title: 'a search for the credentials of configured addresses in all that the apps show',
    setting: 'closed',
    isShort: true,
    async run(ground) {
      const said = await everythingSaid(ground);
      const encoded = Buffer.from(`desk:${PASSWORD}`).toString('base64');
      return [...said].flatMap(([where, text]) =>
        [PASSWORD, encoded, TOKEN].some((secret) => text.includes(secret))
          ? [`a secret is shown at ${where}`]
          : [],
      );
    },
  },
  {
    name: 'wrong-tokens',
    title: `${GUESSES} wrong tokens through the publisher and as many at each app, then the right one`,
    setting: 'closed',
    isShort: true,
    async run({ publisherUrl, sidecarUrl }) {
      const faults: string[] = [];
      const letters = {
        'through the publisher': `${publisherUrl}/sidecar/dead-letters`,
        'at the sidecar': `${sidecarUrl}/dead-letters`,
      };
      for (const [guessedAt, url] of Object.entries(letters)) {
        for (let index = 0; index < GUESSES; index += 1) await ask(url, `wrong-token-number-${index}`);
        for (const [where, other] of Object.entries(letters)) {
          const status = await ask(other, TOKEN);
          if (status !== OK)
            faults.push(`wrong tokens ${guessedAt}: the right one is answered ${status} ${where}`);
        }
      }
      return faults;
    },
  },
  {
    name: 'unlimited',
    title: 'more requests of every kind than one address may send in a second',
    setting: 'closed',
    isShort: true,
    async run({ urls }) {
      if (!hasSecondAddress())
        return ['this machine has no second address to call from; run without this attack'];
      const faults: string[] = [];
      for (const [index, url] of urls.entries()) {
        for (const [what, path, headers] of LIMITED) {
          const requests = Array.from({ length: LOW_RATE * 4 }, () => requestText(path, headers));
          const startMs = performance.now();
          const statuses = await statusesOf(url, requests, STRANGER_ADDRESS);
          const seconds = (performance.now() - startMs) / 1000;
          const answered = statuses.filter((status) => status !== TOO_MANY).length;
          // Each second that began allows its share, and a busy machine is slow: more answers than that were not limited.
          const may = LOW_RATE * (Math.ceil(seconds) + 1);
          if (answered > may || (seconds < 2 && !statuses.includes(TOO_MANY)))
            faults.push(
              `${index === 0 ? 'publisher' : 'sidecar'}: ${what} is not limited (${answered} in ${seconds.toFixed(1)} s)`,
            );
        }
      }
      return faults;
    },
  },
];
