import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScratchFolder } from '../../../testing/folder.js';
import { init } from '../src/init.js';

const PACKAGE = join(__dirname, '..', '..', 'zmq-transport');
const FILES = [
  'package.json',
  'tsconfig.json',
  'src/orders/main.ts',
  'src/orders/orders-contract.ts',
  'src/orders/orders-sender.ts',
  'src/orders/orders.controller.ts',
  'src/orders/orders.module.ts',
  'src/orders/send.ts',
];

function read(...path: string[]): string {
  return readFileSync(join(...path), 'utf8');
}

describe('init', () => {
  const scratch = new ScratchFolder('init-');
  afterAll(() => scratch.remove());
  const place = (name: string): string => join(scratch.path, name);

  it('makes a project in a folder that is not there yet, and says how it is run', () => {
    const folder = place('new/my service');
    const { exitCode, text } = init(PACKAGE, ['init', folder]);

    expect(exitCode).toBe(0);
    for (const file of FILES) {
      expect(text).toContain(`made        ${file}\n`);
      expect(read(folder, file)).not.toBe('');
    }
    expect(text).toMatch(
      /\n {2}cd '.+ service'\n {2}npm install\n {2}npm run build\n {2}npm start\n {2}npm run send .*\n$/,
    );
    const { dependencies } = JSON.parse(read(folder, 'package.json')) as { dependencies: object };
    expect(Object.keys(dependencies)).toEqual(
      expect.arrayContaining(['nestjs-zmq-transport', 'zeromq', '@nestjs/core', 'reflect-metadata']),
    );
    expect(Object.keys(dependencies)).not.toContain('lmdb');
    expect(dependencies).toMatchObject({ '@nestjs/core': '^12.0.0' });
  });

  it('changes no file that is there, and lists each', () => {
    const folder = place('again');
    init(PACKAGE, ['init', folder]);
    for (const file of FILES.slice(1)) writeFileSync(join(folder, file), `mine: ${file}`);

    const { exitCode, text } = init(PACKAGE, ['init', folder]);

    expect(exitCode).toBe(0);
    for (const file of FILES) expect(text).toContain(`left alone  ${file} (it was there)\n`);
    for (const file of FILES.slice(1)) expect(read(folder, file)).toBe(`mine: ${file}`);
  });

  it('names for an existing Nest project only the packages that it lacks', () => {
    const folder = place('nest');
    mkdirSync(folder);
    const manifest = JSON.stringify({
      dependencies: {
        '@nestjs/common': '12',
        '@nestjs/core': '12',
        'reflect-metadata': '0.2.2',
        rxjs: '7.8.2',
      },
      devDependencies: { '@types/node': '24', typescript: '6' },
    });
    writeFileSync(join(folder, 'package.json'), manifest);
    writeFileSync(join(folder, 'nest-cli.json'), '{}');

    const { text } = init(PACKAGE, ['init', folder]);

    expect(read(folder, 'package.json')).toBe(manifest);
    expect(text).toContain(
      '  npm install nestjs-zmq-transport @nestjs/microservices zeromq\n  npx nest build\n',
    );
    expect(text).not.toContain('--save-dev');
  });

  it('writes to no place that a dangling link points to', () => {
    const folder = place('linked');
    mkdirSync(folder);
    symlinkSync(place('elsewhere.json'), join(folder, 'tsconfig.json'));

    expect(init(PACKAGE, ['init', folder])).toMatchObject({
      exitCode: 73,
      text: expect.stringContaining('tsconfig.json cannot be written') as string,
    });
    expect(() => read(place('elsewhere.json'))).toThrow('ENOENT');
  });

  it('prints how it is called', () => {
    expect(init(PACKAGE, ['--help'])).toEqual({
      exitCode: 0,
      text: expect.stringMatching(/^usage: npx nestjs-zmq-transport init \[FOLDER\]\n/) as string,
    });
  });

  it.each([
    [[], 64, 'the command is missing'],
    [['start'], 64, 'there is no command start'],
    [['init', '--force'], 64, "Unknown option '--force'"],
    [['init', '--help=yes'], 64, 'does not take an argument'],
    [['init', ''], 64, 'the name of the folder is empty'],
    [['init', 'one', 'two'], 64, 'one folder, and not two too'],
    [['init', 'FILE'], 73, 'package.json cannot be read: ENOTDIR'],
    [['init', 'FILE/service'], 73, 'package.json cannot be read: ENOTDIR'],
    [['init', '/proc/service'], 73, 'cannot be written: ENOENT'],
    [['init', 'BROKEN'], 65, 'is not a package.json'],
    [['init', 'LIST'], 65, 'is not a package.json'],
  ])('answers %j with %i and why', (args, exitCode, why) => {
    writeFileSync(place('file'), '');
    for (const [name, text] of [
      ['broken', '{'],
      ['list', 'null'],
    ] as const) {
      mkdirSync(place(name), { recursive: true });
      writeFileSync(join(place(name), 'package.json'), text);
    }
    const named = args.map((arg) => arg.replace(/^[A-Z]+/, (name) => place(name.toLowerCase())));

    const answer = init(PACKAGE, named);

    expect(answer.exitCode).toBe(exitCode);
    expect(answer.text).toContain(`init: `);
    expect(answer.text).toContain(why);
    expect(answer.text.includes('usage:')).toBe(exitCode === 64);
  });
});
