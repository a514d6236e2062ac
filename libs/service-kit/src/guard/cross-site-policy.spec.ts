import { isForeignWrite, type RequestOrigin } from './cross-site-policy.js';

const post = (given: Partial<RequestOrigin>): boolean =>
  isForeignWrite({ method: 'POST', host: 'desk:8000', origin: undefined, fetchSite: undefined, ...given });

describe('isForeignWrite', () => {
  it.each<Partial<RequestOrigin>>([
    {},
    { fetchSite: 'same-origin', origin: 'http://desk:8000' },
    { fetchSite: 'none' },
    { origin: 'http://desk:8000' },
    { origin: 'http://DESK:8000' },
    { method: 'GET', fetchSite: 'cross-site', origin: 'http://evil.example' },
  ])('lets %p pass', (request) => {
    expect(post(request)).toBe(false);
  });

  it.each<Partial<RequestOrigin>>([
    { fetchSite: 'cross-site' },
    { fetchSite: 'same-site', origin: 'http://desk:8000' },
    { fetchSite: 'nonsense' },
    { origin: 'http://evil.example' },
    { origin: 'http://desk:9000' },
    { origin: 'null' },
    { origin: '' },
    { method: 'DELETE', fetchSite: 'cross-site' },
  ])('finds %p foreign', (request) => {
    expect(post(request)).toBe(true);
  });

  const ownHosts = new Set(['desk.example', 'desk.example:8443']);
  const rewritten = { host: '127.0.0.1:8000', ownHosts };
  it.each<Partial<RequestOrigin>>([
    { ...rewritten, origin: 'http://desk.example' },
    { ...rewritten, origin: 'https://desk.example' },
    { ...rewritten, origin: 'https://desk.example:8443' },
    { ownHosts, host: 'desk.example', origin: 'https://desk.example:8443' },
    { host: 'desk.example', origin: 'https://desk.example', scheme: 'https' },
    { host: 'desk.example:443', origin: 'https://desk.example', scheme: 'https' },
  ])('lets a page of a host that was named as ours post through a proxy: %p', (request) => {
    expect(post(request)).toBe(false);
  });

  it.each<Partial<RequestOrigin>>([
    { ...rewritten, origin: 'http://evil.example' },
    { ...rewritten, origin: 'http://desk.example:9999' },
    { ...rewritten, origin: 'http://desk.example', fetchSite: 'cross-site' },
    { ...rewritten, origin: 'http://127.0.0.1' },
    // Nobody has put another name here: another server of this machine made the page.
    { ownHosts, host: 'desk.example:8000', origin: 'http://desk.example' },
    { host: 'desk.example', origin: 'http://desk.example', scheme: 'https' },
  ])('finds %p foreign', (request) => {
    expect(post(request)).toBe(true);
  });
});
