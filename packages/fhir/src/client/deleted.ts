import { type Issue, parseInstant } from '@zhida/core';
import { type Node, child, children, textAt } from '../node.js';
import { type Change, changeOf } from './change.js';
import { type Version, versionDigest } from './cursor.js';
import type { SourceSettings } from './options.js';
import { type Requester, statusOf } from './request.js';
import { searchPages } from './search.js';

/** How a server is asked. */
export interface Asking {
  readonly requester: Requester;
  readonly settings: SourceSettings;
  readonly signal: AbortSignal | undefined;
}

export interface Deletions {
  readonly encounters: readonly Version[];
  /** Of what is no Encounter: whose record it was in, so that this is read again without it. */
  readonly changes: readonly Change[];
  readonly issues: readonly Issue[];
}

const HISTORY = '/_history';

/**
 * What the history of a type (R4 §3.1.0.10) says was deleted since a time. A search never tells of it.
 *
 * @returns `undefined` of a server that keeps no such history. @throws ZhidaError `ZD_ERR_HTTP`
 */
export async function deletionsOf(
  type: string,
  from: string,
  seen: ReadonlySet<string>,
  { requester, settings, signal }: Asking,
): Promise<Deletions | undefined> {
  const issues: Issue[] = [];
  const versions: Version[] = [];
  const met = new Set<string>();
  let pages = 0;
  try {
    for await (const { entries } of searchPages(requester, type, { _since: from }, settings, signal, HISTORY)) {
      for (const entry of entries) takeEntry({ value: entry, at: '' });
      pages += 1;
      if (pages >= settings.pagesMax) {
        issues.push({ code: 'FIELD_TOO_LONG', severity: 'error', at: `${type}${HISTORY}` });
        break;
      }
    }
  } catch (error) {
    if (!hasAnswered(error)) throw error;
    return undefined;
  }

  /** The newest version comes first: whatever was created again after its deletion is told by the search. */
  function takeEntry(entry: Node): void {
    const url = textAt(entry, 'request', 'url') ?? textAt(entry, 'fullUrl') ?? '';
    const id = textAt(entry, 'resource', 'id') ?? idIn(url, type);
    if (id === undefined || met.has(id)) return;
    met.add(id);
    if (textAt(entry, 'request', 'method') !== 'DELETE') return;
    const lastUpdated = textAt(entry, 'response', 'lastModified');
    const lastUpdatedMs = lastUpdated === undefined ? undefined : parseInstant(lastUpdated);
    // Without a time it cannot be followed.
    if (lastUpdated === undefined || lastUpdatedMs === undefined)
      issues.push({ code: 'FIELD_MISSING', severity: 'error', at: `${type}${HISTORY}.response.lastModified` });
    else versions.push({ type, id, version: `deleted ${lastUpdated}`, lastUpdated, lastUpdatedMs });
  }

  if (type === 'Encounter') return { encounters: versions, changes: versions.map(ofNobody), issues };
  const changes: Change[] = [];
  for (const version of versions)
    changes.push(seen.has(versionDigest(version)) ? ofNobody(version) : await lastKnown(version, requester, signal));
  return { encounters: [], changes, issues };
}

/** Noted as seen, and no record is read for it. */
function ofNobody(version: Version): Change {
  return { ...version, patientId: undefined, encounterIds: [] };
}

/** A deletion holds nothing of what is deleted; the versions before it say whose it was. */
async function lastKnown(version: Version, requester: Requester, signal: AbortSignal | undefined): Promise<Change> {
  const { type, id } = version;
  try {
    const history: Node = { value: await requester.get(`${type}/${id}${HISTORY}`, type, signal), at: '' };
    const before = children(history, 'entry').map((entry) => changeOf(child(entry, 'resource')));
    const known = before.find((change) => change?.patientId !== undefined);
    return { ...version, patientId: known?.patientId, encounterIds: known?.encounterIds ?? [] };
  } catch (error) {
    if (!hasAnswered(error)) throw error;
    return ofNobody(version);
  }
}

/** It has said no, in whatever way: what it tells without a history it goes on telling. */
function hasAnswered(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && ![429, 502, 503, 504].includes(status);
}

/** `Observation/o1`, with or without a base and a version. */
function idIn(url: string, type: string): string | undefined {
  const parts = url.split('/');
  const id = parts[parts.lastIndexOf(type) + 1];
  return parts.includes(type) && id !== undefined && /^[A-Za-z0-9.-]{1,64}$/.test(id) ? id : undefined;
}
