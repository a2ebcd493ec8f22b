import { randomBytes } from 'node:crypto';
import { readPrivateObject, writePrivateFile } from './private-file.js';
import { startError } from './start-error.js';

/** The passwords of one cluster, kept in a 0600 file beside its data. */
export interface Secrets {
  administrator: string;
  roles: Record<string, string>;
}

/**
 * Reads the passwords, or draws them. They are on the disk before the database learns them: a kill in between then leaves
 * a password that is set again, not a database nobody can open.
 */
export function readOrCreateSecrets(file: string): Secrets {
  const value = readPrivateObject(file);
  if (value === undefined) {
    const drawn = { administrator: drawPassword(), roles: {} };
    writeSecrets(file, drawn);
    return drawn;
  }
  const administrator = value['administrator'];
  if (typeof administrator !== 'string') throw startError('the administrator’s password is missing from this file', { at: file });
  return { administrator, roles: rolesOf(value) };
}

/** The password of a role, drawn and kept first if it has none. */
export function passwordOf(file: string, role: string): string {
  const secrets = readOrCreateSecrets(file);
  const known = secrets.roles[role];
  if (known !== undefined) return known;
  const password = drawPassword();
  writeSecrets(file, { ...secrets, roles: { ...secrets.roles, [role]: password } });
  return password;
}

function writeSecrets(file: string, secrets: Secrets): void {
  writePrivateFile(file, `${JSON.stringify({ v: '1', ...secrets }, null, 2)}\n`);
}

/** 192 random bits in letters that need no escape in a URL or in SQL. */
function drawPassword(): string {
  return randomBytes(24).toString('base64url');
}

function rolesOf(value: Record<string, unknown>): Record<string, string> {
  const roles = value['roles'];
  if (typeof roles !== 'object' || roles === null) return {};
  return Object.fromEntries(Object.entries(roles).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
