import { join } from 'node:path';
import {
  addTrust,
  createKeyDirectory,
  type KeyDirectory,
  openKeyDirectory,
  rotateKeys,
  type TrustFile,
  trustFingerprint,
} from '../src/index.js';

// An administrator's commands in a loop, until killed. Says on standard output what was finished, a line each.
const [task = '', root = '', trustFile = ''] = process.argv.slice(2);

function say(...words: readonly unknown[]): void {
  process.stdout.write(`${words.join(' ')}\n`);
}

function masterOf(keys: KeyDirectory): string {
  return Buffer.from(keys.masterKey ?? []).toString('hex');
}

/** `keys create` in one folder after another, with trust added to each. */
async function createMany(): Promise<never> {
  const file = JSON.parse(trustFile) as TrustFile;
  const fingerprint = trustFingerprint(file);
  for (let count = 0; ; count += 1) {
    const keys = await createKeyDirectory(join(root, `k${count}`), { party: 'agency:police-440299', role: 'agency', mode: 'test' });
    await addTrust(keys, file, { fingerprint });
    say(`k${count}`, keys.signingKey.kid, masterOf(keys));
  }
}

/** `keys rotate` again and again in one folder. */
async function rotateOften(): Promise<never> {
  let keys = await openKeyDirectory(root);
  for (;;) {
    keys = await rotateKeys(keys, { activateAt: '2098-01-01T00:00:00Z', retireAt: '2099-01-01T00:00:00Z' });
    say(keys.signingKeys.length);
  }
}

await (task === 'create' ? createMany() : rotateOften());
