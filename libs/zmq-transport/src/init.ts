#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { init } from '@app/transport-core/init';

const packageFolder = fileURLToPath(new URL('../../../', import.meta.url));
const { exitCode, text } = init(packageFolder, process.argv.slice(2));
(exitCode === 0 ? process.stdout : process.stderr).write(text);
process.exitCode = exitCode;
