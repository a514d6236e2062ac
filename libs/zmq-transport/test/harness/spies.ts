import type {
  ArgumentsHost,
  CallHandler,
  CanActivate,
  ExecutionContext,
  INestMicroservice,
  NestInterceptor,
  PipeTransform,
  RpcExceptionFilter,
} from '@nestjs/common';
import { type Observable, tap, throwError } from 'rxjs';

interface Globals {
  useGlobalGuards(...guards: CanActivate[]): unknown;
  useGlobalPipes(...pipes: PipeTransform[]): unknown;
  useGlobalInterceptors(...interceptors: NestInterceptor[]): unknown;
  useGlobalFilters(...filters: RpcExceptionFilter[]): unknown;
}

/** One enhancer of each kind, which notes that it ran. */
export class Spies {
  readonly calls: string[] = [];
  /** What the guard answers. */
  allows = true;

  install(app: Globals | INestMicroservice): void {
    app.useGlobalGuards({ canActivate: (context) => this.guard(context) });
    app.useGlobalInterceptors({ intercept: (_context, next) => this.intercept(next) });
    app.useGlobalPipes({
      transform: (value: unknown) => {
        this.calls.push('pipe');
        return value;
      },
    });
    app.useGlobalFilters({ catch: (error: Error, host) => this.filter(error, host) });
  }

  private guard(context: ExecutionContext): boolean {
    this.calls.push(`guard:${context.getType()}`);
    return this.allows;
  }

  private intercept(next: CallHandler): Observable<unknown> {
    this.calls.push('interceptor:in');
    return next.handle().pipe(tap({ finalize: () => this.calls.push('interceptor:out') }));
  }

  private filter(error: Error, host: ArgumentsHost): Observable<never> {
    this.calls.push(`filter:${host.getType()}`);
    return throwError(() => ({ status: 'error', message: `filtered: ${error.message}` }));
  }
}
