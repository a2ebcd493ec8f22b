import { invariant } from '@zhida/core';
import type { Insertable } from 'kysely';
import type { DataKeysTable } from '../schema.js';
import { dateNow, type LedgerContext, type Reader, type Tenant } from './context.js';

export type KeyPurpose = DataKeysTable['purpose'];

/** What a sealed value belongs to; it is authenticated with the value, so that a row's bytes cannot be moved to another row. */
export const sealedAs = {
  body: (reportId: string): string => `${reportId}:body`,
  reporter: (reportId: string): string => `${reportId}:reporter`,
  payload: (deliveryId: string): string => `${deliveryId}:payload`,
  feedback: (feedbackId: string): string => `${feedbackId}:feedback`,
  attestation: (attestationId: string): string => `${attestationId}:attestation`,
  opening: (openingId: string): string => `${openingId}:opening`,
  silence: (subject: string): string => `${subject}:silence`,
  attachmentPart: (uploadId: string, position: number): string => `${uploadId}:part:${position}`,
  call: (callId: string): string => `${callId}:call`,
};

/** The rows of a report's wrapped data keys. */
export function dataKeyRows(
  tenant: Tenant,
  { clock }: Pick<LedgerContext, 'clock'>,
  reportId: string,
  wrapped: Readonly<Record<KeyPurpose, Uint8Array>>,
): Insertable<DataKeysTable>[] {
  return (['report', 'reporter'] as const).map((purpose) => ({
    facility: tenant,
    report_id: reportId,
    purpose,
    wrapped: Buffer.from(wrapped[purpose]),
    created_at: dateNow(clock),
  }));
}

/** Unwraps the data key of a report of this facility. */
export async function dataKeyOf(
  tenant: Tenant,
  db: Reader,
  context: Pick<LedgerContext, 'sealer'>,
  reportId: string,
  purpose: KeyPurpose,
): Promise<Uint8Array> {
  const row = await db
    .selectFrom('data_keys')
    .select('wrapped')
    .where('facility', '=', tenant)
    .where('report_id', '=', reportId)
    .where('purpose', '=', purpose)
    .executeTakeFirst();
  invariant(row !== undefined, 'a stored report has its data keys');
  return context.sealer.unwrap(row.wrapped);
}
