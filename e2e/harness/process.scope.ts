import { TestProcess } from './child.process.js';

/** Starts processes and ends them all, in reverse order: dispose it in `afterEach` or `afterAll`. */
export class ProcessScope {
  private processes: TestProcess[] = [];

  start(command: string, args: readonly string[], settings?: Readonly<Record<string, string>>): TestProcess {
    const started = new TestProcess(command, args, settings);
    this.processes.push(started);
    return started;
  }

  async dispose(): Promise<void> {
    const running = this.processes.toReversed();
    this.processes = [];
    for (const process of running) await process.dispose();
  }
}
