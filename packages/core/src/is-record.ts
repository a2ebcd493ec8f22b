import type { Json } from './canonical-json.js';

/** True for an object with members, as JSON has them: no list and no null. Nothing is said of the members. */
export function isRecord(value: Json | undefined): value is { readonly [key: string]: Json };
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>>;
export function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
