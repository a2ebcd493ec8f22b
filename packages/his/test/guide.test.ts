import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMapping, snapshotsFromFiles } from '@zhida/his';
import { expect, test } from 'vitest';
import { FILES, files } from './files.js';

test('the mapping of docs/his-mapping.md is right and reads the files it speaks of', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../docs/his-mapping.md'), 'utf8');
  const { mapping, problems } = readMapping(/^```yaml\n([^]*?)^```/m.exec(guide)?.[1] ?? '');
  expect(problems).toEqual([]);
  if (mapping === undefined) throw new TypeError('no mapping');
  const results = '就诊号,项目,结果,单位,报告时间,作废\nV1,血红蛋白,98,g/L,03/05/2026 22:00,0\nV1,血红蛋白,9,g/L,03/05/2026 22:00,1\n';
  const { snapshots, issues } = snapshotsFromFiles(
    files({ 'visits_0503.csv': FILES['mz_ghxx_0503.csv'] ?? '', 'patients.csv': FILES['patients.csv'] ?? '', 'results.csv': results }),
    mapping,
  );
  expect(issues).toEqual([]);
  expect(snapshots.map(({ companion }) => companion)).toEqual([{ relationship: '母亲' }, null, { relationship: '父亲' }]);
  expect(snapshots[0]).toMatchObject({
    facility: { code: '91350100M000100Y43' },
    patient: { name: '云小溪', sex: 'female', birthDate: '2013-04-05' },
    observations: [{ name: '血红蛋白', value: 98, at: '2026-05-03T22:00:00+08:00' }],
  });
});
