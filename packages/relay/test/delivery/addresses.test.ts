import { expect, test } from 'vitest';
import { isPermitted, type Network, parseNetwork } from '../../src/delivery/addresses.js';

function networks(...texts: string[]): Network[] {
  return texts.map((text) => {
    const network = parseNetwork(text);
    if (network === undefined) throw new TypeError(text);
    return network;
  });
}

test.each(['8.8.8.8', '114.114.114.114', '2400:3200::1', '::ffff:8.8.8.8', '64:ff9b::808:808', '2002:808:808::1'])(
  '%s is public',
  (address) => {
    expect(isPermitted(address, [])).toBe(true);
  },
);

/** Each is the inside of something: loopback, RFC 1918, link-local with the cloud's metadata service, CGNAT, documentation, multicast. */
const INSIDES = [
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
];

/** Every IPv6 form that ends at an IPv4 address. */
const FORMS: readonly [form: string, write: (hex: string) => string][] = [
  ['mapped', (hex) => `::ffff:${hex}`],
  ['translated (RFC 6145)', (hex) => `::ffff:0:${hex}`],
  ['NAT64', (hex) => `64:ff9b::${hex}`],
  ['6to4', (hex) => `2002:${hex}::1`],
];

function hexOf(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

test.each(INSIDES)('%s is not, in any form', (address) => {
  expect(isPermitted(address, [])).toBe(false);
  for (const [form, write] of FORMS) expect(isPermitted(write(hexOf(address)), []), form).toBe(false);
});

test.each([
  '::',
  '::1',
  '::7f00:1',
  '64:ff9b:1::808:808',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '3fff::1',
  '4000::1',
  '5f00::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  'not an address',
  '',
])('%s is not', (address) => {
  expect(isPermitted(address, [])).toBe(false);
});

test('a network permitted by name opens itself, in every form, and nothing beside it', () => {
  const permitted = networks('10.20.0.0/16', 'fd12:3456::/32');
  expect(isPermitted('10.20.3.4', permitted)).toBe(true);
  for (const [form, write] of FORMS) expect(isPermitted(write(hexOf('10.20.3.4')), permitted), form).toBe(true);
  expect(isPermitted('fd12:3456:1::1', permitted)).toBe(true);
  expect(isPermitted('10.21.0.1', permitted)).toBe(false);
  expect(isPermitted('fd12:3457::1', permitted)).toBe(false);
});

test.each(['10.20.0.0', '10.20.0.0/33', 'county', ''])('%s is no network', (text) => {
  expect(parseNetwork(text)).toBeUndefined();
});
