import { execa } from 'execa';
import { ROOT } from '../../../testing/root.js';
import type { AppName } from '../../../testing/stack.js';
import type { Program } from '../../../testing/program.js';

/** What an image says of itself, as Docker writes it. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly WorkingDir: string;
  readonly StopSignal: string;
  /** `CMD`, then a command that ends with 0 when the container is healthy. */
  readonly Healthcheck?: { readonly Test: readonly string[] };
}

/** An image of one app. */
export interface BuiltImage {
  readonly app: AppName;
  readonly config: ImageConfig;
  readonly bytes: number;
}

/** A folder of the machine inside of a container. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
}

/** How one container is to run. Its root is always read-only, and it has no capabilities. */
export interface ContainerPlan {
  readonly app: AppName;
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
}

/** How a command ended that ran inside of a container. */
export interface Answer {
  readonly code: number;
  readonly output: string;
}

/** A container that was started. */
export interface Container {
  /** The engine's process that runs it: it passes signals on, and ends with the container's exit code. */
  readonly program: Program;
  /** Runs a command inside, as the container's user. */
  exec(command: readonly string[]): Promise<Answer>;
  /** Ends it like a power cut. */
  kill(): Promise<void>;
}

/** What builds images and runs containers. All containers share the machine's network. */
export interface ContainerEngine {
  readonly name: string;
  /** Builds both images of deploy/docker/Dockerfile. */
  build(): Promise<readonly BuiltImage[]>;
  /** An empty volume for a folder of an image, owned as that folder is. */
  makeVolume(app: AppName, folder: string): Promise<string>;
  start(plan: ContainerPlan): Promise<Container>;
  /** Ends all containers, and removes them and the volumes; the images stay. */
  dispose(): Promise<void>;
}

/** The images' names: not those that a person builds. */
export const tagOf = (app: AppName): string => `trading-telemetry/${app}:verify`;
export const APPS: readonly AppName[] = ['sidecar', 'publisher'];

/** A command of the engine. @throws with what it wrote when it fails */
export async function call(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execa(command, args, { cwd: ROOT, stdin: 'ignore' });
  return stdout;
}

/** The same for a command that may fail. */
export async function ask(command: string, args: readonly string[]): Promise<Answer> {
  const { exitCode, all } = await execa(command, args, {
    cwd: ROOT,
    stdin: 'ignore',
    all: true,
    reject: false,
  });
  return { code: exitCode ?? 1, output: all };
}

/** The builder refused the Dockerfile, or one of its steps failed; the message ends with what it wrote. */
export class ImageBuildError extends Error {
  readonly code = 'ERR_IMAGE_BUILD';

  constructor(app: AppName, output: string) {
    super(`the image of the ${app} cannot be built:\n${output.trim()}`);
  }
}

/** The words of a command line. */
export const words = (line: string): string[] => line.split(' ');
