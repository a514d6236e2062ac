import type { IncomingMessage } from 'node:http';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventOf } from '../../oracle/event-number.js';
import type { GroundAttack } from '../attack.js';
import type { Ground } from '../ground/ground.js';
import { floodUnread, hasSecondAddress, requestText, STRANGER_ADDRESS } from '../wire/http-flood.js';

const CONNECTIONS = 20;
const SCRAPES = 1_400;
const QUESTIONS = 700;
const STREAMS = 300;
/** How many items a feed keeps for readers that come back. */
const FEED_ITEMS = 4_096;
const REPLAYS = 1_000;
const STREAMS_AT_ONCE = 100;
const OK = 200;
const ACCEPTED = 202;
/** Longer than an app keeps a stream that nobody reads. */
const UNREAD_MS = 5_000;

/** `count` requests, taken from these in turn. */
function inTurn(
  count: number,
  paths: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): string[] {
  return Array.from({ length: count }, (_, index) =>
    requestText(paths[index % paths.length] ?? '/', headers),
  );
}

/** Opens a stream. @returns its status and the way to close it; status 0 when the connection was refused */
function openStream(url: string, localAddress?: string): Promise<{ status: number; close: () => void }> {
  return new Promise((resolve) => {
    const options = { agent: false, ...(localAddress && { localAddress }) };
    const request = get(url, options, (answer: IncomingMessage) => {
      answer.on('error', () => answer.destroy());
      resolve({ status: answer.statusCode ?? 0, close: () => answer.destroy() });
    });
    request.on('error', () => resolve({ status: 0, close: () => undefined }));
  });
}

const FEEDS = (ground: Ground): string[] => [
  `${ground.publisherUrl}/events`,
  `${ground.sidecarUrl}/stream`,
  `${ground.publisherUrl}/sidecar/stream`,
];

/** Hole 2, and the streams of hole 8: work that nobody waits for, and places that one client holds and all need. */
export const unreadAttacks: readonly GroundAttack[] = [
  {
    name: 'unread-scrapes',
    title: `${CONNECTIONS} connections of ${SCRAPES} pipelined GET /metrics each, to both apps, unread and closed`,
    setting: 'open',
    isShort: true,
    async run({ urls }) {
      for (const url of urls) {
        await floodUnread(
          url,
          CONNECTIONS,
          inTurn(SCRAPES, ['/metrics', '/metrics/', '/metrics?again'], { host: 'evil.example' }),
        );
        await floodUnread(
          url,
          CONNECTIONS,
          inTurn(SCRAPES, ['/metrics'], { accept: 'application/openmetrics-text' }),
        );
      }
      return [];
    },
  },
  {
    name: 'unread-answers',
    title: 'the same with documents, analytics, exports and what the publisher passes on',
    setting: 'open',
    isShort: true,
    async run({ publisherUrl, sidecarUrl }) {
      const questions = ['summary', 'series?last=1h', 'latency?last=1h', 'export?format=csv&last=1h'];
      const analytics = questions.map((question) => `/analytics/${question}`);
      await floodUnread(publisherUrl, CONNECTIONS, inTurn(QUESTIONS, ['/docs-json', '/docs']));
      await floodUnread(sidecarUrl, CONNECTIONS, inTurn(QUESTIONS, ['/docs-json', '/dead-letters']));
      await floodUnread(sidecarUrl, CONNECTIONS, inTurn(QUESTIONS, analytics));
      const passedOn = ['/sidecar/metrics', ...analytics.map((path) => `/sidecar${path}`)];
      await floodUnread(publisherUrl, CONNECTIONS, inTurn(QUESTIONS, passedOn));
      return [];
    },
  },
  {
    name: 'unread-streams',
    title: 'many streams on each connection, never read, then closed',
    setting: 'open',
    isShort: false,
    async run({ publisherUrl, sidecarUrl }) {
      await floodUnread(publisherUrl, STREAMS, inTurn(CONNECTIONS, ['/events', '/sidecar/stream']));
      await floodUnread(sidecarUrl, STREAMS, inTurn(CONNECTIONS, ['/stream']));
      const streams = await Promise.all(
        FEEDS({ publisherUrl, sidecarUrl } as Ground).map((url) => openStream(url)),
      );
      await sleep(UNREAD_MS);
      for (const { close } of streams) close();
      const wrong = streams.filter(({ status }) => status !== OK);
      return wrong.length > 0 ? ['closed streams still count against the limit'] : [];
    },
  },
  {
    name: 'replayed-streams',
    title: `${REPLAYS} streams, one after the other, each asking for all that the feed still has`,
    setting: 'open',
    isShort: false,
    async run(ground) {
      const numbers = ground.takeNumbers(FEED_ITEMS);
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify(numbers.map(eventOf));
      const answer = await fetch(`${ground.publisherUrl}/trades`, { method: 'POST', headers, body });
      await answer.arrayBuffer();
      if (answer.status !== ACCEPTED) return [`trades in bulk are answered with ${answer.status}`];
      for (const number of numbers) ground.ownTrades.add(number);
      for (const feed of FEEDS(ground)) {
        const request = requestText(new URL(feed).pathname, { 'last-event-id': '0-0' });
        for (let index = 0; index < REPLAYS; index += STREAMS_AT_ONCE)
          await floodUnread(feed, STREAMS_AT_ONCE, [request]);
      }
      return [];
    },
  },
  {
    name: 'all-streams',
    title: `${STREAMS} streams of one address, at each feed: another address wants one`,
    setting: 'open',
    isShort: true,
    async run(ground) {
      // With only one address, nobody can tell the stranger from the others.
      if (!hasSecondAddress())
        return ['this machine has no second address to call from; run without this attack'];
      const faults: string[] = [];
      for (const feed of FEEDS(ground)) {
        const held = await Promise.all(
          Array.from({ length: STREAMS }, () => openStream(feed, STRANGER_ADDRESS)),
        );
        const honest = await openStream(feed);
        if (honest.status !== OK)
          faults.push(`${new URL(feed).pathname}: one address holds all streams (${honest.status})`);
        for (const { close } of [...held, honest]) close();
      }
      return faults;
    },
  },
];
