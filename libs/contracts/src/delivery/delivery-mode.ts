/**
 * What happens to an accepted event; both apps need the same mode.
 * - `at-most-once`: it is sent once, and nothing reports whether it arrived
 * - `acknowledged`: it is kept in memory until the sidecar has handled it
 * - `durable`: it is kept on disk until then
 *
 * docs/reference/delivery.md tells users what each of them promises.
 */
export const DELIVERY_MODES = ['at-most-once', 'acknowledged', 'durable'] as const;

/** One of `DELIVERY_MODES`. */
export type DeliveryMode = (typeof DELIVERY_MODES)[number];
