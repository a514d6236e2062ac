import { DenialLog } from './server-curve.js';

/** A planned change of keys was once 35 lines of refusals. */
describe('the log of refusals', () => {
  let nowMs = 1_000_000;
  const lines: string[] = [];
  let log: DenialLog;
  let isChanging: boolean;

  beforeEach(() => {
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
    lines.length = 0;
    const warn = (line: unknown): void => void lines.push(String(line));
    isChanging = true;
    log = new DenialLog({ warn, error: warn, log: warn }, () => isChanging);
  });
  afterEach(() => jest.restoreAllMocks());

  function knock(times: number, everyMs: number): void {
    for (let time = 0; time < times; time += 1) {
      nowMs += everyMs;
      log.add('server_key');
    }
  }

  it('says nothing of clients that wait for the key they were told of, and counts them', () => {
    knock(35, 200);
    log.keysChanged();
    expect(lines).toEqual([]);
    expect(log.count).toBe(35);
  });

  it('says that the keys of a client do not fit, at once and then once a minute, when no change is planned', () => {
    isChanging = false;
    knock(80, 1000);
    expect(lines).toEqual([
      'denied a peer: it expects another server key, or its own two keys do not match (1 denied so far)',
      expect.stringContaining('(61 denied so far)'),
    ]);
  });

  it('says at once who is not allowed, and each once', () => {
    for (const who of ['the client A', 'the client A', 'the client B']) {
      nowMs += 1500;
      log.add('client_key', who);
    }
    expect(lines).toEqual([
      'denied the client A: its public key is not allowed (1 denied so far)',
      'denied the client B: its public key is not allowed (3 denied so far)',
    ]);
  });
});
