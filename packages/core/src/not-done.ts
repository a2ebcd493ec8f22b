const NOT_DONE = new Set([
  'cancelled',
  'canceled',
  'revoked',
  'stopped',
  'entered-in-error',
  'not-done',
  'draft',
  'aborted',
  '作废',
  '取消',
  '撤销',
  '停止',
]);

/** Whether a status, as formats and hospitals write it, says that an order, medication or procedure is not to be done or was not. */
export function isNotDone(status: string | undefined): boolean {
  return status !== undefined && NOT_DONE.has(status.toLowerCase());
}
