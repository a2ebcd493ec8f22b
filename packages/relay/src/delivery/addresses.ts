import { ZhidaError } from '@zhida/core';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
/** A network as `ipaddr.parseCIDR` reads it. */
export type Network = readonly [Address, number];

/** Reads `10.20.0.0/16`; `undefined` for what is no network. */
export function parseNetwork(text: string): Network | undefined {
  return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
}

/** Networks as an option writes them. @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming the option */
export function networksIn(texts: readonly string[], at: string): Network[] {
  return texts.map((text) => {
    const network = parseNetwork(text);
    if (network === undefined) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'not a network such as 10.20.0.0/16', { at });
    return network;
  });
}

/**
 * True if a report may be sent to this address: a public one, or one inside a network permitted for this endpoint by name.
 *
 * What counts is where the packets end: an IPv6 address that carries an IPv4 address (mapped, translated, NAT64, 6to4) is
 * judged by the address it carries, or a resolver could name the inside of this network in a form nobody looks for.
 */
export function isPermitted(address: string, permitted: readonly Network[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const target = carried(ipaddr.parse(address));
  return isPublic(target) || permitted.some((network) => contains(network, target));
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  // RFC 4291 §2.4 with the IANA registry: global unicast is 2000::/3; all else is reserved, whatever list it is missing from.
  return address instanceof ipaddr.IPv4 || ((address.parts[0] ?? 0) & 0xe000) === 0x2000;
}

function contains([base, bits]: Network, address: Address): boolean {
  return base.kind() === address.kind() && address.match(base as never, bits);
}

/** The IPv4 address that an IPv6 address stands for, or the address itself. */
function carried(address: Address): Address {
  if (address instanceof ipaddr.IPv4) return address;
  const bytes = address.toByteArray();
  switch (address.range()) {
    case 'ipv4Mapped':
    case 'rfc6145':
      return new ipaddr.IPv4(bytes.slice(12));
    case 'rfc6052':
      // RFC 6052 §2.1; the local prefix of RFC 8215 (64:ff9b:1::/48) is laid out as its network likes and stays closed.
      return bytes[5] === 0 ? new ipaddr.IPv4(bytes.slice(12)) : address;
    case '6to4':
      return new ipaddr.IPv4(bytes.slice(2, 6));
    default:
      return isCompatible(bytes) ? new ipaddr.IPv4(bytes.slice(12)) : address;
  }
}

/** The deprecated `::a.b.c.d` (RFC 4291 §2.5.5.1); `::` and `::1` are themselves. */
function isCompatible(bytes: readonly number[]): boolean {
  return bytes.slice(0, 12).every((byte) => byte === 0) && bytes.slice(12, 15).some((byte) => byte !== 0);
}
