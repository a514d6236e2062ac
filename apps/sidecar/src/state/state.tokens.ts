/** Injects the `StateFile`, or undefined without SIDECAR_STATE_DIR. */
export const KEPT_FILE = Symbol('KEPT_FILE');
