import { isRecord, isWellFormed, type Json, wellFormed } from '@zhida/core';
import type { SchemaNode } from '../schema/node.js';
import { type ReadingLog, memberPath } from './reading-log.js';

/** Where an issue of the whole report stands. */
const ROOT = '$';

/**
 * Reads what a schema knows of a value and hands the rest to `log`; nothing is coerced, nothing is lost, and the
 * depth of the recursion is the schema's, not the input's.
 *
 * `null` stands for "not asked" and an empty text for "no code": both are absent where the schema has no place for them.
 */
export function readNode(node: SchemaNode, value: unknown, at: string, log: ReadingLog): Json | undefined {
  if (value === undefined) return undefined;
  if (value === null) return accepts(node, 'null') ? null : undefined;
  const branch = branchFor(node, value);
  if (branch === undefined) return refuse(node, value, at, log);
  if (branch.enum !== undefined || branch.const !== undefined) return value as Json;
  if (typeof value === 'string') return readText(value, at, log);
  if (Array.isArray(value)) return readList(branch, value, at, log);
  if (typeof value === 'object') return readObject(branch, value, at, log);
  return value as Json;
}

function branchFor(node: SchemaNode, value: unknown): SchemaNode | undefined {
  if (node.anyOf !== undefined) {
    for (const branch of node.anyOf) {
      if (branchFor(branch, value) !== undefined) return branch;
    }
    return undefined;
  }
  if (node.const !== undefined) return node.const === value ? node : undefined;
  if (node.enum !== undefined) return node.enum.includes(value) ? node : undefined;
  if (!matchesType(node.type, value)) return undefined;
  if (node.pattern !== undefined && !(typeof value === 'string' && new RegExp(node.pattern).test(value))) return undefined;
  return node;
}

function matchesType(type: string | undefined, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
    default:
      return typeof value === type;
  }
}

function accepts(node: SchemaNode, type: string): boolean {
  return node.type === type || (node.anyOf ?? []).some((branch) => branch.type === type);
}

function isCoded(node: SchemaNode): boolean {
  return node.enum !== undefined || node.const !== undefined || (node.anyOf ?? []).some(isCoded);
}

function refuse(node: SchemaNode, value: unknown, at: string, log: ReadingLog): undefined {
  const coded = isCoded(node);
  if (coded && value === '') return undefined;
  log.keep(at, value);
  log.note(coded && typeof value === 'string' ? 'FIELD_UNKNOWN_CODE' : 'FIELD_WRONG_TYPE', 'warning', at);
  return undefined;
}

function readText(value: string, at: string, log: ReadingLog): string {
  if (isWellFormed(value)) return value;
  log.keep(at, value);
  log.note('CONTENT_NOT_TEXT', 'warning', at);
  return wellFormed(value);
}

function readList(node: SchemaNode, value: readonly unknown[], at: string, log: ReadingLog): Json[] {
  const items: Json[] = [];
  for (const [index, item] of value.entries()) {
    const read = readNode(node.items ?? {}, item, `${at}[${index}]`, log);
    if (read !== undefined) items.push(read);
  }
  return items;
}

function readObject(node: SchemaNode, value: object, at: string, log: ReadingLog): Json {
  const properties = node.properties ?? {};
  const members = new Map(Object.entries(value));
  const result: Record<string, Json> = {};
  for (const [key, child] of Object.entries(properties)) {
    const read = readNode(child, members.get(key), memberPath(at, key), log);
    if (read !== undefined) result[key] = read;
    members.delete(key);
  }
  for (const [key, member] of members) {
    if (member === undefined) continue;
    log.keep(memberPath(at, key), member);
    // The key itself may be something a person wrote, so the issue names only the object it stands in.
    log.note('VALUE_UNREAD', 'warning', at === '' ? ROOT : at);
  }
  // The report's own minimum has defaults of its own; these are the few members that a list entry cannot be without.
  if (at !== '') completeEntry(node, result, at, log);
  return result;
}

function completeEntry(node: SchemaNode, result: Record<string, Json>, at: string, log: ReadingLog): void {
  for (const key of node.required ?? []) {
    if (result[key] !== undefined) continue;
    const codes = node.properties?.[key]?.enum;
    result[key] = typeof codes?.[0] === 'string' ? codes[0] : 'unknown';
    log.note('VALUE_DEFAULTED', 'information', memberPath(at, key));
  }
}
