import type { GroundAttack } from '../attack.js';

const DIGITS = 100_000;
/** For headers and parts of a multipart form, whose length is limited anyway. */
const FIELD_DIGITS = 4_000;
const ANSWER_MS = 120_000;
const FORM = 'application/x-www-form-urlencoded';

interface Post {
  readonly type: string;
  readonly body: string;
}

function multipart(value: string): Post {
  const body = `--b\r\ncontent-disposition: form-data; name="qty"\r\n\r\n${value}\r\n--b--\r\n`;
  return { type: 'multipart/form-data; boundary=b', body };
}

/** Texts that a regular expression with two overlapping runs reads again and again. */
const POSTS: readonly Post[] = [
  { type: FORM, body: `qty=${'1'.repeat(DIGITS)}x` },
  { type: FORM, body: `qty=${'1'.repeat(DIGITS / 2)}.${'1'.repeat(DIGITS / 2)}x` },
  { type: FORM, body: `qty=%2B${'0'.repeat(DIGITS)}e` },
  multipart(`${'1'.repeat(FIELD_DIGITS)}x`),
  { type: 'application/json', body: JSON.stringify({ qty: `${'1'.repeat(DIGITS)}x` }) },
];

/** Headers that our regular expressions read. */
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { authorization: `Bearer ${' '.repeat(FIELD_DIGITS)}x${' '.repeat(FIELD_DIGITS)}x` },
  { host: `${'a.'.repeat(FIELD_DIGITS)}x` },
  { accept: `text/html${';q=0'.repeat(FIELD_DIGITS)}` },
];

async function statusOf(url: string, init: RequestInit): Promise<number> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
  await answer.arrayBuffer();
  return answer.status;
}

/** Hole 1: text that makes a regular expression backtrack. */
export const patternAttacks: readonly GroundAttack[] = [
  {
    name: 'backtracking',
    title:
      'form posts and headers with one long run of a character, which a slow pattern reads again and again',
    setting: 'open',
    isShort: true,
    async run({ urls, publisherUrl }) {
      const statuses: number[] = [];
      for (const { type, body } of POSTS) {
        const headers = { 'content-type': type, accept: 'application/json' };
        statuses.push(await statusOf(`${publisherUrl}/trade/buy`, { method: 'POST', headers, body }));
      }
      for (const url of urls) for (const headers of HEADERS) await statusOf(`${url}/no/such`, { headers });
      const wrong = statuses.filter((status) => status < 400 || status >= 500);
      return wrong.length > 0 ? [`an invalid quantity was answered with ${wrong.join(', ')}`] : [];
    },
  },
];
