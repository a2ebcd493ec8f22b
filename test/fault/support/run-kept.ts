import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { constants, Script } from 'node:vm';

/** What is compiled by the time a script has started, and by the time it has done nearly everything once; the last is best. */
const KEPT = [
  { as: 'started', afterMs: 1_000 },
  { as: 'worked', afterMs: 5_000 },
] as const;

const [, , filename = ''] = process.argv;
// The script finds its arguments where they would be without this one.
process.argv.splice(1, 1);
runKept(filename);

/**
 * Runs a built script with the code that one of its processes has left behind. Compiling is what a process does most that is killed
 * after some seconds and started again. Code of another version of Node, or for other options of V8, is made anew.
 */
function runKept(script: string): void {
  const source = `(function (require, __filename, __dirname, exports, module) {${readFileSync(script, 'utf8')}\n})`;
  const { compiled, known } = compile(script, source);
  for (const { as, afterMs } of KEPT.slice(known)) setTimeout(() => keep(compiled, `${script}.${as}`), afterMs).unref();
  // As Node 21 and later have it: pg asks for `Response` where there is none, and that loads all of `fetch`.
  if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { userAgent: `Node.js/${process.versions.node}` } });
  const module = { exports: {} };
  const run = compiled.runInThisContext() as (...given: unknown[]) => void;
  run(createRequire(script), script, dirname(script), module.exports, module);
}

/** @returns with it how many of {@link KEPT} need not be kept any more. */
function compile(script: string, source: string): { compiled: Script; known: number } {
  const options = { filename: script, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER };
  for (let known = KEPT.length; known > 0; known -= 1) {
    const cachedData = readKept(`${script}.${KEPT[known - 1]?.as}`);
    if (cachedData === undefined) continue;
    const compiled = new Script(source, { ...options, cachedData });
    return { compiled, known: compiled.cachedDataRejected === true ? 0 : known };
  }
  return { compiled: new Script(source, options), known: 0 };
}

function readKept(keptAt: string): Buffer | undefined {
  try {
    return readFileSync(keptAt);
  } catch {
    return undefined;
  }
}

/** Whole or not at all: a process may be killed at any instant, and another one may be about to read. */
function keep(compiled: Script, keptAt: string): void {
  const whole = `${keptAt}-${process.pid}`;
  writeFileSync(whole, compiled.createCachedData());
  renameSync(whole, keptAt);
}
