/** Peers that write into the log of the other side, by what they send and by how often. */
import { Controller, Logger } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { Push, Router } from 'zeromq';
import { ZmqClient } from '../../src/index.js';
import { ThrottledLog } from '@app/transport-core';
import { HELLO, kindFrame, kindOf, READY, REFUSED, REPLIES } from '../../src/wire/frames.js';
import { encodeReady } from '../../src/wire/greeting.js';
import { KeptLog } from '../harness/secured.js';
import { ServiceScope } from '../harness/service.js';
import { until } from '../harness/until.js';

const TIMES = 200;
/** It clears the screen, begins a line of its own, turns the direction of text, and moves the cursor (C1). */
const FORGED = '\u001b[2J\n[Nest] 1 - LOG all is well \u202e\u2066\u009b1m\u2028';
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}]/u;

@Controller()
class IdleController {
  @EventPattern<string>('event')
  event(): void {}
}

describe('the log, which a peer writes into', () => {
  const scope = new ServiceScope();
  const closing: { close(): unknown }[] = [];
  let log: KeptLog;

  beforeEach(() => {
    log = new KeptLog();
    Logger.overrideLogger(log);
  });
  afterEach(async () => {
    for (const one of closing.splice(0)) await one.close();
    await scope.dispose();
    Logger.overrideLogger(false);
  });

  /** What is wrong with the log: nothing or too much in it, or lines that a peer could make. */
  const faults = (): string[] => {
    const few = log.lines.length > 0 && log.lines.length < TIMES / 4;
    // A stack has lines of its own; each is indented.
    const lines = log.lines.flatMap((line) => line.split('\n'));
    const forged = lines.filter((line) => UNSEEN.test(line) || line.startsWith('[Nest]'));
    return few ? forged : [`${log.lines.length} lines`, ...forged];
  };

  /** A server that answers each HELLO with `answers`. */
  async function rogue(...answers: [kind: number, payload: string][]): Promise<ZmqClient> {
    const router = new Router({ linger: 0 });
    await router.bind('tcp://127.0.0.1:*');
    const client = new ZmqClient({ pair: 'dealer-router', connect: String(router.lastEndpoint) });
    closing.push(client, router);
    await client.open();
    let [identity, head] = await router.receive();
    while (head === undefined || kindOf(head) !== HELLO) [identity, head] = await router.receive();
    for (const [kind, payload] of answers) await router.send([identity ?? '', kindFrame(kind), payload]);
    return client;
  }

  it('has few lines of its refusals, and its words printable', async () => {
    const client = await rogue(
      ...Array.from({ length: TIMES }, (_, n): [number, string] => [
        REFUSED,
        JSON.stringify({ version: 1, code: FORGED, reason: `${n}${FORGED}` }),
      ]),
    );
    await until(() => client.stats().refusal?.startsWith(String(TIMES - 1)) === true);
    expect(client.stats().refusal).not.toMatch(UNSEEN);
    expect(faults()).toEqual([]);
  });

  it('has few lines of replies that cannot be read', async () => {
    const broken = Array.from({ length: TIMES }, (): [number, string] => [REPLIES, `"${FORGED}`]);
    const refused: [number, string] = [
      REFUSED,
      JSON.stringify({ version: 1, code: 'version', reason: 'end' }),
    ];
    const client = await rogue([READY, encodeReady(undefined)], ...broken, refused);
    await until(() => client.stats().refusal?.startsWith('end') === true);
    expect(faults()).toEqual([]);
  });

  it('has few lines of messages that are rejected', async () => {
    const service = await scope.start({ controllers: [IdleController], server: { onRejected: undefined } });
    // Nest has put its own in place.
    Logger.overrideLogger(log);
    const push = new Push({ linger: 0, sendHighWaterMark: 0 });
    closing.push(push);
    push.connect(service.address);
    for (let sent = 0; sent < TIMES; sent += 1) {
      await push.send(`"${FORGED}`);
      await push.send(JSON.stringify({ pattern: `${FORGED}${sent}`, data: 1 }));
    }
    await until(() => {
      const { malformed, no_handler: unknown } = service.server.stats().rejected;
      return malformed === TIMES && unknown === TIMES;
    });
    expect(faults()).toEqual([]);
  });

  it('says how many lines were left out, with the next one', () => {
    jest.useFakeTimers();
    const throttled = new ThrottledLog(log);
    for (let times = 0; times < TIMES; times += 1) throttled.warn('knock');
    jest.advanceTimersByTime(1000);
    throttled.error('failed', new Error('boom'));
    jest.useRealTimers();
    expect(log.lines).toEqual([
      'knock',
      expect.stringMatching(/^failed \(199 lines left out before this one\) Error: boom\n {4}at /),
    ]);
  });
});
