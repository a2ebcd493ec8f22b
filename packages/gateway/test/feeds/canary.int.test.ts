import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendMllp } from '@zhida/hl7v2/mllp';
import { canaries, canaryValues, findCanaries, waitUntil } from '@zhida/testkit';
import { expect, test } from 'vitest';
import { makeFixture } from '../support/fixture.js';
import { message, msh, type Child } from './support/messages.js';

const CHILD: Child = { patient: canaries.childPhone, visit: canaries.freeText, birth: '20180230', name: canaries.childName };

/** A message with something about a person in every field a sender can fill, its own header among them. */
function planted(controlId: string, text: string): string {
  const pv1 = Array.from({ length: 45 }, () => '');
  Object.assign(pv1, { 1: 'E', 3: canaries.address, 7: `${canaries.reporterStaffId}^${canaries.reporterName}`, 19: CHILD.visit });
  return message(
    msh(`ORU^${canaries.childNickname}`, { controlId, sender: canaries.guardianName }),
    `PID|1|${canaries.childResidentId}|${CHILD.patient}^^^YUNXI^MR||${CHILD.name}||${CHILD.birth}|F|||${canaries.address}||${canaries.guardianPhone}`,
    `PV1|${pv1.slice(1).join('|')}`,
    `NK1|1|${canaries.guardianName}|MTH||${canaries.guardianPhone}`,
    `OBR|1|${canaries.school}||^${canaries.freeText}|||${canaries.doctorsNote}`,
    `OBX|1|FT|^查体||${text}||||||F`,
    `ZZ1|${canaryValues.join('|')}`,
  );
}

test('INV-11 what a message, its header, its control id and its file’s name say of people is in no log, no plain column and no answer of the API', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zhida-canary-'));
  const fixture = await makeFixture({
    gateway: {
      feeds: [
        { kind: 'mllp', name: 'his', port: 0, limits: { frameBytes: 400_000 } },
        { kind: 'folder', name: 'files', path: folder, format: 'hl7v2', pollMs: 20 },
        { kind: 'folder', name: 'snapshots', path: folder, format: 'encounter', pollMs: 20 },
      ],
    },
  });
  try {
    const port = fixture.gateway.feeds[0]?.port ?? 0;
    // An acknowledgement gives the sender its own header back; what is thrown is ours.
    const send = (text: string) =>
      sendMllp({ host: '127.0.0.1', port, message: text }).then(
        ({ code }) => code as unknown,
        (error: unknown) => error,
      );
    const told: unknown[] = [
      await send(planted(canaries.childResidentId, canaries.doctorsNote)),
      await send(planted(canaries.childName, canaries.doctorsNote)),
      await send(planted('C-deep', `${canaries.doctorsNote}${'~'.repeat(250_000)}`)),
      await send(planted('C-long', canaries.doctorsNote.repeat(20_000))),
      await send(planted('C-other', canaries.doctorsNote).replace('|T|', `|${canaries.childName}|`)),
      await send(`MSH|^~\\&|${canaries.childName}|${canaryValues.join('|')}`),
      (await fixture.post(planted(canaries.childPhone, canaries.doctorsNote), 'application/hl7-v2')).body,
      (await fixture.post(`MSH|^~\\&|${canaryValues.join('|')}`, 'application/hl7-v2')).body,
    ];
    await writeFile(join(folder, `${canaries.childName}_${canaries.childResidentId}.hl7`), planted('F1', canaries.doctorsNote));
    await waitUntil(async () => (await fixture.rows('select 1 from feed_files')).length === 2, { what: 'both folder feeds read the file' });
    const authorization = `Bearer ${await fixture.clinician('ADMIN1', { scope: 'endpoint:admin' })}`;
    for (const feed of ['his', 'http', 'files', 'snapshots']) {
      const answer = await fixture.gateway.app.inject({ method: 'GET', url: `/ops/feeds/${feed}/messages`, headers: { authorization } });
      expect(answer.statusCode).toBe(200);
      told.push(answer.body);
    }
    const tables = await fixture.rows<{ table_name: string }>(
      `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    const stored: string[] = [];
    for (const { table_name: table } of tables) {
      stored.push(
        ...(await fixture.rows<{ row: unknown }>(`select to_jsonb(t) as row from "${table}" t`)).map(({ row }) => JSON.stringify(row)),
      );
    }
    expect(stored.some((row) => row.includes('C-deep') && row.includes('ZD_ERR_INPUT_TOO_LARGE'))).toBe(true);
    const assessed = told.filter((one) => typeof one !== 'string' || !one.includes('"assessments"'));
    expect(findCanaries([...stored, ...fixture.log, ...assessed.map((one) => JSON.stringify(one) + String(one))].join('\n'))).toEqual([]);
  } finally {
    await fixture.close();
    await rm(folder, { recursive: true, force: true });
  }
});
