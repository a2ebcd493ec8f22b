import { isWellFormed, type Json } from '@zhida/core';

/** Levels of nesting kept as a structure; what lies deeper is kept as its JSON text, so that no later reader overflows its stack. */
const DEPTH_LIMIT = 32;
/** A body of 1 MiB holds fewer values than this; the bound is for values that never were JSON, such as cycles. */
const VALUE_LIMIT = 1_000_000;

/**
 * A copy of a value that can be signed and sealed, with nothing of it lost: a text without a UTF-8 form is kept as its
 * escaped JSON text, and so is what is nested too deep.
 */
export function verbatim(value: unknown): Json {
  return copy(value, 0, { left: VALUE_LIMIT });
}

function copy(value: unknown, depth: number, budget: { left: number }): Json {
  budget.left -= 1;
  if (budget.left < 0) return null;
  if (typeof value === 'string') return isWellFormed(value) ? value : JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= DEPTH_LIMIT) return jsonText(value, budget);
  if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1, budget));
  const members: Record<string, Json> = {};
  for (const [key, member] of Object.entries(value)) setOwn(members, safeKey(key), copy(member, depth + 1, budget));
  return members;
}

function safeKey(key: string): string {
  return isWellFormed(key) ? key : JSON.stringify(key);
}

/** Sets a member of its own even under the name `__proto__`, which an assignment would swallow. */
function setOwn(target: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

/** JSON text without recursion: `JSON.stringify` overflows the stack on a few thousand levels, and a hostile body has more. */
function jsonText(root: object, budget: { left: number }): string {
  const written: string[] = [];
  const pending: ({ readonly text: string } | { readonly value: unknown })[] = [{ value: root }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ('text' in next) {
      written.push(next.text);
      continue;
    }
    budget.left -= 1;
    const { value } = next;
    if (budget.left < 0 || typeof value !== 'object' || value === null) written.push(scalarText(value, budget.left < 0));
    else pushMembers(value, pending);
  }
  return written.join('');
}

function scalarText(value: unknown, spent: boolean): string {
  if (spent) return 'null';
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isScalar ? JSON.stringify(value) : 'null';
}

function pushMembers(value: object, pending: ({ readonly text: string } | { readonly value: unknown })[]): void {
  const isList = Array.isArray(value);
  const members = Object.entries(value);
  pending.push({ text: isList ? ']' : '}' });
  for (let index = members.length - 1; index >= 0; index -= 1) {
    const [key, member] = members[index] as [string, unknown];
    pending.push({ value: member });
    const comma = index === 0 ? '' : ',';
    pending.push({ text: isList ? comma : `${comma}${JSON.stringify(key)}:` });
  }
  pending.push({ text: isList ? '[' : '{' });
}
