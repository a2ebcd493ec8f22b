/**
 * Waits for work no longer than this. Whatever becomes of it later ends nothing.
 *
 * @throws what `late` makes, once the time is over
 */
export async function withDeadline<Value>(milliseconds: number, work: Promise<Value>, late: () => Error): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  return Promise.race([work, deadline]).finally(() => clearTimeout(timer));
}
