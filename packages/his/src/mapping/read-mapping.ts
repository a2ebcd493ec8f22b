import { stepsOfPointer } from '@zhida/core';
import { Errors } from 'typebox/value';
import { type Document, LineCounter, isNode, parseDocument } from 'yaml';
import { HIS_LIMITS } from '../limits.js';
import { compileMapping } from './compile.js';
import type { HisMapping } from './mapping.js';
import { type MappingProblem, createProblemLog } from './problems.js';
import { MAPPING_SCHEMA, type MappingDocument } from './schema.js';

export interface MappingReading {
  /** Absent where there is a problem. */
  readonly mapping: HisMapping | undefined;
  readonly problems: readonly MappingProblem[];
}

/**
 * Reads a mapping file (YAML 1.2, or JSON, which is YAML too). Total: whatever the text is, the answer is a mapping or
 * problems with path and line. Every scalar counts as it is written: `0001` is those four digits, `no` is a word.
 */
export function readMapping(text: string): MappingReading {
  if (text.length > HIS_LIMITS.mappingLength) return wrong(`longer than ${HIS_LIMITS.mappingLength} characters`);
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false, uniqueKeys: true });
    if (document.errors.length > 0)
      return { mapping: undefined, problems: document.errors.slice(0, HIS_LIMITS.problems).map((error) => syntaxProblem(error, lines)) };
    return readDocument(document, lines);
  } catch (error) {
    // The parser throws at aliases that grow without end and at nesting deeper than the stack.
    return wrong(error instanceof ReferenceError ? 'aliases repeat more than a mapping needs' : 'nested deeper than a mapping is');
  }
}

function readDocument(document: Document.Parsed, lines: LineCounter): MappingReading {
  const log = createProblemLog((path) => lineOf(document, lines, path));
  const value: unknown = document.toJS({ maxAliasCount: HIS_LIMITS.aliases });
  const told = new Set<string>();
  for (const { keyword, schemaPath, instancePath, message } of Errors(MAPPING_SCHEMA, value)) {
    if (isToldElsewhere(keyword, schemaPath) || told.has(instancePath)) continue;
    told.add(instancePath);
    log.add(stepsOfPointer(instancePath), keyword === 'boolean' ? 'not known here' : message);
  }
  if (log.problems.length > 0) return { mapping: undefined, problems: log.problems };
  const mapping = compileMapping(value as MappingDocument, log);
  return { mapping: log.problems.length === 0 ? mapping : undefined, problems: log.problems };
}

/** A forbidden member is told at the member itself, a field that is none where it is compiled. */
function isToldElsewhere(keyword: string, schemaPath: string): boolean {
  return ['additionalProperties', 'propertyNames', 'if', 'allOf'].includes(keyword) || schemaPath.includes('/propertyNames');
}

function lineOf(document: Document.Parsed, lines: LineCounter, path: readonly (string | number)[]): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

/** The parser's own code, not its message, which quotes the file. */
function syntaxProblem({ code, pos }: Document.Parsed['errors'][number], lines: LineCounter): MappingProblem {
  return { at: '', line: lines.linePos(pos[0]).line, why: `not YAML (${code})` };
}

function wrong(why: string): MappingReading {
  return { mapping: undefined, problems: [{ at: '', line: undefined, why }] };
}
