import { basicAuthorization, withoutCredentials } from './address.js';

describe('withoutCredentials', () => {
  it.each([
    ['http://127.0.0.1:8001', 'http://127.0.0.1:8001'],
    ['http://grafana:3000/d/x?orgId=1', 'http://grafana:3000/d/x?orgId=1'],
    ['http://desk:hunter2@127.0.0.1:8001', 'http://127.0.0.1:8001'],
    ['https://desk:hunter2@grafana/d/x?orgId=1#a', 'https://grafana/d/x?orgId=1#a'],
    ['https://hunter2@grafana/', 'https://grafana/'],
    ['https://grafana/d/x?auth_token=hunter2&orgId=1', 'https://grafana/d/x?orgId=1'],
    ['https://grafana/?apikey=hunter2&api-key=hunter2&pwd=hunter2&sig=hunter2&q=1', 'https://grafana/?q=1'],
    ['nats://a:hunter2@one:1,nats://a:hunter2@two:1', 'nats://one:1,nats://two:1'],
    ['http://desk:hun@ter2@host:99999', 'http://(hidden)@host:99999'],
    ['http://desk:hun/ter2,x@host:1', 'http://(hidden)@host:1'],
    ['desk:hunter2@host', '(hidden)@host'],
    ['mailto:hunter2@host', '(hidden)@host'],
    ['no address', 'no address'],
  ])('shows %s as %s', (address, shown) => {
    expect(withoutCredentials(address)).toBe(shown);
  });
});

describe('basicAuthorization', () => {
  it.each([
    ['http://host', undefined],
    ['http://desk:hunter2@host', 'desk:hunter2'],
    ['http://desk:p%40ss%3A@host', 'desk:p@ss:'],
    ['http://desk:100%@host', 'desk:100%'],
  ])('of %s is that of %s', (address, credentials) => {
    const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
    expect(basicAuthorization(address)).toBe(expected);
  });
});
