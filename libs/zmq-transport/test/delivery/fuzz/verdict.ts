/** What may grow under hostile messages, in MiB. */
const MAX_GROWTH_MIB = 64;

/** What a run against the server came to, as far as it is judged. */
export interface ServerOutcome {
  readonly state: string;
  readonly honest: {
    readonly twice: number;
    readonly missing: number;
    readonly wrongAnswers: number;
    readonly failedRequests: number;
  };
  readonly heapMib: Growth;
}

/** What a run against the client came to, as far as it is judged. */
export interface ClientOutcome {
  readonly after: { readonly twice: number; readonly hasLast: boolean; readonly answer: unknown };
  readonly heapMib: Growth;
}

interface Growth {
  readonly start: number;
  readonly max: number;
}

function growthFaults(who: string, { start, max }: Growth): string[] {
  const grown = max - start;
  return grown < MAX_GROWTH_MIB
    ? []
    : [`the memory of the ${who} grew by ${grown.toFixed(0)} MiB, at most ${MAX_GROWTH_MIB}`];
}

/** What was promised to the honest peers and did not hold, one sentence each; nothing when all held. */
export function fuzzFaults(server: ServerOutcome, client: ClientOutcome, unhandled: number): string[] {
  const { honest } = server;
  const counts = Object.entries({
    'events of the honest client were applied twice': honest.twice,
    'events of the honest client were lost': honest.missing,
    'answers to the honest client were wrong': honest.wrongAnswers,
    'requests of the honest client failed': honest.failedRequests,
    'events were applied twice by the next honest server': client.after.twice,
    'rejections were not handled': unhandled,
  });
  return [
    ...(server.state === 'listening' ? [] : [`the server is ${server.state}`]),
    ...counts.filter(([, count]) => count !== 0).map(([what, count]) => `${count} ${what}`),
    ...(client.after.hasLast ? [] : ['the last event did not reach the next honest server']),
    ...(client.after.answer === 'right' ? [] : ['the next honest server was not asked, or not heard']),
    ...growthFaults('server', server.heapMib),
    ...growthFaults('client', client.heapMib),
  ];
}
