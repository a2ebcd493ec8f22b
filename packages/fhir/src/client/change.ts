import { parseInstant } from '@zhida/core';
import { type Node, child, children, firstOf, textAt } from '../node.js';
import type { Version } from './cursor.js';

/** A resource that changed, and whose record it is in. */
export interface Change extends Version {
  readonly patientId: string | undefined;
  /** Encounters it names; none where it speaks of the patient as such. */
  readonly encounterIds: readonly string[];
}

/** What a version of a resource says of itself; `undefined` without id or time. */
export function changeOf(resource: Node): Change | undefined {
  const [type, id, lastUpdated] = [textAt(resource, 'resourceType'), textAt(resource, 'id'), textAt(resource, 'meta', 'lastUpdated')];
  const lastUpdatedMs = lastUpdated === undefined ? undefined : parseInstant(lastUpdated);
  if (type === undefined || id === undefined || lastUpdated === undefined || lastUpdatedMs === undefined) return undefined;
  const version = textAt(resource, 'meta', 'versionId') ?? lastUpdated;
  const subject = firstOf(resource, 'patient', 'subject');
  return {
    type,
    id,
    version,
    lastUpdated,
    lastUpdatedMs,
    patientId: type === 'Patient' ? id : subject === undefined ? undefined : idIn(subject, 'Patient'),
    encounterIds: type === 'Encounter' ? [id] : encountersOf(resource),
  };
}

function encountersOf(resource: Node): string[] {
  const context = child(resource, 'context');
  const references = [...children(resource, 'encounter'), ...children(resource, 'context'), ...children(context, 'encounter')];
  return references.map((reference) => idIn(reference, 'Encounter')).filter((id) => id !== undefined);
}

/** The id of `Patient/1`, `https://his.example/fhir/Patient/1/_history/2`. */
function idIn(reference: Node, type: string): string | undefined {
  const parts = (textAt(reference, 'reference') ?? '').split('/');
  const at = parts.lastIndexOf(type);
  const id = at === -1 ? undefined : parts[at + 1];
  return id !== undefined && /^[A-Za-z0-9.-]{1,64}$/.test(id) ? id : undefined;
}
