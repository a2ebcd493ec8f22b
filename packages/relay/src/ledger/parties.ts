import { audit } from './audit.js';
import { dateNow, type LedgerContext, type Tenant } from './context.js';

/**
 * Writes down every pinned party and key this facility's relay meets for the first time, so that the log says from when a
 * key was trusted. Keys themselves are read from the trust files.
 */
export async function pinParties(tenant: Tenant, context: LedgerContext): Promise<void> {
  const firstSeen = dateNow(context.clock);
  for (const { party, role, mode, baseUrl, file } of context.keys.trusted.all()) {
    await context.db.transaction().execute(async (tx) => {
      await tx
        .insertInto('parties')
        .values({ facility: tenant, party, role, mode, base_url: baseUrl, first_seen: firstSeen })
        .onConflict((on) =>
          on.columns(['facility', 'party']).doUpdateSet({ base_url: baseUrl }).where('parties.base_url', 'is distinct from', baseUrl),
        )
        .execute();
      const fresh = await tx
        .insertInto('party_keys')
        .values(file.jwks.keys.map(({ kid, purpose }) => ({ facility: tenant, party, kid, use: purpose, first_seen: firstSeen })))
        .onConflict((on) => on.doNothing())
        .returning(['kid', 'use'])
        .execute();
      for (const { kid, use } of fresh) {
        await audit(tx, context, {
          actor: context.keys.party,
          action: 'party.key-pinned',
          subject: { facility: tenant, party, key: `${use}:${kid}` },
        });
      }
    });
  }
}
