import type { OpenDatabase } from '@zhida/database';
import type { RelaySchema } from '@zhida/relay';
import type { MoodyAgency } from './agency.js';

type Pool = OpenDatabase<RelaySchema>['pool'];

/** A state of a delivery that somebody could see, or has seen, from this instant on. */
export interface Shown {
  readonly deliveryId: string;
  readonly state: string;
  readonly atMs: number;
}

/** What makes a state true, and since when. */
export interface Proofs {
  readonly agencies: readonly Pick<MoodyAgency, 'truth'>[];
  /** Delivery id → epoch milliseconds at which a person began to say that it was handed over. */
  readonly attested: ReadonlyMap<string, number>;
}

/**
 * Writes down every state a delivery ever has, with its instant, in the transaction that gives it: whatever is read of the ledger, by
 * an answer, a stream or a page, shows one of these. So nothing depends on when somebody looked. Made before the first relay starts.
 */
export async function watchShown(pool: Pool): Promise<void> {
  await pool.query(`
    create table shown_states (delivery_id text not null, state text not null, at timestamptz not null default clock_timestamp());
    create function note_shown_state() returns trigger language plpgsql as $note$
    begin
      insert into shown_states (delivery_id, state) values (new.delivery_id, new.state);
      return null;
    end
    $note$;
    create trigger shown_at_first after insert on deliveries for each row when (new.state <> 'open') execute function note_shown_state();
    create trigger shown_later after update on deliveries for each row when (old.state is distinct from new.state)
      execute function note_shown_state();`);
}

/** Every state the ledger has shown since {@link watchShown}. */
export async function everShown(pool: Pool): Promise<Shown[]> {
  const { rows } = await pool.query<{ delivery_id: string; state: string; at: Date }>(
    'select delivery_id, state, at from shown_states order by at',
  );
  return rows.map(({ delivery_id: deliveryId, state, at }) => ({ deliveryId, state, atMs: at.getTime() }));
}

/** Those that were not true when they were shown. All clocks are that of this machine, and an agency writes down the truth before it says it. */
export function shownFalsely(shown: readonly Shown[], { agencies, attested }: Proofs): string[] {
  const sinceOf = (deliveryId: string, state: string): number | undefined => {
    if (state === 'attested') return attested.get(deliveryId);
    const since = agencies.map(({ truth }) => (state === 'stored' ? truth.stored.get(deliveryId)?.sinceMs : truth.closed.get(deliveryId)));
    return since.find((known) => known !== undefined);
  };
  const falsehoods = shown.flatMap(({ deliveryId, state, atMs }) => {
    if (state === 'open') return [];
    const since = sinceOf(deliveryId, state);
    if (since === undefined) return [`${deliveryId} is shown as ${state}`];
    return since > atMs ? [`${deliveryId} was shown as ${state} before it was`] : [];
  });
  return [...new Set(falsehoods)];
}
