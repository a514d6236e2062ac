import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScratchFolder } from '../../../testing/folder.js';
import { Program, ProgramScope } from '../../../testing/program.js';
import type { AppName } from '../../../testing/stack.js';
import {
  APPS,
  ask,
  type BuiltImage,
  call,
  type Container,
  type ContainerEngine,
  type ContainerPlan,
  ImageBuildError,
  type ImageConfig,
  tagOf,
  words,
} from './container-engine.js';
import { standInBases } from './stand-in-base.js';

/** The parts of a runtime's configuration that are changed here; `runc spec` writes the rest. */
interface RuntimeConfig {
  root: { path: string; readonly: boolean };
  process: Record<string, unknown>;
  mounts: { destination: string; type: string; source: string; options: string[] }[];
  linux: { namespaces: { type: string }[]; resources?: unknown };
}

/** Debian's buildah builds, and runc runs: for root on a machine without an engine, and without a registry. */
export class BuildahEngine implements ContainerEngine {
  readonly name = 'buildah and runc, on bases that stand in for those of the Dockerfile';
  private readonly scratch = new ScratchFolder('trading-images-');
  private readonly scope = new ProgramScope();
  private readonly images = new Map<AppName, ImageConfig>();
  private readonly containers: string[] = [];
  private volumes = 0;

  async build(): Promise<readonly BuiltImage[]> {
    const bases = await standInBases();
    const images: BuiltImage[] = [];
    for (const app of APPS) {
      await this.buildTarget(app, [`NODE_IMAGE=${bases.node}`, `DEBIAN_IMAGE=${bases.debian}`]);
      const text = await call('buildah', ['inspect', '--type', 'image', tagOf(app)]);
      const { Docker } = JSON.parse(text) as { Docker: { config: ImageConfig } };
      const size = await call('buildah', ['images', '--json', tagOf(app)]);
      const [{ size: shown = '' } = {}] = JSON.parse(size) as { size: string }[];
      this.images.set(app, Docker.config);
      images.push({ app, config: Docker.config, bytes: Number.parseFloat(shown) * 1e6 });
    }
    return images;
  }

  async makeVolume(app: AppName, folder: string): Promise<string> {
    const { uid, gid, mode } = statSync(join(await this.mountImage(app), folder));
    this.volumes += 1;
    const path = join(this.scratch.path, `volume-${this.volumes}`);
    mkdirSync(path, { mode });
    chownSync(path, uid, gid);
    return path;
  }

  async start(plan: ContainerPlan): Promise<Container> {
    const root = await this.mountImage(plan.app);
    const name = `trading-verify-${process.pid}-${this.containers.length}`;
    const bundle = join(this.scratch.path, name);
    mkdirSync(bundle);
    await call('runc', ['spec', '--bundle', bundle]);
    const file = join(bundle, 'config.json');
    const config = JSON.parse(readFileSync(file, 'utf8')) as RuntimeConfig;
    writeFileSync(file, JSON.stringify(this.configured(config, plan, root)));
    const runc = ['--root', join(this.scratch.path, 'runc')];
    const program = this.scope.start(
      'runc',
      [...runc, 'run', '--bundle', bundle, name],
      {},
      { name: `the container of the ${plan.app}` },
    );
    return {
      program,
      exec: (command) => ask('runc', [...runc, 'exec', name, ...command]),
      kill: async () => {
        await call('runc', [...runc, 'kill', name, 'KILL']);
        await program.exited;
      },
    };
  }

  async dispose(): Promise<void> {
    await this.scope.dispose();
    for (const container of this.containers.splice(0)) await call('buildah', ['rm', container]);
    this.scratch.remove();
  }

  /** Both targets share all layers up to their own. */
  private async buildTarget(app: AppName, bases: readonly string[]): Promise<void> {
    const program = new Program('buildah', [
      ...words('build --isolation chroot --network host --pull-never --layers'),
      // Docker's format has health checks.
      ...words(`--format docker --file deploy/docker/Dockerfile --target ${app} --tag ${tagOf(app)}`),
      ...bases.flatMap((base) => ['--build-arg', base]),
      '.',
    ]);
    const { code } = await program.exited;
    if (code !== 0) throw new ImageBuildError(app, program.output);
  }

  /** A writable copy of an image's files, which the runtime makes read-only. */
  private async mountImage(app: AppName): Promise<string> {
    const container = await call('buildah', ['from', '--pull-never', tagOf(app)]);
    this.containers.push(container);
    return call('buildah', ['mount', container]);
  }

  /** What Docker would make of the image and of `--read-only --cap-drop ALL --network host`. */
  private configured(config: RuntimeConfig, plan: ContainerPlan, root: string): RuntimeConfig {
    const image = this.images.get(plan.app);
    if (image === undefined) throw new Error(`the image of the ${plan.app} is not built`);
    const [uid, gid] = userOf(image.User, root);
    const mounts = plan.mounts.map(({ source, target, isReadOnly }) => ({
      destination: target,
      type: 'bind',
      source,
      options: ['rbind', isReadOnly ? 'ro' : 'rw'],
    }));
    return {
      ...config,
      root: { path: root, readonly: true },
      process: {
        ...config.process,
        terminal: false,
        user: { uid, gid },
        args: image.Entrypoint,
        env: [...image.Env, ...Object.entries(plan.environment).map(([key, value]) => `${key}=${value}`)],
        cwd: image.WorkingDir,
        capabilities: { bounding: [], effective: [], permitted: [] },
        noNewPrivileges: true,
        rlimits: [],
      },
      mounts: [...config.mounts, ...mounts],
      linux: {
        ...config.linux,
        namespaces: config.linux.namespaces.filter(({ type }) => type !== 'network'),
        resources: undefined,
      },
    };
  }
}

/** The numbers of the user whom an image names. */
function userOf(name: string, root: string): [uid: number, gid: number] {
  const line = readFileSync(join(root, 'etc/passwd'), 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`the image has no user ${name}`);
  return [Number(uid), Number(gid)];
}
