/** Injects the Nest `ClientProxy` that carries trades to the sidecars. */
export const TRADES_CLIENT = Symbol('TRADES_CLIENT');
