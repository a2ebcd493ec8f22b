import type { Issue } from '@zhida/core';
import { CDA_LIMITS, type CdaDocument, readDocuments, snapshotsOfVisits } from '@zhida/his/cda';
import { type FormatReader, type ReadRecord, bytesOf, memberAt, refused } from '../reading.js';
import { recordsOf } from '../records.js';

/**
 * CDA documents: files of them, or records with one in a member. A visit is told in several documents, perhaps in several files, so the
 * visits are told at the end, in order of their first document.
 */
export function cdaReader(field: string | undefined): FormatReader {
  const documents: CdaDocument[] = [];
  const places = new Map<string, string>();

  const take = (bytes: Uint8Array, place: string): ReadRecord => {
    const reading = readDocuments(bytes);
    documents.push(...reading.documents);
    for (const { visitId } of reading.documents) if (!places.has(visitId)) places.set(visitId, place);
    return {
      place,
      encounters: [],
      issues: reading.issues,
      unreadable: reading.isBroken ? { code: 'ZD_ERR_INPUT_UNREADABLE', why: whyOf(reading.issues) } : undefined,
      skipped: [],
      kindAt,
    };
  };

  return {
    async *read(source, onBytes) {
      if (field === undefined) {
        const bytes = await bytesOf(source, onBytes, CDA_LIMITS.fileBytes);
        if (bytes === undefined) yield refused(source.name, `longer than ${CDA_LIMITS.fileBytes} bytes`, 'ZD_ERR_INPUT_TOO_LARGE');
        else yield take(bytes, source.name);
        return;
      }
      for await (const record of recordsOf(source.name, source.open(onBytes))) {
        const { place } = record;
        const value = 'unreadable' in record ? undefined : memberAt(record.value, field);
        if ('unreadable' in record) yield { ...refused(place, ''), unreadable: record.unreadable };
        else if (typeof value === 'string') yield take(Buffer.from(value, 'utf8'), place);
        else yield refused(place, `no text in a member "${field}"`);
      }
    },
    *finish() {
      const { snapshots, issues } = snapshotsOfVisits(documents);
      for (const [index, snapshot] of snapshots.entries()) {
        const place = places.get(snapshot.id) ?? '';
        const own = index === 0 ? issues : [];
        yield { place, encounters: [{ snapshot, input: snapshot }], issues: own, unreadable: undefined, skipped: [], isSum: true };
      }
    },
  };
}

function whyOf(issues: readonly Issue[]): string {
  const { code, at } = issues.find(({ severity }) => severity === 'error') ?? { code: '', at: '' };
  return `${code} at ${at}`;
}

/** The number of an element tells one section from the next, not one kind from another. */
function kindAt(at: string): string {
  return at.replace(/\[\d+\]/g, '');
}
