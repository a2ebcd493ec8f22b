import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { checkExercises, type Exercise, isZhidaError, ZhidaError, stepsOfPointer } from '@zhida/core';
import { smsProblems } from '@zhida/relay';
import { Errors } from 'typebox/value';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { type Configuration, CONFIGURATION_SCHEMA } from './configuration-schema.js';
import { queueProblems } from './queue-section.js';

/** Where a container or a unit file says which configuration is meant. */
export const CONFIGURATION_VARIABLE = 'ZHIDA_CONFIG';

/** A configuration with the folder its relative paths start from. */
export interface ReadConfiguration {
  readonly configuration: Configuration;
  readonly file: string;
  /** A path of the configuration: relative ones start from the file's own folder. */
  readonly path: (written: string) => string;
}

const ALIASES_MAX = 100;
const PROBLEMS_SHOWN = 20;

/**
 * Reads the configuration file (YAML 1.2).
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming every problem by line and path, never what stands there.
 */
export async function readConfiguration(
  named: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ReadConfiguration> {
  const name = named ?? environment[CONFIGURATION_VARIABLE];
  if (name === undefined) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', `name the configuration with --config or ${CONFIGURATION_VARIABLE}`, { at: 'config' });
  }
  const text = await readFile(name, 'utf8').catch((cause: unknown) => {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the configuration file cannot be read', { at: name, cause });
  });
  const { configuration, problems } = parseConfiguration(text);
  if (configuration === undefined) throw new ZhidaError('ZD_ERR_OPTION_INVALID', problems.join('\n'), { at: name });
  const folder = dirname(resolve(name));
  return { configuration, file: resolve(name), path: (written) => resolve(folder, written) };
}

/** A configuration, or what is wrong with it, line by line. */
export function parseConfiguration(text: string): { configuration: Configuration | undefined; problems: string[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: 'core', lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    // The parser's own code, not its message, which quotes the file.
    const problems = document.errors.map(({ code, pos }) => `line ${lines.linePos(pos[0]).line}: not YAML (${code})`);
    return { configuration: undefined, problems: problems.slice(0, PROBLEMS_SHOWN) };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch {
    return { configuration: undefined, problems: ['aliases repeat more than a configuration needs'] };
  }
  const lineOf = (path: readonly string[]): string => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return `line ${lines.linePos(node.range[0]).line}: `;
    }
    return '';
  };
  const told = ([path, why]: readonly [readonly string[], string]): string =>
    `${lineOf(path)}${path.join('.')}${path.length > 0 ? ': ' : ''}${why}`;
  const misread = [...problemsOf(value)].map(told);
  if (misread.length > 0) return { configuration: undefined, problems: misread };
  const configuration = value as Configuration;
  const problems = contradictionsOf(configuration).map(told);
  return { configuration: problems.length === 0 ? configuration : undefined, problems };
}

/** One problem a place; a member that is not known is told at the member. */
function problemsOf(value: unknown): Map<readonly string[], string> {
  const told = new Map<string, readonly [readonly string[], string]>();
  for (const { keyword, instancePath, message } of Errors(CONFIGURATION_SCHEMA, value)) {
    if (keyword === 'additionalProperties' || told.has(instancePath) || told.size === PROBLEMS_SHOWN) continue;
    told.set(instancePath, [stepsOfPointer(instancePath), keyword === 'boolean' ? 'not known here' : message]);
  }
  return new Map(told.values());
}

/** What each member allows by itself and all of them together do not. */
function contradictionsOf({ relay, exercises = [] }: Configuration): [readonly string[], string][] {
  const { queue, escalation: { channels = [] } = {} } = relay ?? {};
  const queued =
    queue === undefined ? [] : queueProblems(queue).map(([steps, why]): [string[], string] => [['relay', 'queue', ...steps], why]);
  const texted = channels.flatMap((channel, index): [string[], string][] => {
    if (channel.kind !== 'sms') return [];
    return smsProblems(channel).map(([at, why]) => [['relay', 'escalation', 'channels', String(index), at], why]);
  });
  return [...exerciseProblems(exercises), ...queued, ...texted];
}

/** The first, if there is one: neither relay nor gateway starts with it. */
function exerciseProblems(exercises: readonly Exercise[]): [readonly string[], string][] {
  try {
    checkExercises(exercises);
    return [];
  } catch (error) {
    if (!isZhidaError(error)) throw error;
    return [[(error.at ?? '').split(/[.[\]]+/), error.message]];
  }
}

/** The one line of a file that holds a secret. @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming the place of the configuration */
export async function secretIn(file: string, at: string, pattern: RegExp): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the file it names cannot be read', { at, cause });
  });
  const secret = text.trim();
  if (!pattern.test(secret)) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the file it names does not hold what is expected', { at });
  return secret;
}
