import { expect, it } from 'vitest';
import { isHeldBack, projectRecords, readFolder } from '../scripts/labelled.js';
import { perturbedRecords } from '../scripts/measures.js';
import { perturb } from '../scripts/perturb.js';

it('a tenth of the records stands once more, spoilt in five ways, each line as its source and the script give it', () => {
  const spoilt = perturbedRecords();
  const sources = new Map(projectRecords().map((record) => [record.id, record]));
  for (const record of spoilt) {
    const source = sources.get(record.perturbs);
    expect(source, record.perturbs).toBeDefined();
    expect(source === undefined ? undefined : JSON.parse(JSON.stringify(perturb(source)))).toEqual(record);
    expect(record.encounter, record.id).not.toEqual(source?.encounter);
  }
  expect(spoilt.length).toBeGreaterThanOrEqual(137);
  expect(new Set(spoilt.map(({ perturbation }) => perturbation)).size).toBe(5);
});

it('no record of the held-back tenth is spoilt, so that its words stay unseen', () => {
  const blind = new Set(readFolder(new URL('../../packs/cases/records/', import.meta.url)).map(({ id }) => id));
  expect(perturbedRecords().filter(({ perturbs }) => blind.has(perturbs) && isHeldBack(perturbs))).toEqual([]);
});
