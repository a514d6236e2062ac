// `npm run pack:transport`: builds the transports as packages, packs them into dist/libs, and prints the tarballs' paths.
// `--no-pack` only builds the packages' folders.
import { runScript } from './lib/script-error.mjs';
import { readOptions } from './lib/options.mjs';
import { buildTransport, chosenTransports, packBuilt, TRANSPORTS } from './lib/transport-package.mjs';

const USAGE = `usage: npm run pack:transport -- [--no-pack] [TRANSPORT …]
Builds the packages nestjs-zmq-transport and nestjs-jetstream-transport, packs them, and prints where the tarballs are.
  --no-pack  builds the folders of the packages only
  TRANSPORT  ${TRANSPORTS.join(', ')}; all unless some are named`;

await runScript(async () => {
  const { values, words } = readOptions('pack:transport', USAGE, { takesWords: true });
  for (const transport of chosenTransports('pack:transport', words)) {
    const built = await buildTransport(transport);
    if (values['no-pack'] !== true) console.log(await packBuilt(built));
  }
});
