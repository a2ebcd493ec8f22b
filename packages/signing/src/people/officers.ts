import { randomBytes, scrypt as scryptCallback, timingSafeEqual } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ZhidaError } from '@zhida/core';

const scrypt = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scryptCallback);

/** RFC 7914: 32 MiB of memory and about 50 ms for one guess. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** 16 characters of 5 bits: a code nobody chooses, so nobody guesses it. Letters that look like digits are left out. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
const CODE_LENGTH = 16;
/** Sign-ins checked at the same time; more are asked to come again, so that guessing cannot take the machine's memory. */
const CHECKS_AT_ONCE = 4;
const OFFICER_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
const NAME_LENGTH = 40;
const ACCOUNT = /^[^\p{Cc}\p{Cf}]{1,128}$/u;

/** Who signs in to the pages of a party and acts there. The id goes into the audit log; the name only into its sealed detail. */
export interface Officer {
  readonly id: string;
  readonly name: string;
  /** The same person's account in another system where it is not the id: the hospital's own, for whoever treats and is at the duty desk. */
  readonly account?: string;
}

interface StoredOfficer extends Officer {
  readonly codeHash: string;
}

/** The officers who may use a party's own pages: an agency's inbox, a hospital's duty desk. The file is read again at each use: whoever is removed is out at once. */
export interface OfficerDirectory {
  /** The officer this code belongs to, or `undefined`. @throws ZhidaError `ZD_ERR_BUSY` when too many sign in at once. */
  signIn(id: string, code: string): Promise<Officer | undefined>;
  find(id: string): Promise<Officer | undefined>;
}

/** Opens `officers.json` of a key directory. A party without officers does its work, and nobody can sign in. */
export function openOfficers(directory: string): OfficerDirectory {
  const file = join(directory, 'officers.json');
  let checking = 0;
  return {
    find: async (id) => plain((await readOfficers(file)).find((officer) => officer.id === id)),
    signIn: async (id, code) => {
      if (checking >= CHECKS_AT_ONCE) throw new ZhidaError('ZD_ERR_BUSY', 'too many sign in at once');
      checking += 1;
      try {
        const officer = (await readOfficers(file)).find((known) => known.id === id);
        // An unknown id costs the same work, so that the time tells nothing.
        const right = await matches(normalise(code), officer?.codeHash ?? UNKNOWN_HASH);
        return right ? plain(officer) : undefined;
      } finally {
        checking -= 1;
      }
    },
  };
}

/**
 * Adds an officer, or gives a known one a new code; an account that was known stays unless another is given. The code is returned once and kept as a scrypt hash alone.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` for an id, name or account that cannot be used.
 */
export async function addOfficer(directory: string, officer: Officer): Promise<{ code: string }> {
  const { id } = officer;
  const name = officer.name.trim();
  if (!OFFICER_ID.test(id)) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'letters, digits, . _ -, at most 40', { at: 'id' });
  if (name === '' || name.length > NAME_LENGTH || /\p{Cc}/u.test(name)) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', `1 to ${NAME_LENGTH} characters`, { at: 'name' });
  }
  if (officer.account !== undefined && !ACCOUNT.test(officer.account)) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'printable, 1 to 128 characters', { at: 'account' });
  }
  const file = join(directory, 'officers.json');
  const code = randomCode();
  const officers = await readOfficers(file);
  const others = officers.filter((known) => known.id !== id);
  const account = officer.account ?? officers.find((known) => known.id === id)?.account;
  await writeOfficers(file, [...others, { id, name, ...(account === undefined ? {} : { account }), codeHash: await hashCode(code) }]);
  return { code: code.replaceAll(/(.{4})(?=.)/g, '$1-') };
}

/** Removes an officer; open sessions end with it. Answers whether there was one. */
export async function removeOfficer(directory: string, id: string): Promise<boolean> {
  const file = join(directory, 'officers.json');
  const officers = await readOfficers(file);
  const rest = officers.filter((officer) => officer.id !== id);
  if (rest.length < officers.length) await writeOfficers(file, rest);
  return rest.length < officers.length;
}

function plain(officer: StoredOfficer | undefined): Officer | undefined {
  if (officer === undefined) return undefined;
  const { id, name, account } = officer;
  return { id, name, ...(account === undefined ? {} : { account }) };
}

/** Bytes 248 and above are drawn again, so that each of the 31 letters is equally likely. */
function randomCode(): string {
  const limit = 256 - (256 % ALPHABET.length);
  let code = '';
  while (code.length < CODE_LENGTH) {
    for (const byte of randomBytes(CODE_LENGTH)) if (byte < limit && code.length < CODE_LENGTH) code += ALPHABET[byte % ALPHABET.length];
  }
  return code;
}

/** A code is read from paper: case, spaces and hyphens do not count. */
function normalise(code: string): string {
  return code.replaceAll(/[\s-]/g, '').toLowerCase().slice(0, 64);
}

async function hashCode(code: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const derived = await scrypt(code, salt, HASH_BYTES, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), derived.toString('base64url')].join('$');
}

const UNKNOWN_HASH = ['scrypt', COST.N, COST.r, COST.p, 'AAAAAAAAAAAAAAAAAAAAAA', 'A'.repeat(43)].join('$');

async function matches(code: string, codeHash: string): Promise<boolean> {
  const [scheme, n, r, p, salt = '', expected = ''] = codeHash.split('$');
  if (scheme !== 'scrypt' || Number(n) !== COST.N || Number(r) !== COST.r || Number(p) !== COST.p) return false;
  const derived = await scrypt(code, Buffer.from(salt, 'base64url'), HASH_BYTES, COST);
  const wanted = Buffer.from(expected, 'base64url');
  return wanted.length === derived.length && timingSafeEqual(wanted, derived);
}

async function readOfficers(file: string): Promise<readonly StoredOfficer[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
    if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0) {
      throw new ZhidaError('ZD_ERR_KEY_FILE', 'is open to other users (must be 0600)', { at: 'officers.json' });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const { officers } = parse(text);
  if (!Array.isArray(officers) || !officers.every(isStored)) throw unreadable();
  return officers;
}

function parse(text: string): { officers?: unknown } {
  try {
    return JSON.parse(text) as { officers?: unknown };
  } catch {
    // Without the cause: a JSON error quotes the text.
    throw unreadable();
  }
}

function unreadable(): ZhidaError {
  return new ZhidaError('ZD_ERR_KEY_FILE', 'is not a list of officers', { at: 'officers.json' });
}

function isStored(value: unknown): value is StoredOfficer {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name, account, codeHash } = value as Record<string, unknown>;
  const isAccount = account === undefined || typeof account === 'string';
  return typeof id === 'string' && OFFICER_ID.test(id) && typeof name === 'string' && isAccount && typeof codeHash === 'string';
}

/** A reader meets the old list or the new one, never a part of it. */
async function writeOfficers(file: string, officers: readonly StoredOfficer[]): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ officers }, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
