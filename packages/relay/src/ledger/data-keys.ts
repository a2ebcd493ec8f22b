import { invariant } from '@zhida/core';
import type { DataKeysTable } from '../schema.js';
import { dateNow, type LedgerContext, type Reader, type Tenant, type Tx } from './context.js';

export type KeyPurpose = DataKeysTable['purpose'];

/** What a sealed value belongs to; it is authenticated with the value, so that a row's bytes cannot be moved to another row. */
export const sealedAs = {
  body: (reportId: string): string => `${reportId}:body`,
  reporter: (reportId: string): string => `${reportId}:reporter`,
  payload: (deliveryId: string): string => `${deliveryId}:payload`,
  feedback: (feedbackId: string): string => `${feedbackId}:feedback`,
  call: (callId: string): string => `${callId}:call`,
};

/** Stores the wrapped data keys of a report. */
export async function insertDataKeys(
  tenant: Tenant,
  tx: Tx,
  context: Pick<LedgerContext, 'clock'>,
  reportId: string,
  keys: readonly { purpose: KeyPurpose; wrapped: Uint8Array }[],
): Promise<void> {
  await tx
    .insertInto('data_keys')
    .values(
      keys.map(({ purpose, wrapped }) => ({
        facility: tenant,
        report_id: reportId,
        purpose,
        wrapped: Buffer.from(wrapped),
        created_at: dateNow(context.clock),
      })),
    )
    .execute();
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
