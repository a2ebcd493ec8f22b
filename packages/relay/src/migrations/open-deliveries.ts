/**
 * What is asked every second of deliveries that are held must not read those that were handed over by a person long ago: they are held
 * for ever, because their recipient has no system.
 */
export const OPEN_DELIVERIES = `
create index deliveries_held_open on deliveries (facility, hold_reason) where state = 'open' and hold_reason is not null;
create index deliveries_unreachable on deliveries (facility, recipient_party, hold_reason)
  where state in ('open', 'attested') and hold_reason in ('no-route', 'endpoint-disabled');
`;
