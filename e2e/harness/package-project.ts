import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../../testing/environment.js';
import { ROOT } from '../../testing/root.js';

const run = promisify(execFile);
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
/** Whole packages or scopes that the installed package, or the consumer's code, asks for. */
const PEERS = ['@nats-io', '@nestjs', '@types', 'lmdb', 'msgpackr', 'reflect-metadata', 'rxjs', 'zeromq'];

export type Transport = 'zmq' | 'jetstream';

/** An empty project in a folder of its own, with the packed transport installed. */
export class PackageProject {
  private constructor(
    private readonly transport: Transport,
    readonly folder: string,
    /** What `npm run release -- --dry-run` printed. */
    readonly release: string,
  ) {}

  /** The installed package's folder. */
  get installed(): string {
    return join(this.folder, 'node_modules', `nestjs-${this.transport}-transport`);
  }

  /**
   * Packs and checks the transport as a release does, and installs the tarball. The peers are the repository's own, linked: an install from the
   * registry takes a minute and a network, and would bring the same versions.
   */
  static async create(transport: Transport): Promise<PackageProject> {
    const { stdout } = await run(process.execPath, ['scripts/release.mjs', '--dry-run', transport], {
      cwd: ROOT,
      env: childEnvironment({}),
    });
    const { version } = JSON.parse(
      readFileSync(join(ROOT, 'libs', `${transport}-transport`, 'package.json'), 'utf8'),
    ) as { version: string };
    const folder = mkdtempSync(join(tmpdir(), `${transport}-package-`));
    const project = new PackageProject(transport, folder, stdout);
    project.write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
    await project.npmInstall(join(ROOT, 'dist', 'libs', `nestjs-${transport}-transport-${version}.tgz`));
    for (const peer of PEERS) {
      mkdirSync(join(project.folder, 'node_modules'), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', peer), join(project.folder, 'node_modules', peer), 'dir');
    }
    return project;
  }

  /**
   * The TypeScript blocks of the README in the package, in their order, with other addresses and folders.
   * @throws when there are not `count`: each wants a run in the spec that asks
   */
  readme(count: number, changes: Readonly<Record<string, string>>): string[] {
    const blocks = [...this.readmeText().matchAll(/```ts\n([^]*?)```/g)].map(([, code = '']) =>
      Object.entries(changes).reduce((changed, [from, to]) => changed.replaceAll(from, to), code),
    );
    if (blocks.length !== count)
      throw new Error(`the README has ${blocks.length} blocks of TypeScript; ${count} are run`);
    return blocks;
  }

  write(file: string, content: string): void {
    writeFileSync(join(this.folder, file), content);
  }

  /** Compiles TypeScript files of the project strictly. @throws with the compiler's output */
  async compile(...files: string[]): Promise<void> {
    const compilerOptions = {
      target: 'ES2023',
      module: 'nodenext',
      strict: true,
      skipLibCheck: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      types: ['node'],
    };
    this.write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
    await run(process.execPath, [TSC, '-p', this.folder]);
  }

  /**
   * Runs the README's line that makes a service, by the installed command, and compiles what it made.
   * @returns where the programs are
   */
  async initialised(): Promise<string> {
    const [, command = '', args = ''] = /^npx (\S+) (init \S+)/m.exec(this.readmeText()) ?? [];
    const program = join(this.folder, 'node_modules', '.bin', command);
    const { stdout } = await run(program, args.split(' '), { cwd: this.folder, env: childEnvironment({}) });
    const made = join(this.folder, /^ {2}cd (.+)$/m.exec(stdout)?.[1] ?? '');
    await run(process.execPath, [TSC, '-p', made]);
    return join(made, 'dist', 'orders');
  }

  /** Runs a file with plain Node. @returns its standard output */
  async node(file: string, ...args: string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [file, ...args], {
      cwd: this.folder,
      env: childEnvironment({}),
      timeout: 20_000,
    });
    return stdout;
  }

  private readmeText(): string {
    return readFileSync(join(this.installed, 'README.md'), 'utf8');
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async npmInstall(tarball: string): Promise<void> {
    const options = ['--offline', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund'];
    await run('npm', ['install', tarball, ...options], { cwd: this.folder, env: childEnvironment({}) });
  }
}
