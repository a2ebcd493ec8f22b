/** An endpoint is trusted by what it stored within so many minutes. */
export const STORED_IN_TIME_MINUTES = 10;
/** The expression of the index; queries must say it word for word. */
export const STORED_IN_TIME = `(stored_at - created_at <= interval '${STORED_IN_TIME_MINUTES} minutes')`;

/** Whether an endpoint is trusted was read from all that it was sent in thirty days, at every urgent press. */
export const TRUST = `
create index deliveries_trust on deliveries (recipient_party, ${STORED_IN_TIME}, created_at);
drop index deliveries_by_party;
`;
