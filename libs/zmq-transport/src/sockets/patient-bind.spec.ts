import type { Socket } from 'zeromq';
import { bindAgain, bindFirst } from './patient-bind.js';

/** A socket whose tries to bind fail with these codes, one after the other, and then succeed. */
function failing(...codes: string[]): Socket {
  const bind = async (): Promise<void> => {
    const code = codes.shift();
    if (code !== undefined) throw Object.assign(new Error(code), { code });
  };
  return { bind, ipv6: false, lastEndpoint: 'tcp://127.0.0.1:1' } as unknown as Socket;
}

it('names the cause that libzmq forgot', async () => {
  const socket = failing('EAGAIN', 'EADDRINUSE');
  await expect(bindFirst(socket, 'tcp://127.0.0.1:1')).rejects.toMatchObject({ reason: 'EADDRINUSE' });
});

it('binds again once the address is free, also when libzmq forgot that it was in use', async () => {
  const socket = failing('EADDRINUSE', 'EAGAIN', 'EADDRINUSE');
  await expect(bindAgain(socket, 'tcp://127.0.0.1:1')).resolves.toBeUndefined();
});
