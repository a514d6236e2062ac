import { ProgramScope } from '../testing/program.js';

describe('a configuration that cannot be used', () => {
  const scope = new ProgramScope();
  afterEach(() => scope.dispose());

  it.each([
    ['sidecar', 'SIDECAR_ZMQ_BIND'],
    ['publisher', 'WEBAPP_ZMQ_ADDR'],
  ])('makes the %s list all faults at once and exit with 78', async (app, addressKey) => {
    const started = scope.start(process.execPath, [`dist/apps/${app}/apps/${app}/src/main.js`], {
      PORT: 'eighty',
      [addressKey]: 'no-address',
    });

    expect(await started.exited).toEqual({ code: 78, signal: null });
    expect(started.stderr).toContain('PORT: "eighty"');
    expect(started.stderr).toContain(`${addressKey}: "no-address"`);
    expect(started.stderr).not.toMatch(/^ +at /m);
  });
});
