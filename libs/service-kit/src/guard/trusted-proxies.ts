import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';

/** A request as the outermost trusted proxy received it. */
export interface OuterRequest {
  /** The client's IP address. */
  readonly address: string;
  /** The host that the client asked, with its port where that is not the scheme's; undefined when no proxy says it. */
  readonly host: string | undefined;
  /** Undefined when no proxy says it. */
  readonly scheme: 'http' | 'https' | undefined;
}

/** What the proxies have written, the outermost first. The lists may have different lengths. */
interface Told {
  readonly clients: readonly (string | undefined)[];
  readonly hosts: readonly (string | undefined)[];
  readonly schemes: readonly (string | undefined)[];
  readonly ports: readonly (string | undefined)[];
}

/** The proxies that may say where a request comes from: by `Forwarded`, or by `X-Forwarded-For`, `-Host`, `-Proto` and `-Port`. */
export class TrustedProxies {
  private readonly list = new BlockList();

  /**
   * @param proxies IP addresses, or networks such as `10.1.0.0/16`
   * @throws Error with a sentence that names the first one that is neither
   */
  constructor(proxies: readonly string[]) {
    for (const proxy of proxies) this.add(proxy);
  }

  /**
   * What the proxies say about a request; undefined when its `peer` is not one of them, or says nothing. A client may send the
   * kind of header that its proxy does not set: where both kinds are there and differ, neither is believed.
   */
  outerOf(peer: string | undefined, headers: IncomingHttpHeaders): OuterRequest | undefined {
    if (peer === undefined || !this.trusts(peer)) return undefined;
    const [ours, standard] = [toldByX(headers), toldByForwarded(headers)];
    const first = ours && this.read(peer, ours);
    const second = standard && this.read(peer, standard);
    if (first === undefined || second === undefined) return first ?? second;
    return first.address === second.address && first.host === second.host ? first : undefined;
  }

  private add(proxy: string): void {
    const [address = '', bits, ...rest] = proxy.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    const most = family === 'ipv4' ? 32 : 128;
    const prefix = bits === undefined ? most : Number(bits);
    const isRead = isIP(address) !== 0 && rest.length === 0 && (bits === undefined || /^\d{1,3}$/.test(bits));
    if (!isRead || prefix > most) {
      throw new Error(`"${proxy}" is neither an IP address nor a network such as 10.1.0.0/16`);
    }
    this.list.addSubnet(address, prefix, family);
  }

  private trusts(address: string): boolean {
    const [bare = ''] = address.split('%', 1);
    return this.list.check(bare, isIPv4(bare) ? 'ipv4' : 'ipv6');
  }

  /** Reads from the nearest proxy outwards, as long as each one is trusted. */
  private read(peer: string, { clients, hosts, schemes, ports }: Told): OuterRequest {
    let address = plainAddress(peer) ?? peer;
    let proxies = 0;
    while (proxies < clients.length && this.trusts(address)) {
      proxies += 1;
      const client = plainAddress(clients[clients.length - proxies] ?? '');
      if (client === undefined) break;
      address = client;
    }
    // The nearest proxy may say the host without the client.
    const depth = Math.max(1, proxies);
    const scheme = outermost(schemes, depth)?.toLowerCase();
    const known = scheme === 'http' || scheme === 'https' ? scheme : undefined;
    const host = outermost(hosts, depth)?.toLowerCase();
    return { address, host: host && withPort(host, outermost(ports, depth)), scheme: known };
  }
}

/** What the outermost of the `depth` nearest proxies wrote, or the next one that wrote anything. */
function outermost(values: readonly (string | undefined)[], depth: number): string | undefined {
  return values
    .slice(Math.max(0, values.length - depth))
    .find((value) => value !== undefined && value !== '');
}

function withPort(host: string, port: string | undefined): string {
  const isTold = port !== undefined && /^\d{1,5}$/.test(port);
  return !isTold || port === '80' || port === '443' || /:\d+$/.test(host) ? host : `${host}:${port}`;
}

/** `192.0.2.1:4711`, `[2001:db8::1]:4711`, `::ffff:192.0.2.1` → the address; undefined for any other text. */
function plainAddress(text: string): string | undefined {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1];
  const bare = bracketed ?? (/^[^:]*:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  const [address = ''] = (mapped ?? bare).split('%', 1);
  return isIP(address) === 0 ? undefined : address;
}

function toldByX(headers: IncomingHttpHeaders): Told | undefined {
  const read = (name: string): string[] => {
    const value = headers[`x-forwarded-${name}`];
    return typeof value === 'string' ? value.split(',').map((item) => item.trim()) : [];
  };
  const told = { clients: read('for'), hosts: read('host'), schemes: read('proto'), ports: read('port') };
  return told.clients.length + told.hosts.length + told.schemes.length === 0 ? undefined : told;
}

/** RFC 7239: `for=192.0.2.1;host=desk.example;proto=https, for="[2001:db8::1]:4711"`. */
function toldByForwarded({ forwarded }: IncomingHttpHeaders): Told | undefined {
  if (forwarded === undefined) return undefined;
  const hops = splitUnquoted(forwarded, ',').map(
    (hop) => new Map(splitUnquoted(hop, ';').map((pair) => toParameter(pair))),
  );
  const read = (name: string): (string | undefined)[] => hops.map((hop) => hop.get(name));
  return { clients: read('for'), hosts: read('host'), schemes: read('proto'), ports: [] };
}

function toParameter(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=');
  const value = pair.slice(at + 1).trim();
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  const plain = isQuoted ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
  return [pair.slice(0, Math.max(0, at)).trim().toLowerCase(), plain];
}

function splitUnquoted(text: string, separator: string): string[] {
  const parts: string[] = [];
  let [begin, isQuoted] = [0, false];
  for (let at = 0; at < text.length; at += 1) {
    if (isQuoted && text[at] === '\\') at += 1;
    else if (text[at] === '"') isQuoted = !isQuoted;
    else if (text[at] === separator && !isQuoted) {
      parts.push(text.slice(begin, at));
      begin = at + 1;
    }
  }
  return [...parts, text.slice(begin)];
}
