import { ProgramScope } from '../../../testing/program.js';
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

/** The bases of the Dockerfile, which a mirror may have under other names. */
const BASES = ['NODE_IMAGE', 'DEBIAN_IMAGE'];

/** Docker, or what answers like it. */
export class DockerEngine implements ContainerEngine {
  readonly name = 'Docker';
  private readonly scope = new ProgramScope();
  private readonly volumes: string[] = [];
  private started = 0;

  async build(): Promise<readonly BuiltImage[]> {
    const images: BuiltImage[] = [];
    // Docker takes the value from the environment.
    const otherBases = BASES.filter((name) => process.env[name]).flatMap((name) => ['--build-arg', name]);
    for (const app of APPS) {
      const { code, output } = await ask('docker', [
        ...words(`build -f deploy/docker/Dockerfile --target ${app} -t ${tagOf(app)}`),
        ...otherBases,
        '.',
      ]);
      if (code !== 0) throw new ImageBuildError(app, output);
      const text = await call('docker', ['image', 'inspect', tagOf(app)]);
      const [image] = JSON.parse(text) as { Config: ImageConfig; Size: number }[];
      if (image === undefined) throw new Error(`docker does not know ${tagOf(app)}, which it has just built`);
      images.push({ app, config: image.Config, bytes: image.Size });
    }
    return images;
  }

  /** A named volume: Docker gives it the owner of the image's folder when it is first mounted. */
  async makeVolume(app: AppName): Promise<string> {
    const name = `trading-verify-${process.pid}-${app}-${this.volumes.length}`;
    await call('docker', ['volume', 'create', name]);
    this.volumes.push(name);
    return name;
  }

  async start({ app, environment, mounts }: ContainerPlan): Promise<Container> {
    this.started += 1;
    const name = `trading-verify-${process.pid}-${this.started}`;
    const settings = Object.entries(environment).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
    const volumes = mounts.flatMap(({ source, target, isReadOnly }) => [
      '-v',
      `${source}:${target}${isReadOnly ? ':ro' : ''}`,
    ]);
    const program = this.scope.start(
      'docker',
      [
        ...words(`run --rm --name ${name} --network host --read-only --cap-drop ALL`),
        ...words('--security-opt no-new-privileges'),
        ...settings,
        ...volumes,
        tagOf(app),
      ],
      {},
      // With DOCKER_HOST and what else says where the daemon is.
      { name: `the container of the ${app}`, environment: process.env },
    );
    return {
      program,
      exec: (command) => ask('docker', ['exec', name, ...command]),
      kill: async () => {
        await call('docker', ['kill', name]);
        await program.exited;
      },
    };
  }

  async dispose(): Promise<void> {
    await this.scope.dispose();
    for (const name of this.volumes.splice(0)) await call('docker', ['volume', 'rm', '-f', name]);
  }
}
