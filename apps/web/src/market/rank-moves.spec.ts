import type { SymbolFigures } from './market-client.js';
import { rankMoves } from './rank-moves.js';

const ranked = (...symbols: string[]): SymbolFigures[] =>
  symbols.map((symbol, index) => ({
    rank: index + 1,
    symbol,
    trades: 1,
    volume: 1,
    notional: null,
    lastPrice: null,
    delta: 0,
    share: null,
  }));

it('tells by how many places a symbol rose or fell, and nothing of one that is new or stayed', () => {
  const before = new Map([
    ['A', 1],
    ['B', 2],
    ['C', 3],
    ['D', 4],
  ]);
  expect([...rankMoves(before, ranked('C', 'A', 'E', 'D'))]).toEqual([
    ['C', 2],
    ['A', -1],
  ]);
});
