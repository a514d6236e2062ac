import { prefersHtml } from './trade.controller.js';

describe('prefersHtml', () => {
  it.each([
    ['what browsers send with a form', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
    ['HTML alone', 'text/html'],
    ['HTML before JSON', 'application/json;q=0.8, TEXT/HTML;q=0.9, text/html'],
    ['HTML and JSON alike', 'application/json, text/html'],
  ])('is true for %s', (_, accept) => {
    expect(prefersHtml(accept)).toBe(true);
  });

  it.each([
    ['nothing', undefined],
    ['anything', '*/*'],
    ['JSON', 'application/json'],
    ['JSON before HTML', 'application/json, text/html;q=0.5'],
    ['HTML that is excluded', 'text/html;q=0, */*'],
    ['an unreadable quality', 'text/html;q=much'],
  ])('is false for %s', (_, accept) => {
    expect(prefersHtml(accept)).toBe(false);
  });
});
