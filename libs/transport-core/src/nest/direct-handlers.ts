/// <reference types="reflect-metadata" />
import { UseFilters, UseGuards, UseInterceptors, UsePipes } from '@nestjs/common';
import { ApplicationConfig, MetadataScanner, ModulesContainer } from '@nestjs/core';
import {
  BaseRpcExceptionFilter,
  Ctx,
  EventPattern,
  type MessageHandler,
  Payload,
} from '@nestjs/microservices';
import { catchError, isObservable, type Observable } from 'rxjs';

/** What is read of an application. Nest's types hide the second one. */
export interface HandlingApp {
  get(token: typeof ModulesContainer): ModulesContainer;
  readonly applicationConfig?: unknown;
}

type Call = (data: unknown, context: unknown) => unknown;
type Method = (...args: unknown[]) => unknown;

/** Shows under which keys Nest's decorators leave enhancers and parameters: no constant of Nest's inside is needed. */
@UseFilters()
@UseGuards()
@UseInterceptors()
@UsePipes()
class Sample {
  @EventPattern<unknown>('')
  handle(@Payload() _data: unknown, @Ctx() _context: unknown): void {}
}

const ENHANCERS = Reflect.getMetadataKeys(Sample).filter((key) => !String(key).startsWith('design:'));
const KINDS_OF_ENHANCERS = 4;
const [PARAMETERS] = Reflect.getMetadataKeys(Sample, 'handle') as (string | undefined)[];
const [DATA, CONTEXT] = ['0', '1'].map(
  (index) =>
    Object.keys(parametersOf(Sample, 'handle') ?? {})
      .find((key) => key.endsWith(`:${index}`))
      ?.split(':')[0],
);

function parametersOf(type: object, name: string): Record<string, Parameter> | undefined {
  return Reflect.getMetadata(PARAMETERS, type, name) as Record<string, Parameter> | undefined;
}

/** What Nest keeps of a decorated parameter. */
interface Parameter {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes?: readonly unknown[];
  readonly schema?: unknown;
}

const NEST_FILTER = new BaseRpcExceptionFilter();

/** What Nest makes of an exception that no filter takes. */
function failed(exception: unknown): Observable<never> {
  // The host is for filters that look at it; this one does not.
  return NEST_FILTER.catch(exception as never, undefined as never) as Observable<never>;
}

/**
 * Finds handlers that can be called without Nest's pipeline, because nothing of theirs runs in it: no guard, pipe, interceptor or
 * filter on the class, the method, a parameter or the application, no provider of request scope, and no parameter but the whole
 * payload and the context. What cannot be seen counts as something: such a handler keeps the pipeline.
 */
export class DirectHandlers {
  private readonly modules: ModulesContainer;
  private readonly scanner = new MetadataScanner();
  private readonly isPlainApp: boolean;

  /** @param app the microservice that registers the handlers */
  constructor(app: HandlingApp) {
    this.modules = app.get(ModulesContainer);
    this.isPlainApp = ENHANCERS.length === KINDS_OF_ENHANCERS && hasNoEnhancers(app.applicationConfig);
  }

  /** @returns a handler that calls the method itself, with the same result; the given one where that is not certain */
  of(handler: MessageHandler): MessageHandler {
    const call = this.isPlainApp && handler.next === undefined ? this.callOf(handler.extras) : undefined;
    // Nest's type wants a promise: whoever calls a handler must await its result where it is one.
    return call === undefined
      ? handler
      : Object.assign(likeNest(call) as MessageHandler, { extras: handler.extras });
  }

  /** Each decorated method has an object of extras of its own, and Nest hands on the very same. */
  private callOf(extras: object | undefined): Call | undefined {
    const found: (Call | undefined)[] = [];
    for (const { controllers } of this.modules.values()) {
      for (const wrapper of controllers.values()) {
        const instance = wrapper.instance as Record<string, Method> | undefined;
        const prototype = instance && (Object.getPrototypeOf(instance) as Record<string, Method>);
        for (const name of prototype === undefined ? [] : this.scanner.getAllMethodNames(prototype)) {
          const method = prototype?.[name];
          if (instance !== undefined && method !== undefined && hasValue(method, extras)) {
            const isPlain = wrapper.isDependencyTreeStatic() && instance[name] === method;
            found.push(isPlain ? plainCall(instance, method, name) : undefined);
          }
        }
      }
    }
    return found.length === 1 ? found[0] : undefined;
  }
}

function hasValue(method: object, value: unknown): boolean {
  return (
    value !== undefined &&
    Reflect.getMetadataKeys(method).some((key) => Reflect.getMetadata(key, method) === value)
  );
}

/** Whether every list of global enhancers is there and empty: `getGlobalGuards()`, `getGlobalRequestPipes()` and so on. */
function hasNoEnhancers(config: unknown): boolean {
  if (!(config instanceof ApplicationConfig)) {
    return false;
  }
  const lists = Object.getOwnPropertyNames(ApplicationConfig.prototype)
    .filter((name) => name.startsWith('getGlobal'))
    .map((name) => (config as unknown as Record<string, () => unknown>)[name]?.())
    .filter((list) => Array.isArray(list));
  return lists.length >= KINDS_OF_ENHANCERS && lists.every(({ length }) => length === 0);
}

/** @returns the call of a method without enhancers and with parameters that need no work; otherwise undefined */
function plainCall(instance: object, method: Method, name: string): Call | undefined {
  const type = instance.constructor;
  if (ENHANCERS.some((key) => Reflect.hasMetadata(key, type) || Reflect.hasMetadata(key, method))) {
    return undefined;
  }
  // Without a decorated parameter Nest passes the payload alone.
  switch (layoutOf(parametersOf(type, name) ?? { [`${DATA}:0`]: { index: 0 } })) {
    case `${DATA}`:
      return (data) => method.call(instance, data);
    case `${CONTEXT}`:
      return (_data, context) => method.call(instance, context);
    case `${DATA},${CONTEXT}`:
      return (data, context) => method.call(instance, data, context);
    case `${CONTEXT},${DATA}`:
      return (data, context) => method.call(instance, context, data);
    default:
      return undefined;
  }
}

/** The kinds of the parameters in their order; undefined when one of them is not just the payload or the context. */
function layoutOf(parameters: Record<string, Parameter>): string | undefined {
  const kinds: (string | undefined)[] = [];
  for (const [key, { index, data, pipes = [], schema }] of Object.entries(parameters)) {
    if (data !== undefined || pipes.length > 0 || schema !== undefined) {
      return undefined;
    }
    kinds[index] = key.split(':')[0];
  }
  return kinds.join(',');
}

function withFilter(value: unknown): unknown {
  return isObservable(value) ? value.pipe(catchError(failed)) : value;
}

/** Turns exceptions, rejections and failing streams into what Nest makes of them. */
function likeNest(call: Call): Call {
  return (data, context) => {
    try {
      const result = call(data, context);
      if (typeof result !== 'object' || result === null) {
        return result;
      }
      return 'then' in result && typeof result.then === 'function'
        ? Promise.resolve(result as PromiseLike<unknown>).then(withFilter, failed)
        : withFilter(result);
    } catch (error) {
      return failed(error);
    }
  };
}
