import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/**
 * Which addresses outgoing calls may reach. Everything that is not plainly the public internet is refused (loopback,
 * link-local with the clouds' metadata services, private, shared, multicast, unspecified, documentation, reserved: the
 * special-purpose registries of RFC 6890), unless the administrator lists it.
 */

const REFUSED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Within the public unicast range 2000::/3. */
const REFUSED_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const refusedV4 = blockList(REFUSED_V4, 'ipv4');
const refusedV6 = blockList(REFUSED_V6, 'ipv6');
const publicV6 = blockList([['2000::', 3]], 'ipv6');

function blockList(ranges: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [address, bits] of ranges) list.addSubnet(address, bits, family);
  return list;
}

/** True for an address of the public internet; of an IPv6 address that carries an IPv4 one, that one decides. */
export function isPublicAddress(address: string): boolean {
  const bare = withoutZone(address);
  if (isIPv4(bare)) return !refusedV4.check(bare, 'ipv4');
  if (!isIPv6(bare)) return false;
  const carried = carriedV4(bare);
  if (carried !== null) return isPublicAddress(carried);
  return publicV6.check(bare, 'ipv6') && !refusedV6.check(bare, 'ipv6');
}

/** The IPv4 address in an IPv4-mapped (`::ffff:0:0/96`) or NAT64 (`64:ff9b::/96`) address, or null. */
export function carriedV4(address: string): string | null {
  const groups = expandV6(withoutZone(address));
  if (groups === null) return null;
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  const nat64 = groups[0] === 0x64 && groups[1] === 0xff9b && groups.slice(2, 6).every((group) => group === 0);
  if (!mapped && !nat64) return null;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function withoutZone(address: string): string {
  return address.split('%')[0] ?? address;
}

/** The eight groups of an IPv6 address. */
function expandV6(address: string): number[] | null {
  if (!isIPv6(address)) return null;
  const dotted = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [before = '', after] = dotted.split('::');
  const read = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const head = read(before);
  if (after === undefined) return head;
  const tail = read(after);
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** What EGRESS_ALLOW lists, read once. */
export interface AllowList {
  /** True when the name itself is listed: then its addresses are not looked at. */
  allowsHost(host: string): boolean;
  allowsAddress(address: string): boolean;
}

/**
 * Reads entries such as `10.1.2.3`, `10.0.0.0/8`, `fd00::/8`, `intranet.example.com`, `*.internal.example.com`. Throws one
 * Error that names an entry which is none of these.
 */
export function readAllowList(entries: readonly string[]): AllowList {
  const addresses = new BlockList();
  const hosts = new Set<string>();
  const suffixes: string[] = [];
  for (const entry of entries) {
    const [address = '', bits, ...rest] = entry.split('/');
    const family = isIP(address);
    if (family !== 0 && rest.length === 0) {
      const most = family === 4 ? 32 : 128;
      const length = bits === undefined ? most : Number(bits);
      if (bits === '' || !Number.isInteger(length) || length < 0 || length > most)
        throw new Error(`EGRESS_ALLOW: '${entry}' is not a range of addresses`);
      addresses.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
    } else if (/^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i.test(entry)) {
      const host = entry.toLowerCase().replace(/\.$/, '');
      if (host.startsWith('*.')) suffixes.push(host.slice(1));
      else hosts.add(host);
    } else {
      throw new Error(`EGRESS_ALLOW: '${entry}' is not an address, a range such as 10.0.0.0/8, or a host name`);
    }
  }
  const checkAddress = (address: string): boolean => {
    const bare = withoutZone(address);
    if (isIPv4(bare)) return addresses.check(bare, 'ipv4');
    const carried = carriedV4(bare);
    return (isIPv6(bare) && addresses.check(bare, 'ipv6')) || (carried !== null && addresses.check(carried, 'ipv4'));
  };
  return {
    allowsHost: (host) => {
      const name = host.toLowerCase().replace(/\.$/, '');
      return hosts.has(name) || suffixes.some((suffix) => name.endsWith(suffix));
    },
    allowsAddress: checkAddress,
  };
}
