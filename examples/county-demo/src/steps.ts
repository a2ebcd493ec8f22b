/** Prints a line per step, with the seconds it took; what a person follows and a test reads. */
export interface Steps {
  run<T>(title: string, work: () => Promise<T>, describe?: (result: T) => string): Promise<T>;
  say(line: string): void;
  /** Says no more of steps under way: they were broken off, and did not fail. */
  leave(): void;
}

/** Where the lines go. Without `columns` nobody watches: nothing is overwritten and nothing is broken. */
export interface StepsOutput {
  readonly write: (text: string) => void;
  readonly columns?: number | undefined;
}

const TICK_MS = 250;
const INDENT = '      ';
const SECONDS_WIDTH = '  (999.9 s)'.length + 1;
const CLEAR_LINE = '\r\u001B[K';

export function createSteps({ write, columns }: StepsOutput): Steps {
  let count = 0;
  const running = new Set<() => void>();
  return {
    async run(title, work, describe) {
      count += 1;
      const started = performance.now();
      const number = String(count).padStart(2);
      const seconds = (): string => ((performance.now() - started) / 1_000).toFixed(1);
      // On a terminal a step that takes long shows that it goes on.
      const show = (): void => write(`${CLEAR_LINE}${cut(`${number}  · ${title}`, columns)}  (${seconds()} s)`);
      const timer = columns === undefined ? undefined : setInterval(show, TICK_MS);
      const end = (): void => clearInterval(timer);
      running.add(end);
      const done = (line: string): void => {
        end();
        if (running.delete(end)) write(`${columns === undefined ? '' : CLEAR_LINE}${line}\n`);
      };
      try {
        const result = await work();
        const detail = describe === undefined ? '' : describe(result);
        done(fitted(`${number}  ✓ ${title}`, detail, `(${seconds()} s)`, columns));
        return result;
      } catch (error) {
        done(`${number}  ✗ ${title}`);
        throw error;
      }
    },
    say: (line) => write(`${line}\n`),
    leave() {
      for (const end of running) end();
      running.clear();
      write(columns === undefined ? '' : CLEAR_LINE);
    },
  };
}

/** One line where it fits, else what came of the step on a line of its own. */
function fitted(head: string, detail: string, took: string, columns: number | undefined): string {
  const line = `${head}${detail === '' ? '' : ` — ${detail}`}  ${took}`;
  if (columns === undefined || widthOf(line) <= columns || detail === '') return line;
  return `${head}  ${took}\n${INDENT}${detail}`;
}

/** So short that the seconds stand behind it on the same line: a line that wraps cannot be overwritten. */
function cut(line: string, columns = Number.POSITIVE_INFINITY): string {
  const room = columns - SECONDS_WIDTH;
  return widthOf(line) <= room ? line : `${line.slice(0, room - 1)}…`;
}

/** Chinese characters take two columns. */
function widthOf(text: string): number {
  return text.replaceAll(/[\u2E80-\uFFEF]/g, '**').length;
}
