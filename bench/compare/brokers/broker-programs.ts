import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { accessSync, constants } from 'node:fs';

/** How to start one broker: on one port of the loopback, with its files in its own folder, and nothing kept over the run. */
export interface BrokerProgram {
  /** The program's file name. */
  readonly program: string;
  /** Debian's package. */
  readonly debianPackage: string;
  /** The npm packages that Nest loads for it. */
  readonly clients: readonly string[];
  /** Arguments and environment; may write settings into `folder`. With `shell`, a script that ends by running "$@". */
  launch(port: number, folder: string): { args: readonly string[]; env?: NodeJS.ProcessEnv; shell?: string };
}

/**
 * When RabbitMQ has to start Erlang's port mapper, that leaves the process group and outlives the broker. Started here, in the
 * foreground of the group, it ends with the group, and RabbitMQ uses it.
 */
const WITH_EPMD = 'epmd & until epmd -names >/dev/null 2>&1; do sleep 0.05; done; exec "$@"';

const rabbitEnv = (port: number, folder: string): NodeJS.ProcessEnv => ({
  HOME: folder,
  RABBITMQ_NODENAME: `bench-${port}@localhost`,
  RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
  RABBITMQ_NODE_PORT: String(port),
  RABBITMQ_DIST_PORT: String(port + 1),
  ERL_EPMD_PORT: String(port + 2),
  ERL_EPMD_ADDRESS: '127.0.0.1',
  RABBITMQ_MNESIA_BASE: folder,
  RABBITMQ_LOG_BASE: folder,
  RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
});

const JETSTREAM: BrokerProgram = {
  program: 'nats-server',
  debianPackage: 'nats-server',
  clients: [],
  launch: (port, folder) => ({ args: ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder] }),
};

/** The brokers that peers need, by the peer's name, with their default settings except for what a throw-away server needs. */
export const BROKER_PROGRAMS: Readonly<Record<string, BrokerProgram>> = {
  nats: {
    program: 'nats-server',
    debianPackage: 'nats-server',
    clients: ['@nats-io/transport-node'],
    launch: (port) => ({ args: ['-a', '127.0.0.1', '-p', String(port)] }),
  },
  'jetstream-batch': JETSTREAM,
  'applied-jetstream': JETSTREAM,
  redis: {
    program: 'redis-server',
    debianPackage: 'redis-server',
    clients: ['ioredis'],
    launch: (port) => ({ args: ['--bind', '127.0.0.1', '--port', String(port), '--save', ''] }),
  },
  mqtt: {
    program: 'mosquitto',
    debianPackage: 'mosquitto',
    clients: ['mqtt'],
    launch: (port, folder) => {
      const file = join(folder, 'mosquitto.conf');
      writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
      return { args: ['-c', file] };
    },
  },
  rabbitmq: {
    program: 'rabbitmq-server',
    debianPackage: 'rabbitmq-server',
    clients: ['amqplib', 'amqp-connection-manager'],
    launch: (port, folder) => ({ args: [], env: rabbitEnv(port, folder), shell: WITH_EPMD }),
  },
};

/**
 * Debian's rabbitmq-server on the PATH is a wrapper that changes the user; the program itself is beside its files. Servers are
 * in sbin, which is not on every user's PATH.
 */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];
const FIRST_FOLDERS = ['/usr/lib/rabbitmq/bin'];

/** The program's full path, or undefined when it is not installed. */
export function findProgram(program: string): string | undefined {
  const folders = [...FIRST_FOLDERS, ...(process.env['PATH'] ?? '').split(delimiter), ...MORE_FOLDERS];
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // The only question is whether it can be run.
    return false;
  }
}
