const clients = new URL('../clients/package.json', import.meta.url).href;

/**
 * Looks in bench/clients for what is installed nowhere else. (require() looks there by NODE_PATH, import does not.)
 * @type {import('node:module').ResolveHook}
 */
export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    return nextResolve(specifier, { ...context, parentURL: clients });
  }
}
