import { type Clock, isoNow } from '@zhida/core';
import type { FhirResource } from './outbound/fhir.js';

/** What this HIS gives out over FHIR: the latest version of each resource, with when it changed. */
export interface FhirStore {
  put(resources: readonly FhirResource[]): void;
  read(type: string, id: string): FhirResource | undefined;
  /** Search by patient and by change, sorted by change. */
  search(type: string, query: { readonly patient?: string; readonly changedFrom?: string }): readonly FhirResource[];
}

export function createFhirStore(clock: Clock): FhirStore {
  const byReference = new Map<string, FhirResource>();
  return {
    put(resources) {
      const lastUpdated = isoNow(clock);
      for (const resource of resources) {
        const key = `${resource.resourceType}/${resource.id}`;
        const before = byReference.get(key);
        const meta = { ...(resource['meta'] as object | undefined), lastUpdated };
        byReference.set(key, { ...resource, meta: { versionId: before === undefined ? '1' : nextVersion(before), ...meta } });
      }
    },
    read: (type, id) => byReference.get(`${type}/${id}`),
    search(type, { patient, changedFrom }) {
      const from = changedFrom === undefined ? Number.NEGATIVE_INFINITY : Date.parse(changedFrom);
      return [...byReference.values()]
        .filter((resource) => resource.resourceType === type && Date.parse(changeOf(resource)) >= from)
        .filter((resource) => patient === undefined || patientOf(resource) === patient)
        .toSorted((a, b) => Date.parse(changeOf(a)) - Date.parse(changeOf(b)));
    },
  };
}

function changeOf(resource: FhirResource): string {
  return (resource['meta'] as { lastUpdated: string }).lastUpdated;
}

function nextVersion(resource: FhirResource): string {
  return String(Number((resource['meta'] as { versionId: string }).versionId) + 1);
}

function patientOf(resource: FhirResource): string | undefined {
  if (resource.resourceType === 'Patient') return resource.id;
  const { reference = '' } = ((resource['subject'] ?? resource['patient']) as { reference?: string } | undefined) ?? {};
  return reference.startsWith('Patient/') ? reference.slice('Patient/'.length) : undefined;
}
