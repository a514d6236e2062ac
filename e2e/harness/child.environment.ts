/** Settings of whoever runs the tests must not reach the apps under test. */
const OURS =
  /^(HOST|PORT|ZMQ_.*|WEBAPP_.*|SIDECAR_.*|PUBLISHER_.*|DEAD_LETTER_.*|OUTBOX_.*|MAX_.*|DRAIN_.*|BULK_.*|DELIVERY|SPOOL_.*|PRODUCER_ID|APPLIED_.*|CURVE_.*|API_TOKEN.*|LOG_.*|HTTP_(RATE|SCRAPE|STREAMS)_.*|NODE_ENV|NODE_OPTIONS|JEST_.*|npm_.*)$/;

/** The environment of a started process: the machine's, without our own settings, and then `settings`. */
export function childEnvironment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([key]) => !OURS.test(key));
  return { ...Object.fromEntries(inherited), NO_COLOR: '1', ...settings };
}
