// The rooms of the house: a trade walks http → publishing → the client, and imports go one way.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = join(__dirname, '..', 'src');
/** A room may import from the rooms before it, and from itself. */
const ROOMS = ['config', 'publishing', 'live', 'http', 'page', 'operations'];

function importsOf(room: string): { file: string; from: string }[] {
  return readdirSync(join(SOURCE, room)).flatMap((file) => {
    const text = readFileSync(join(SOURCE, room, file), 'utf8');
    return [...text.matchAll(/from '\.\.\/([^/']+)/g)].map(([, from = '']) => ({ file, from }));
  });
}

describe('the rooms of the publisher', () => {
  it('are all that is in its source, beside its start', () => {
    const rooms = readdirSync(SOURCE, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.map(({ name }) => name).toSorted()).toEqual(ROOMS.toSorted());
  });

  it.each(ROOMS)('%s imports only from rooms before it', (room) => {
    const later = ROOMS.slice(ROOMS.indexOf(room));
    expect(importsOf(room).filter(({ from }) => !ROOMS.includes(from) || later.includes(from))).toEqual([]);
  });

  it('have one Nest module each', () => {
    for (const room of ROOMS) {
      const modules = readdirSync(join(SOURCE, room)).filter((file) => file.endsWith('.module.ts'));
      expect({ room, modules: modules.length }).toEqual({ room, modules: 1 });
    }
  });
});
