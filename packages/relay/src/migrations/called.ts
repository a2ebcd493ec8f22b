/** Whom a call reached: the number itself is sealed. */
export const CALLED = `
alter table calls add column called text[] not null default '{}';
`;
