/** Which exercise a report is of: the duty desk lists them by it, and what counts reports leaves these few out without reading all. */
export const EXERCISES = `
alter table reports add column exercise_id text;
create index reports_of_exercises on reports (facility, exercise_id, report_id) where mode = 'exercise';
`;
