/** What the figures compare, and how they are measured, in Markdown: what a reader of the tables must know. */
export const METHOD = `## What is compared

- **sidecar, publisher**: the built apps with all that they do.
- **bare loop, bare route**, the limits: zeromq.js alone, with \`JSON.parse\` and a counter; one Fastify route with a JSON schema and a PUSH.
- **original**: FastAPI, asyncio, pydantic, pyzmq, prometheus_client; also on uvloop and httptools. It knew no arrays.
- **\`emit\`**: beside counting in the producer: prom-client in the same process; hot-shots over StatsD.
- **transport**: PUSH/PULL and DEALER/ROUTER, with and without acknowledgement and spool, by event and by batch.
- **Nest's transports**: TCP, also with \`TCP_NODELAY\`; NATS, Redis, MQTT, RabbitMQ with Debian's servers and default settings.

## How it is measured

- Apps: processor time from \`/proc/PID/stat\`, without the warm-up. A bare PUSH feeds ready-made messages until \`/metrics\` has them all.
  wrk posts over 64 connections; a bare PULL must receive every accepted post.
- Transport: two new processes each time. The producer emits 1,024 events, then waits as that transport asks. What does not arrive is shown as
  lost.
- Every round measures all peers, equally long. Tables show the median, slowest and fastest round; a ratio compares peers within a round.
- Latency is open-loop at 5,000 events a second, from the time an event was *due*.`;
