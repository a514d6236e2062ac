import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type WebSocket, WebSocketServer } from 'ws';
import { until } from '../../testing/wait.js';

/** A server that speaks as an exchange does, and does what the test says. */
export class TestExchange {
  /** All connections, the oldest first. */
  readonly connections: WebSocket[] = [];
  /** The addresses that were asked for, without the host. */
  readonly paths: string[] = [];
  /** What the client sent, pongs apart. */
  readonly received: string[] = [];
  readonly pongs: string[] = [];
  /** Answers a handshake with this status in place of a connection. */
  denial: { readonly status: number; readonly headers?: string[] } | undefined;
  private readonly http = createServer();
  private readonly server = new WebSocketServer({ noServer: true });

  static async start(): Promise<TestExchange> {
    const exchange = new TestExchange();
    exchange.http.on('upgrade', (request, socket: Socket, head) => exchange.upgrade(request, socket, head));
    await listening(exchange.http);
    return exchange;
  }

  get address(): string {
    return `ws://127.0.0.1:${portOf(this.http)}`;
  }

  /** The newest connection. */
  get client(): WebSocket {
    const client = this.connections.at(-1);
    if (client === undefined) throw new Error('nobody has connected');
    return client;
  }

  async connected(count = 1): Promise<void> {
    await until(() => this.connections.length >= count);
  }

  send(...messages: readonly unknown[]): void {
    for (const message of messages) this.client.send(JSON.stringify(message));
  }

  async stop(): Promise<void> {
    for (const client of this.connections) client.terminate();
    this.server.close();
    this.http.closeAllConnections();
    this.http.close();
    await once(this.http, 'close');
  }

  private upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.paths.push(request.url ?? '');
    if (this.denial !== undefined) {
      const { status, headers = [] } = this.denial;
      socket.end(
        [`HTTP/1.1 ${status} No`, ...headers, 'connection: close', 'content-length: 0', '', ''].join('\r\n'),
      );
      return;
    }
    this.server.handleUpgrade(request, socket, head, (client) => {
      this.connections.push(client);
      client.on('message', (data: Buffer) => this.received.push(data.toString()));
      client.on('pong', (data) => this.pongs.push(data.toString()));
    });
  }
}

/** A post that reached the test's publisher. */
export interface TestPost {
  readonly key: string;
  readonly items: readonly { readonly price: number }[];
}

/** Answers one post; returning nothing takes all of it. */
export type PostAnswer = (post: TestPost, response: ServerResponse) => void;

/** Answers `POST /trades` as the publisher does, or as the test says. */
export class TestPublisher {
  readonly posts: TestPost[] = [];
  /** The answers to the next posts, in their order; after them all is taken. */
  readonly script: PostAnswer[] = [];
  private readonly http: Server;

  private constructor() {
    this.http = createServer((request, response) => void this.answer(request, response));
  }

  static async start(): Promise<TestPublisher> {
    const publisher = new TestPublisher();
    await listening(publisher.http);
    return publisher;
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.http)}`;
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections();
    this.http.close();
    await once(this.http, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const items = JSON.parse(await text(request)) as TestPost['items'];
    const post = { key: String(request.headers['idempotency-key']), items };
    this.posts.push(post);
    const scripted = this.script.shift();
    if (scripted === undefined) respond(response, 202, { accepted: items.length, refused: [] });
    else scripted(post, response);
  }
}

/** Answers with JSON. */
export function respond(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function listening(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
