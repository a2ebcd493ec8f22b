/** What is said of something the gateway did not take; a name among the notices of the texts. */
export function noticeOf(status: number): string {
  if (status === 401) return 'signedOut';
  return status === 409 ? 'changed' : 'failed';
}
