import { type SnapshotMedication, type SnapshotNote, type SnapshotOrder, type SnapshotProcedure, compact } from '@zhida/core';
import type { BundleEntry } from '../bundle/entries.js';
import { conceptIn, conceptText, preferredCoding, referenceIn } from '../concepts.js';
import type { Context, Contribution } from '../context.js';
import { type Node, child, children, firstOf, textAt } from '../node.js';
import { annotations } from './facts.js';
import { momentOf } from './moments.js';

const NOT_DONE = new Set(['not-done', 'entered-in-error', 'cancelled', 'revoked', 'not-taken', 'declined', 'intended']);

/** What was not done, or written by mistake, is no fact; it is left out and named. */
function isDone(resource: BundleEntry['resource'], context: Context): boolean {
  const status = textAt(resource, 'status');
  if (status === undefined || !NOT_DONE.has(status)) return true;
  context.log.add('VALUE_UNREAD', `${resource.at}.status`, 'information');
  return false;
}

export function readProcedure({ resource }: BundleEntry, context: Context): Contribution {
  if (!isDone(resource, context)) return {};
  const concept = child(resource, 'code');
  const coding = preferredCoding(concept, ['icd-9-cm-3']);
  const procedure = compact<SnapshotProcedure>({
    code: coding?.code,
    system: coding?.system,
    text: conceptText(concept),
    ...momentOf(resource, context, 'performedDateTime', 'performedPeriod', 'occurrenceDateTime', 'occurrencePeriod'),
    status: textAt(resource, 'status') === 'preparation' ? 'preliminary' : undefined,
  });
  return { procedures: [procedure], notes: [...reasonNotes(resource), ...annotations(resource, 'procedure')] };
}

/** MedicationRequest, -Statement, -Administration and -Dispense alike: which drug, and how far it got. */
export function readMedication(entry: BundleEntry, context: Context): Contribution {
  const { resource } = entry;
  if (!isDone(resource, context)) return {};
  // R5 has one CodeableReference for both.
  const either = firstOf(resource, 'medication');
  const reference = either === undefined ? child(resource, 'medicationReference') : referenceIn(either);
  const target = context.references.resource(reference, entry);
  const named = either === undefined ? firstOf(resource, 'medicationCodeableConcept') : firstOf(either, 'concept');
  const concept = named ?? (target === undefined ? undefined : child(target, 'code'));
  const text = (concept === undefined ? undefined : conceptText(concept)) ?? textAt(reference, 'display');
  const code = concept === undefined ? undefined : preferredCoding(concept, [])?.code;
  if (text === undefined && code === undefined) context.log.add('REFERENCE_UNRESOLVED', reference.at);
  return {
    medications: [compact<SnapshotMedication>({ text, code, status: textAt(resource, 'status') })],
    notes: annotations(resource, 'plan'),
  };
}

export function readServiceRequest({ resource }: BundleEntry, context: Context): Contribution {
  if (!isDone(resource, context)) return {};
  const concept = conceptIn(child(resource, 'code'));
  const order = compact<SnapshotOrder>({
    code: preferredCoding(concept, [])?.code,
    text: conceptText(concept),
    status: textAt(resource, 'status'),
    ...momentOf(resource, context, 'authoredOn', 'occurrenceDateTime', 'occurrencePeriod'),
  });
  return { orders: [order], notes: [...reasonNotes(resource), ...annotations(resource, 'plan')] };
}

/** Why it is asked for or done, in the words of whoever orders: often the only place where they stand. R5 has CodeableReferences. */
function reasonNotes(resource: Node): SnapshotNote[] {
  return [...children(resource, 'reasonCode'), ...children(resource, 'reason').map(conceptIn)].flatMap((reason) => {
    const text = conceptText(reason);
    return text === undefined ? [] : [{ section: 'other' as const, text }];
  });
}
