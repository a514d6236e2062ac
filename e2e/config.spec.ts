import { ProgramScope } from '../testing/program.js';

describe('a configuration that cannot be used', () => {
  const scope = new ProgramScope();
  afterEach(() => scope.dispose());

  it.each([
    ['sidecar', 'SIDECAR_ZMQ_BIND', 'SIDECAR_METRICS'],
    ['publisher', 'WEBAPP_ZMQ_ADDR', 'EVENT_TYPES'],
  ])('makes the %s list all faults at once and exit with 78', async (app, addressKey, fileKey) => {
    const started = scope.start(process.execPath, [`dist/apps/${app}/apps/${app}/src/main.js`], {
      PORT: 'eighty',
      [addressKey]: 'no-address',
      [fileKey]: 'nest-cli.json',
    });

    expect(await started.exited).toEqual({ code: 78, signal: null });
    expect(started.stderr).toContain('PORT: "eighty"');
    expect(started.stderr).toContain(`${addressKey}: "no-address"`);
    expect(started.stderr).toContain(`${fileKey}: "nest-cli.json" cannot be used; nest-cli.json:1:1: `);
    expect(started.stderr).toContain('\nnest-cli.json:2:3: the key $schema is not allowed here\n');
    expect(started.stderr).not.toMatch(/^ +at /m);
  });

  it.each([
    [['nest-cli.json'], 78, 'nest-cli.json:2:3: the key $schema is not allowed here'],
    [
      ['examples/orders.yml', '--event', '{"type": "order", "venue": "X"}'],
      1,
      'the event is rejected (invalid_event): /ms is missing',
    ],
    [['examples/orders.yml', '--event', '{"type": "fill"}'], 1, 'the file has no type "fill"'],
    [['examples/orders.yml', '--event', 'order'], 64, '--event takes one JSON object'],
  ])('metrics:check %j ends with %i', async (args, code, words) => {
    const check = scope.start(process.execPath, ['scripts/metrics-check.mjs', ...args]);

    expect(await check.exited).toEqual({ code, signal: null });
    expect(check.output).toContain(words);
  });
});
