import { isReleaseKind, type Report } from '@zhida/report';
import type { ProfileRecipient, RelayProfile } from '../options.js';
import type { AddressTable } from './address-table.js';
import { isConflicted } from './conflicts.js';

/** What a report is routed by, beside itself. */
export interface RoutingFacts {
  readonly profile: RelayProfile;
  /** The reporting facility's code. */
  readonly facility: string;
  /** Of this report and of all before it in its chain; see `conflictsOf`. */
  readonly conflicts: readonly string[];
  readonly addressTable?: AddressTable | undefined;
}

/**
 * Who receives a report: the police of the facility's region with the station that covers the facility (and, once the child
 * has left, the station that covers where the child is), civil affairs of where the child is, and who else the profile tells at
 * once. The nearest region wins and a missing one falls back up the region tree; the region in front of a resident number is
 * never asked. A kind with a conflict of interest is asked one level up, and any conflict adds the procuratorate. Kinds that
 * wait for a release are never among them.
 */
export function routeReport(report: Report, facts: RoutingFacts): ProfileRecipient[] {
  const { profile } = facts;
  const kinds = [...new Set(profile.recipients.map(({ kind }) => kind))];
  const routed = new Set(kinds.flatMap((kind) => recipientsOfKind(kind, report, facts)));
  // The profile knows nobody above those with a conflict: a report must reach somebody who investigates.
  if (![...routed].some(({ kind }) => kind === 'police' || kind === 'procuratorate')) {
    for (const recipient of lastResort(profile)) routed.add(recipient);
  }
  // In the order of the profile, which is that of its priorities.
  return profile.recipients.filter((recipient) => routed.has(recipient));
}

/** The recipients of a kind that the police have released a case to; nobody with a conflict of interest. */
export function releaseRecipients(kind: string, { profile, facility, conflicts }: Omit<RoutingFacts, 'addressTable'>): ProfileRecipient[] {
  if (isConflicted(kind, conflicts, profile)) return [];
  const candidates = profile.recipients.filter((recipient) => recipient.kind === kind && isReleaseKind(recipient.view));
  return nearest(candidates, facilityRegion(profile, facility), profile);
}

/**
 * True for a party that nobody but the police may let hear of a case, by a release, and for one with a conflict of interest in it: at
 * its level and below. No agency can hand a report on to it.
 */
export function isKeptFrom(party: string, { profile, facility, conflicts }: Omit<RoutingFacts, 'addressTable'>): boolean {
  const recipient = profile.recipients.find((known) => known.party === party);
  if (recipient === undefined) return conflicts.includes(party);
  if (isReleaseKind(recipient.view)) return true;
  if (!isConflicted(recipient.kind, conflicts, profile)) return false;
  const general = profile.recipients.filter(({ kind, facilities }) => kind === recipient.kind && facilities === undefined);
  return nearest(general, facilityRegion(profile, facility), profile).some((near) =>
    regionOf(recipient, profile).startsWith(regionOf(near, profile)),
  );
}

function recipientsOfKind(kind: string, report: Report, facts: RoutingFacts): ProfileRecipient[] {
  const { profile, facility, conflicts } = facts;
  const told = profile.recipients.filter((recipient) => recipient.kind === kind && isTold(recipient, conflicts));
  const general = told.filter(({ facilities }) => facilities === undefined);
  const region = kind === 'civil-affairs' ? childRegion(report, profile, facility) : facilityRegion(profile, facility);
  const level = nearest(general, region, profile);
  if (isConflicted(kind, conflicts, profile)) return oneLevelUp(general, level, region, profile);
  return [
    ...level,
    ...told.filter((recipient) => recipient.facilities?.includes(facility) === true),
    ...stationsOfAddress(kind, report, told, facts),
  ];
}

function isTold(recipient: ProfileRecipient, conflicts: readonly string[]): boolean {
  if (isReleaseKind(recipient.view)) return false;
  return (recipient.when ?? 'report') === 'report' || conflicts.length > 0;
}

function lastResort({ recipients }: RelayProfile): ProfileRecipient[] {
  const police = recipients.filter((recipient) => recipient.kind === 'police' && recipient.facilities === undefined);
  return police.length > 0 ? police : recipients.filter(({ view }) => !isReleaseKind(view));
}

/** All of the longest region that holds this one; where none does, all of the profile's own level. */
function nearest(candidates: readonly ProfileRecipient[], region: string, profile: RelayProfile): ProfileRecipient[] {
  const holding = candidates.filter((recipient) => region.startsWith(regionOf(recipient, profile)));
  const fallback =
    holding.length > 0 ? holding : candidates.filter((recipient) => profile.regionCode.startsWith(regionOf(recipient, profile)));
  const longest = Math.max(...fallback.map((recipient) => regionOf(recipient, profile).length));
  return fallback.filter((recipient) => regionOf(recipient, profile).length === longest);
}

/** One level up from those with a conflict; nobody if the profile knows nobody above. */
function oneLevelUp(
  candidates: readonly ProfileRecipient[],
  level: readonly ProfileRecipient[],
  region: string,
  profile: RelayProfile,
): ProfileRecipient[] {
  const below = Math.min(...level.map((recipient) => regionOf(recipient, profile).length));
  const above = candidates.filter((recipient) => regionOf(recipient, profile).length < below);
  return above.length === 0 ? [] : nearest(above, region, profile);
}

function stationsOfAddress(
  kind: string,
  report: Report,
  told: readonly ProfileRecipient[],
  { addressTable }: RoutingFacts,
): ProfileRecipient[] {
  if (kind !== 'police' || addressTable === undefined || !hasLeft(report)) return [];
  const texts = [report.whereabouts?.destination, report.patient?.address?.text];
  const party = texts.map((text) => addressTable.find(text ?? '')).find((found) => found !== undefined);
  return told.filter((recipient) => recipient.party === party);
}

function hasLeft({ whereabouts }: Report): boolean {
  return whereabouts?.status === 'left' || whereabouts?.status === 'transferred';
}

/** Where the child is: here, unless the report says that it has left; then where it lives, if that is known. */
function childRegion(report: Report, profile: RelayProfile, facility: string): string {
  const home = report.patient?.address?.regionCode ?? '';
  return hasLeft(report) && /^\d{6,12}$/.test(home) ? home : facilityRegion(profile, facility);
}

function facilityRegion(profile: RelayProfile, facility: string): string {
  return profile.facilityRegions?.[facility] ?? profile.regionCode;
}

/** A region code ends in pairs of zeros where it means a whole city or province; only what says something is compared. */
function regionOf({ regionCode }: ProfileRecipient, profile: RelayProfile): string {
  const code = regionCode ?? profile.regionCode;
  return code.length === 6 ? code.replace(/^(\d{2})0000$/, '$1').replace(/^(\d{4})00$/, '$1') : code;
}
