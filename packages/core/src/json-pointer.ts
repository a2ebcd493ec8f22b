/** The steps of a JSON pointer (RFC 6901), its escapes undone: `/feeds/1/a~1b` is feeds, 1, a/b. */
export function stepsOfPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replace(/~1/g, '/').replace(/~0/g, '~'));
}
