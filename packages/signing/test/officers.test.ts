import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addOfficer, openOfficers } from '../src/index.js';

test('an officer’s account in another system is kept beside the number, also when they get a new code', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'zhida-officers-'));
  onTestFinished(async () => rm(directory, { recursive: true, force: true }));
  const officers = openOfficers(directory);
  await addOfficer(directory, { id: 'Z001', name: '王值班' });
  expect(await officers.find('Z001')).toEqual({ id: 'Z001', name: '王值班' });
  await addOfficer(directory, { id: 'Z001', name: '王值班', account: 'wang.d' });
  const { code } = await addOfficer(directory, { id: 'Z001', name: '王值班' });
  expect(await officers.signIn('Z001', code)).toEqual({ id: 'Z001', name: '王值班', account: 'wang.d' });
  await expect(addOfficer(directory, { id: 'Z001', name: '王值班', account: '\n' })).rejects.toMatchObject({
    code: 'ZD_ERR_OPTION_INVALID',
    at: 'account',
  });
});
