import { isForeignWrite, type RequestOrigin } from './cross-site.policy.js';

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
});
