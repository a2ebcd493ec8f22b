import type { AcknowledgementStore, KeptAcknowledgements } from '@zhida/hl7v2/mllp';
import type { GatewayContext } from '../context.js';
import { messageBy, placeOf } from './inbox.js';
import { messageKeyOf } from './name-message.js';

/** Keeps acknowledgements beside their messages, so that a message sent again after a restart gets the answer it had. */
export function createAcknowledgements(context: GatewayContext, feed: string): AcknowledgementStore {
  const { database, facility, sealing } = context;
  return {
    async find(key) {
      const row = await messageBy(database.db, context, feed, 'message_key', messageKeyOf(context, key));
      if (row === undefined || row.wrapped_key === null) return undefined;
      const { id, wrapped_key: wrapped, sealed_accept: accept, sealed_application: application } = row;
      if (accept === null && application === null) return undefined;
      return {
        ...(accept === null ? {} : { accept: sealing.open(wrapped, accept, placeOf(id, 'accept')) }),
        ...(application === null ? {} : { application: sealing.open(wrapped, application, placeOf(id, 'application')) }),
      };
    },
    async save(key, { accept, application }) {
      const row = await messageBy(database.db, context, feed, 'message_key', messageKeyOf(context, key));
      if (row === undefined || row.wrapped_key === null || (accept === undefined && application === undefined)) return;
      const { id, wrapped_key: wrapped } = row;
      await database.db
        .updateTable('feed_messages')
        .set({
          ack_code: codeOf({ accept, application }),
          ...(accept === undefined ? {} : { sealed_accept: sealing.sealInto(wrapped, accept, placeOf(id, 'accept')) }),
          ...(application === undefined ? {} : { sealed_application: sealing.sealInto(wrapped, application, placeOf(id, 'application')) }),
        })
        .where('facility', '=', facility.code)
        .where('id', '=', id)
        // What waits on has no last word yet: a failure told now may turn into a success, and must not be told for ever.
        .where('status', 'in', application === undefined ? ['received', 'processed', 'set-aside'] : ['processed', 'set-aside'])
        .execute();
    },
  };
}

function codeOf({ application, accept }: { [Key in keyof KeptAcknowledgements]?: Uint8Array | undefined }): string | null {
  const bytes = application ?? accept;
  return bytes === undefined ? null : (/[\r\n]MSA[^\r\n](C[AER]|A[AER])/.exec(Buffer.from(bytes).toString('latin1'))?.[1] ?? null);
}
