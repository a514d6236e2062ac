import { SseParser } from './sse-parser.js';

describe('SseParser', () => {
  it('puts messages together from any pieces', () => {
    const parser = new SseParser();
    const text =
      'retry: 1000\n\nid: a-1\ndata: [1,\ndata: 2]\n\nevent: gap\ndata: {"missed":3}\n\n: still here\n\n';
    const messages = [...text].flatMap((character) => parser.push(character));
    expect(messages).toEqual([
      { event: 'message', data: '[1,\n2]', id: 'a-1' },
      { event: 'gap', data: '{"missed":3}', id: undefined },
    ]);
  });

  it('reads lines that end as on Windows', () => {
    expect(new SseParser().push('data: x\r\n\r\n')).toMatchObject([{ data: 'x' }]);
  });
});
