import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { constants, Script } from 'node:vm';

/** By then nearly everything a script does it has done once: what was compiled for it is there to be kept. */
const KEPT_AFTER_MS = 5_000;

const [, , filename = ''] = process.argv;
// The script finds its arguments where they would be without this one.
process.argv.splice(1, 1);
runKept(filename, `${filename}.compiled`);

/**
 * Runs a built script with the code that one of its processes has left behind. Compiling is what a process does most that is killed
 * after some seconds and started again. Code of another version of Node, or for other options of V8, is made anew.
 */
function runKept(script: string, keptAt: string): void {
  const source = `(function (require, __filename, __dirname, exports, module) {${readFileSync(script, 'utf8')}\n})`;
  const cachedData = readKept(keptAt);
  const options = { filename: script, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER };
  const compiled = new Script(source, cachedData === undefined ? options : { ...options, cachedData });
  if (cachedData === undefined || compiled.cachedDataRejected === true) {
    setTimeout(() => keep(compiled, keptAt), KEPT_AFTER_MS).unref();
  }
  // As Node 21 and later have it: pg asks for `Response` where there is none, and that loads all of `fetch`.
  if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { userAgent: `Node.js/${process.versions.node}` } });
  const module = { exports: {} };
  const run = compiled.runInThisContext() as (...given: unknown[]) => void;
  run(createRequire(script), script, dirname(script), module.exports, module);
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
