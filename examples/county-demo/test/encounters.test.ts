import { createDetector } from '@zhida/detect';
import { snapshotsFromBundle } from '@zhida/fhir';
import { nationalRulePack } from '@zhida/packs';
import { describe, expect, test } from 'vitest';
import { expectedEncounters, readEncounterFile } from '../src/encounter-files.js';

const detector = createDetector({ pack: nationalRulePack });
const expected = await expectedEncounters();

async function assess(file: string) {
  const { text, contentType } = await readEncounterFile(file);
  const input: unknown = JSON.parse(text);
  const [snapshot] = contentType === 'application/fhir+json' ? snapshotsFromBundle(input).snapshots : [input];
  return detector.assess(snapshot, { now: Date.parse('2026-05-15T00:00:00+08:00') });
}

test('the demo has 18 snapshots and 6 bundles; two of three are ordinary children, and at least half of those carry a trap', () => {
  const ordinary = expected.filter(({ rules }) => rules.length === 0);
  expect(expected.filter(({ file }) => file.endsWith('.fhir.json'))).toHaveLength(6);
  expect(expected).toHaveLength(24);
  expect(ordinary).toHaveLength(16);
  expect(ordinary.filter(({ trap }) => trap).length).toBeGreaterThanOrEqual(8);
});

describe('an ordinary child raises no prompt', () => {
  test.each(expected.filter(({ rules }) => rules.length === 0))('$encounter: $why', async ({ file, encounter }) => {
    const { encounterId, level, indications } = await assess(file);
    expect({ encounterId, level, rules: indications.map(({ ruleId }) => ruleId) }).toEqual({
      encounterId: encounter,
      level: 'none',
      rules: [],
    });
  });
});

describe('an indicated child raises exactly these rules', () => {
  test.each(expected.filter(({ rules }) => rules.length > 0))('$encounter: $rules', async ({ file, encounter, rules }) => {
    const { encounterId, level, indications } = await assess(file);
    expect(['red', 'orange']).toContain(level);
    expect({ encounterId, rules: [...new Set(indications.map(({ ruleId }) => ruleId))].sort() }).toEqual({
      encounterId: encounter,
      rules: [...rules].sort(),
    });
  });
});
