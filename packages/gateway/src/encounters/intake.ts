import { checkUscc, type EncounterSnapshot, type Issue, readSnapshot, ZhidaError } from '@zhida/core';
import type { GatewayContext } from '../context.js';

/** A visit as this gateway takes it: of its own facility and mode. */
export interface TakenSnapshot {
  readonly snapshot: EncounterSnapshot;
  readonly issues: readonly Issue[];
}

/**
 * Reads a visit and gives it this gateway's facility and mode.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` when it has no usable id, `ZD_ERR_MODE_REFUSED` when it is of another mode
 * (INV-16), `ZD_ERR_SCOPE_MISSING` when it says it belongs to another legal unit.
 */
export function readEncounter(context: GatewayContext, input: unknown): TakenSnapshot {
  refuseOtherMode(context, input);
  const { snapshot, issues } = readSnapshot(input);
  if (snapshot === undefined)
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'this is no encounter: it needs an id', { at: issues[0]?.at || '$' });
  return inFacility(context, snapshot, issues);
}

/** Judged on what was sent: a mode this version does not know would be dropped by the reader and taken for our own. */
function refuseOtherMode(context: GatewayContext, input: unknown): void {
  const mode: unknown = typeof input === 'object' && input !== null && 'mode' in input ? input.mode : undefined;
  if (typeof mode === 'string' && mode !== context.mode) {
    throw new ZhidaError('ZD_ERR_MODE_REFUSED', 'this gateway runs in another mode', { at: 'mode' });
  }
}

/**
 * A visit is the facility's that the feed's token is bound to. A stated 统一社会信用代码 of another unit is a misdirected feed;
 * any other code is a site's own number for itself and is replaced.
 */
function inFacility({ facility: own, mode }: GatewayContext, snapshot: EncounterSnapshot, issues: readonly Issue[]): TakenSnapshot {
  const stated = snapshot.facility?.code;
  const foreign = stated !== undefined && stated !== '' && stated !== own.code;
  if (foreign && checkUscc(stated)) {
    throw new ZhidaError('ZD_ERR_SCOPE_MISSING', 'this gateway speaks for another facility', { at: 'facility.code' });
  }
  const facility = { code: own.code, name: own.name, regionCode: own.regionCode };
  const replaced: Issue = { code: 'VALUE_NORMALISED', severity: 'information', at: 'facility.code' };
  return { snapshot: { ...snapshot, mode, facility }, issues: foreign ? [...issues, replaced] : issues };
}
