import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { METRICS } from '@app/contracts';
import { ConfigurationError } from '@app/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Counter } from 'prom-client';
import { PublisherConfig } from '../config/publisher.config.js';
import { NdjsonText } from './bulk-reader.js';
import { TradeRefusedException } from './refusals.js';
import { AnswersFile } from './answers-file.js';
import { type KeptAnswer, KeptAnswers, type KeyedPost } from './kept-answers.js';

/** The header's description in Swagger, for both post routes. */
export const IDEMPOTENCY_KEY_DOC = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'A name for this post alone, such as a UUID. For ten minutes, the same post with the same key gets the first answer, ' +
    'and counts once; another post with this key gets 422.',
};

/** How long an answer is kept. */
const KEPT_MS = 10 * 60 * 1000;
const HEADER = 'idempotency-key';
/** Marks an answer that was given before. */
const REPLAYED_HEADER = 'idempotency-replayed';
/** A UUID, or any other visible text; clients send it with or without quotes. */
const KEY = /^[!-~](?:[ -~]{0,253}[!-~])?$/;
/** Headers that belong to one connection, or are made for every answer. */
const NOT_KEPT = new Set(['connection', 'keep-alive', 'date', 'content-length', 'transfer-encoding']);
const OUTCOMES = ['first', 'replayed', 'refused', 'evicted'] as const;

const underWay = new WeakMap<FastifyRequest, KeyedPost>();

/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a post that comes again with its key within ten minutes gets
 * the first post's answer, and counts once. With DELIVERY=durable the answers are also kept in a file in the spool's folder: all that
 * outlives a restart is there, on its volume.
 */
@Injectable()
export class IdempotentPosts implements OnApplicationShutdown {
  private readonly answers: KeptAnswers;
  private readonly file: AnswersFile | undefined;
  private evictedBefore = 0;

  /** @throws ConfigurationError when the file cannot be used: the next start would fail the same way */
  constructor(
    { IDEMPOTENCY_MAX_BYTES, DELIVERY, SPOOL_DIR }: PublisherConfig,
    @InjectMetric(METRICS.idempotentPosts.name) private readonly posts: Counter<'outcome'>,
  ) {
    for (const outcome of OUTCOMES) posts.inc({ outcome }, 0);
    this.answers = new KeptAnswers(KEPT_MS, IDEMPOTENCY_MAX_BYTES);
    if (DELIVERY !== 'durable') return;
    const path = join(resolve(SPOOL_DIR), 'answers');
    try {
      this.file = new AnswersFile(path);
      for (const post of this.file.read()) this.answers.restore(post);
    } catch (error) {
      const message = `the answers to posts cannot be kept in ${path}: ${String(error)}`;
      throw new ConfigurationError([{ key: 'SPOOL_DIR', message }]);
    }
  }

  /** Makes a route check for the header. A post without the header costs only that check. */
  follow(route: RouteOptions): void {
    route.preHandler = (request, reply, done) => {
      const key = request.headers[HEADER];
      if (key === undefined) done();
      else this.begin(String(key), request, reply, done);
    };
    route.onSend = (request, reply, payload, done) => {
      const post = underWay.get(request);
      if (post === undefined) done(null, payload);
      else
        this.finish(post, request, answerOf(reply, payload), (error) =>
          error === null ? done(null, payload) : reply.raw.destroy(error),
        );
    };
  }

  onApplicationShutdown(): void {
    this.file?.close();
  }

  private begin(
    key: string,
    request: FastifyRequest,
    reply: FastifyReply,
    done: (error?: Error) => void,
  ): void {
    const fault = this.refusalOf(key, request);
    if (fault !== undefined) {
      this.posts.inc({ outcome: 'refused' });
      done(fault);
      return;
    }
    const replay = (answer: KeptAnswer): void => {
      this.posts.inc({ outcome: 'replayed' });
      void reply
        .code(answer.status)
        .headers({ ...answer.headers, [REPLAYED_HEADER]: 'true' })
        .send(answer.body === '' ? undefined : answer.body);
    };
    if (this.answers.onAnswered(key, replay)) return;
    const post = this.answers.begin(key, fingerprintOf(request));
    this.posts.inc({ outcome: 'first' });
    this.file?.note(post);
    underWay.set(request, post);
    done();
  }

  private refusalOf(key: string, request: FastifyRequest): Error | undefined {
    if (!KEY.test(key)) {
      return refusal(400, 'format', 'Idempotency-Key must be 1 to 255 visible characters, such as a UUID');
    }
    const known = this.answers.find(key);
    if (known === undefined) return undefined;
    if (known.fingerprint !== fingerprintOf(request)) {
      return refusal(
        422,
        'reuse',
        'this Idempotency-Key was used for another post; every post needs its own',
      );
    }
    return this.answers.onAnswered(key, () => undefined)
      ? undefined
      : refusal(
          409,
          'unknown_outcome',
          'the publisher ended while it handled the post with this Idempotency-Key; it may or may not have accepted that post',
        );
  }

  private finish(
    { key, fingerprint }: KeyedPost,
    request: FastifyRequest,
    answer: KeptAnswer,
    done: (error: Error | null) => void,
  ): void {
    underWay.delete(request);
    // After 5xx nothing was taken, and the same post may come again. After 504 it may have been taken.
    const keep = answer.status < 500 || answer.status === 504;
    const post: KeyedPost = { key, fingerprint, atMs: keep ? Date.now() : 0, answer };
    this.answers.finish(post, answer, keep);
    this.posts.inc({ outcome: 'evicted' }, this.answers.evicted - this.evictedBefore);
    this.evictedBefore = this.answers.evicted;
    if (this.file === undefined) {
      done(null);
      return;
    }
    this.file.tidy(() => this.answers.posts);
    this.file.keep(post, done);
  }
}

function answerOf(reply: FastifyReply, payload: unknown): KeptAnswer {
  const headers = Object.entries(reply.getHeaders()).filter(([name]) => !NOT_KEPT.has(name));
  return {
    status: reply.statusCode,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    body: typeof payload === 'string' || Buffer.isBuffer(payload) ? String(payload) : '',
  };
}

/** A hash of what makes two posts the same: address, query and body. */
function fingerprintOf({ url, body }: FastifyRequest): string {
  const hash = createHash('sha256').update(url).update('\n');
  if (body instanceof NdjsonText) hash.update(body.bytes);
  else hash.update(JSON.stringify(body) ?? '');
  return hash.digest('base64');
}

function refusal(status: 400 | 409 | 422, rule: string, message: string): TradeRefusedException {
  const errors = [{ field: 'Idempotency-Key', rule, message }];
  return new TradeRefusedException('idempotency_key', { status, detail: message, errors });
}
