// `node --import clients-register.mjs`: lets Nest find the brokers' client packages in bench/clients/node_modules.
import { register } from 'node:module';

register('./clients-resolver.mjs', import.meta.url);
