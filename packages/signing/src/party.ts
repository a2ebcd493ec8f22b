import { ZhidaError } from '@zhida/core';

/** What a party is to the others; it is also the first part of its name. */
export const PARTY_ROLES = ['his', 'gateway', 'relay', 'agency'] as const;
export type PartyRole = (typeof PARTY_ROLES)[number];

/** `role:name`; the name is safe in a file name and a header. */
const PARTY_NAME = /^(his|gateway|relay|agency):([A-Za-z0-9][A-Za-z0-9._-]{0,63})$/;

/** The role a party's name carries, or `undefined` when the text is not a party name such as `agency:police-440299`. */
export function roleOfParty(name: unknown): PartyRole | undefined {
  return typeof name === 'string' ? (PARTY_NAME.exec(name)?.[1] as PartyRole | undefined) : undefined;
}

/** The file of a party's trust file: `agency:police-440299` is kept in `agency_police-440299.json`. */
export function trustFileName(party: string): string {
  return `${party.replace(':', '_')}.json`;
}

/** @throws ZhidaError `ZD_ERR_OPTION_INVALID` unless the name is a party name of this role. */
export function requirePartyName(name: string, role: PartyRole): void {
  if (roleOfParty(name) !== role) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', `a party name of this role is written ${role}:name (letters, digits, ".", "_" and "-")`, {
      at: 'party',
    });
  }
}
