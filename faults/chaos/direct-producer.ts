import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program } from '../../testing/program.js';
import type { DirectCommand, DirectMessage, DirectReport, DirectSettings } from './direct-messages.js';
import { readOracle } from './oracle-file.js';
import type { OracleEntry } from './oracle-line.js';

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), 'direct-main.js');
const BOOT_TIMEOUT_MS = 30_000;
/** Its numbers begin here; those of the posts stay below. */
const FIRST_NUMBER = 2 ** 18;

/** The direct producer's process, which can be killed and then continues where it was. */
export class DirectProducer {
  /** Called with the events that it has accepted. */
  onAccepted: (events: number) => void = () => undefined;
  private readonly oracleFile: string;
  private process: Program | undefined;
  private isReady = false;
  private report: DirectReport | undefined;
  private nextNumber = FIRST_NUMBER;
  private wanted = 0;
  private takenEntries = 0;

  /** @param folder for its spool and its oracle file */
  constructor(
    private readonly address: string,
    private readonly folder: string,
  ) {
    this.oracleFile = join(folder, 'oracle-direct.txt');
  }

  async start(): Promise<void> {
    this.isReady = false;
    const settings: DirectSettings = {
      address: this.address,
      spoolDirectory: join(this.folder, 'spool-direct'),
      oracleFile: this.oracleFile,
      firstNumber: this.nextNumber,
    };
    this.process = new Program(
      process.execPath,
      [PROGRAM, JSON.stringify(settings)],
      {},
      {
        name: 'the direct producer',
        hasChannel: true,
      },
    );
    this.process.onMessage((message) => this.onMessage(message as DirectMessage));
    await this.process.until('its start', () => Promise.resolve(this.isReady), BOOT_TIMEOUT_MS);
    if (this.wanted > 0) this.tell({ emit: this.wanted });
  }

  /** Has it emit this many, over as many restarts as it takes. */
  emit(events: number): void {
    this.wanted += events;
    this.tell({ emit: events });
  }

  /** Kills it. Events that it had sent and not accepted are left to its spool: the next process continues behind them. */
  async kill(): Promise<void> {
    await this.process?.kill();
    this.nextNumber = this.readEntries().reduce((next, { last }) => Math.max(next, last + 1), FIRST_NUMBER);
  }

  async stop(): Promise<void> {
    await this.process?.stop();
  }

  /** Asks where it stands. */
  async readReport(): Promise<DirectReport> {
    this.report = undefined;
    this.tell({ report: true });
    const isAnswered = (): Promise<boolean> => Promise.resolve(this.report !== undefined);
    await this.process?.until('an answer', isAnswered, BOOT_TIMEOUT_MS);
    return this.report ?? { open: 0, unacknowledged: 0 };
  }

  /** The lines of its oracle file since the last call. */
  takeEntries(): OracleEntry[] {
    const fresh = this.readEntries().slice(this.takenEntries);
    this.takenEntries += fresh.length;
    return fresh;
  }

  private readEntries(): OracleEntry[] {
    return existsSync(this.oracleFile) ? readOracle(this.oracleFile) : [];
  }

  private tell(command: DirectCommand): void {
    this.process?.send(command);
  }

  private onMessage(message: DirectMessage): void {
    if ('ready' in message) this.isReady = true;
    else if ('open' in message) this.report = message;
    else {
      this.wanted -= message.accepted;
      this.onAccepted(message.accepted);
    }
  }
}
