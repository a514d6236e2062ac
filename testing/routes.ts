import { once } from 'node:events';
import { type Agent, type IncomingMessage, request } from 'node:http';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';

const routes = new WeakMap<object, string[]>();

/** Notes the routes of the app that is made on this adapter, for {@link routesOf}. */
export function noteRoutes(adapter: FastifyAdapter): FastifyAdapter {
  const found: string[] = [];
  routes.set(adapter, found);
  adapter.getInstance().addHook('onRoute', ({ method, url }) => {
    // With and without a slash at the end is one route.
    found.push(...[method].flat().map((each) => `${each} ${url.replace(/(.)\/$/, '$1')}`));
  });
  return adapter;
}

/** `METHOD /path` of every route of an app, each once and in order, without OPTIONS. */
export function routesOf(app: NestFastifyApplication): readonly string[] {
  const found = routes.get(app.getHttpAdapter()) ?? [];
  return [...new Set(found)].filter((route) => !route.startsWith('OPTIONS')).toSorted();
}

/** The routes of an app that has these paths to read, each also with HEAD, and these to write. */
export function routesWith(read: Readonly<Record<string, unknown>>, written: readonly string[]): string[] {
  return [...Object.keys(read).flatMap((path) => [`GET ${path}`, `HEAD ${path}`]), ...written].toSorted();
}

/** The answer to a HEAD, read to its end. */
export async function head(address: string, agent: Agent): Promise<IncomingMessage> {
  const [answer] = (await once(request(address, { method: 'HEAD', agent }).end(), 'response')) as [
    IncomingMessage,
  ];
  answer.resume();
  await once(answer, 'end');
  return answer;
}
