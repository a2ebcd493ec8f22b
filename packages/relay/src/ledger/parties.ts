import type { TrustedParty } from '@zhida/signing';
import { audit } from './audit.js';
import { dateNow, type LedgerContext, type Tenant } from './context.js';

/**
 * Writes down every pinned party and key this facility's relay meets for the first time, so that the log says from when a
 * key was trusted. Keys themselves are read from the trust files.
 */
export async function pinParties(tenant: Tenant, context: LedgerContext): Promise<void> {
  const firstSeen = dateNow(context.clock);
  const known = await knownPins(tenant, context);
  for (const trusted of context.keys.trusted.all()) {
    // Asked before it is written: even an insert that finds its row waits for the locks of a process that was stopped with them.
    if (pinsOf(trusted).every((pin) => known.has(pin))) continue;
    const { party, role, mode, baseUrl, file } = trusted;
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

async function knownPins(tenant: Tenant, { db }: Pick<LedgerContext, 'db'>): Promise<Set<string>> {
  const parties = await db.selectFrom('parties').select(['party', 'base_url']).where('facility', '=', tenant).execute();
  const keys = await db.selectFrom('party_keys').select(['party', 'use', 'kid']).where('facility', '=', tenant).execute();
  return new Set([...parties.map((row) => `${row.party} ${row.base_url}`), ...keys.map((row) => `${row.party} ${row.use} ${row.kid}`)]);
}

function pinsOf({ party, baseUrl, file }: TrustedParty): string[] {
  return [`${party} ${baseUrl}`, ...file.jwks.keys.map(({ kid, purpose }) => `${party} ${purpose} ${kid}`)];
}
