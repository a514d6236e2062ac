// What a hostile peer claims in the header of an acknowledged batch must not move the counts of the honest ones (field case 28).
import { randomBytes } from 'node:crypto';
import { Dealer } from 'zeromq';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';

const PACKETS = 0x01;
const DELIVER = 0x05;
const PAYLOAD = JSON.stringify([trade(), trade()]);

/** A DELIVER of a session that nobody was granted, with the largest claims that its form allows. */
function boastfulHeader(): Buffer {
  const header = Buffer.alloc(29);
  header[0] = DELIVER;
  randomBytes(8).copy(header, 1);
  header.writeBigUInt64BE(2n ** 52n, 9);
  header.writeBigUInt64BE(2n ** 52n + 1n, 17);
  header.writeUInt32BE(2 ** 32 - 1, 25);
  return header;
}

describe('acknowledged batches that claim what cannot be', () => {
  let sidecar: SidecarUnderTest;
  let peer: Dealer;

  beforeEach(async () => {
    sidecar = await startSidecar({ DELIVERY: 'acknowledged' });
    peer = new Dealer({ linger: 0, sendTimeout: 5000 });
    for (const address of sidecar.server.boundAddresses) peer.connect(address);
  });

  afterEach(async () => {
    peer.close();
    await sidecar.close();
  });

  it('move no metric by more than their own bytes, and are neither received nor applied', async () => {
    for (let count = 0; count < 100; count += 1) await peer.send([boastfulHeader(), PAYLOAD]);
    await peer.send([Buffer.of(PACKETS), JSON.stringify(trade({ side: 'sell' }))]);
    await until(
      'the honest trade is applied',
      async () => (await sidecar.metric('trades_total{side="sell"}')) === 1,
    );

    expect(await sidecar.metric('trades_total{side="buy"}')).toBe(0);
    expect(await sidecar.metric('trading_transport_received_total')).toBe(1);
    expect(await sidecar.rejections()).toEqual({});
    expect(await sidecar.metric('trading_delivery_forgotten_total')).toBe(0);
    expect(await sidecar.metric('trading_delivery_queued_events')).toBe(0);
    expect(await sidecar.metric('trading_delivery_duplicates_total')).toBe(0);
    expect(await sidecar.metric('trading_delivery_stale_total')).toBeLessThanOrEqual(100 * PAYLOAD.length);
  });
});
