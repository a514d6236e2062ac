import type { LoggerService } from '@nestjs/common';
import type { MessageHandler } from '@nestjs/microservices';
import { isWithin } from './message-reader.js';

/** A pattern with more characters than this has no handler, unless a handler's own is longer. Its JSON is not even made. */
const MIN_LONGEST_PATTERN = 4096;
/** Most characters that are shown of a pattern that is too long. */
const SHOWN_CHARACTERS = 80;

/** Marks a handler that takes an array of events; set by `@BatchEventPattern`. */
export const BATCH_EXTRA = 'zmqBatch';

/** The handlers of one pattern. */
export interface Route {
  /** The pattern as text (an object pattern as JSON). */
  readonly pattern: string;
  readonly handler: MessageHandler | undefined;
  readonly batchHandler: MessageHandler | undefined;
}

/**
 * What is wrong with a handler's pattern, as a sentence that starts with the pattern; undefined when messages can carry it.
 */
export function patternFault(pattern: unknown): string | undefined {
  if (pattern === undefined || pattern === null) return 'is missing: no message can name it';
  if (typeof pattern === 'object' && !isPlainJson(pattern)) {
    return 'can match nothing: messages carry patterns as JSON, in which a RegExp, a Map or an instance of a class is {}';
  }
  if (typeof pattern === 'number' && !Number.isFinite(pattern))
    return 'can match nothing: it has no form in JSON';
  if (typeof pattern !== 'string') return undefined;
  const star = pattern.indexOf('*');
  return star === -1 || star === pattern.length - 1
    ? undefined
    : 'can match nothing: a * may stand only at the end of a pattern, for the rest of it';
}

function isPlainJson(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every((part: unknown) =>
    typeof part === 'object' && part !== null ? isPlainJson(part) : isJsonScalar(part),
  );
}

function isJsonScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

export interface HandlerRegistryOptions {
  /** Nest's own map, by normalized pattern; the registry reads it and adds batch handlers beside it. */
  readonly messageHandlers: ReadonlyMap<string, MessageHandler>;
  /** Nest's normalization of a pattern as it came over the wire; must not throw. */
  readonly routeOf: (pattern: unknown) => string;
  /** The pattern as text; must not throw. */
  readonly textOf: (pattern: unknown) => string;
  readonly logger: LoggerService;
}

/**
 * Finds the handlers of a pattern. A handler whose pattern ends in `*` takes all patterns that begin with what precedes the
 * `*`, unless another handler has the exact pattern or a longer beginning.
 */
export class HandlerRegistry {
  private readonly batchHandlers = new Map<string, MessageHandler>();
  /** Routes of known string patterns; bounded, because only patterns with a handler get in. */
  private readonly cache = new Map<string, Route>();
  private wildcards: readonly string[] = [];
  /** What is called for each handler. */
  private called: ReadonlyMap<MessageHandler, MessageHandler> = new Map();
  private longestPattern = MIN_LONGEST_PATTERN;

  constructor(private readonly options: HandlerRegistryOptions) {}

  /** All patterns that have a handler. */
  get patterns(): readonly string[] {
    return [...new Set([...this.options.messageHandlers.keys(), ...this.batchHandlers.keys()])];
  }

  /** Several batch handlers of one pattern all get each batch, as Nest's event handlers do. */
  addBatchHandler(pattern: string, handler: MessageHandler): void {
    let tail = this.batchHandlers.get(pattern);
    if (tail === undefined) {
      this.batchHandlers.set(pattern, handler);
      return;
    }
    while (tail.next !== undefined) {
      tail = tail.next as MessageHandler;
    }
    tail.next = handler;
  }

  /** Nest silently lets a second `@MessagePattern` handler of the same pattern win. */
  warnOfDuplicate(pattern: string, isEventHandler: boolean): void {
    const existing = this.options.messageHandlers.get(pattern);
    if (existing !== undefined && !isEventHandler && existing.isEventHandler !== true) {
      this.options.logger.warn(`"${pattern}" has more than one message handler: only the last one answers`);
    }
  }

  /**
   * Call it once all handlers are registered.
   * @param inPlaceOf what to call in place of a handler
   */
  freeze(inPlaceOf: (handler: MessageHandler) => MessageHandler = (handler) => handler): void {
    this.cache.clear();
    this.called = new Map(
      [...this.options.messageHandlers.values(), ...this.batchHandlers.values()].map((handler) => [
        handler,
        inPlaceOf(handler),
      ]),
    );
    // Escapes and spaces make the JSON of a pattern longer than the pattern.
    this.longestPattern = Math.max(
      MIN_LONGEST_PATTERN,
      ...this.patterns.map((pattern) => 8 * pattern.length),
    );
    this.wildcards = this.patterns
      .filter((pattern) => pattern.endsWith('*'))
      .sort((a, b) => b.length - a.length);
  }

  find(pattern: unknown): Route {
    const cached = typeof pattern === 'string' ? this.cache.get(pattern) : undefined;
    return cached ?? this.resolve(pattern);
  }

  private resolve(pattern: unknown): Route {
    if (!isWithin(pattern, this.longestPattern)) {
      const shown = typeof pattern === 'string' ? pattern.slice(0, SHOWN_CHARACTERS) : '';
      return { pattern: `${shown}… (too long for a pattern)`, handler: undefined, batchHandler: undefined };
    }
    const text = this.options.textOf(pattern);
    const key = this.keyFor(
      typeof pattern === 'string' && this.has(pattern) ? pattern : this.options.routeOf(text),
    );
    const route = {
      pattern: text,
      handler: this.calledFor(key === undefined ? undefined : this.options.messageHandlers.get(key)),
      batchHandler: this.calledFor(key === undefined ? undefined : this.batchHandlers.get(key)),
    };
    if (typeof pattern === 'string' && key === pattern) {
      this.cache.set(pattern, route);
    }
    return route;
  }

  private calledFor(handler: MessageHandler | undefined): MessageHandler | undefined {
    return handler && (this.called.get(handler) ?? handler);
  }

  private keyFor(route: string): string | undefined {
    return this.has(route)
      ? route
      : this.wildcards.find((wildcard) => route.startsWith(wildcard.slice(0, -1)));
  }

  private has(route: string): boolean {
    return this.options.messageHandlers.has(route) || this.batchHandlers.has(route);
  }
}
