/** A bug, not an event: stop loudly instead of filing a wrong report. */
export function invariant(condition: unknown, why: string): asserts condition {
  if (!condition) throw new TypeError(`invariant broken: ${why}`);
}

/** Makes a `switch` exhaustive for the compiler and loud at run time. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected case of type ${typeof value}`);
}
