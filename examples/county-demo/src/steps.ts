/** Prints a line per step, with the seconds it took; what a person follows and a test reads. */
export interface Steps {
  run<T>(title: string, work: () => Promise<T>, describe?: (result: T) => string): Promise<T>;
  say(line: string): void;
}

export function createSteps(write: (text: string) => void): Steps {
  let count = 0;
  return {
    async run(title, work, describe) {
      count += 1;
      const started = performance.now();
      const number = String(count).padStart(2);
      try {
        const result = await work();
        const seconds = ((performance.now() - started) / 1_000).toFixed(1);
        const detail = describe === undefined ? '' : ` — ${describe(result)}`;
        write(`${number}  ✓ ${title}${detail}  (${seconds} s)\n`);
        return result;
      } catch (error) {
        write(`${number}  ✗ ${title}\n`);
        throw error;
      }
    },
    say: (line) => write(`${line}\n`),
  };
}
