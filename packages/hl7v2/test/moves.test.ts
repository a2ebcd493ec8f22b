import { applyMessage, readMessage } from '@zhida/hl7v2';
import { describe, expect, test } from 'vitest';
import { CHILD, CHILD_FIELDS, VISIT, VISIT_FIELDS, message, msh, row } from './messages.js';
import { HCG_ORDER, hcg, parsed, service } from './service.js';

const OTHER_FIELDS = { ...CHILD_FIELDS, 3: 'P2002^^^YUNXI^MR', 5: '王^样例', 7: '20120405' };
const OTHER = row('PID', OTHER_FIELDS);
const ABUSED = 'DG1|1||T74.1^身体虐待^I10';
const visit = (number: string): string => row('PV1', { ...VISIT_FIELDS, 19: number });
const mrg = (fields: Record<number, string>): string => row('MRG', fields);
const OF_CHILD = { 1: 'P1001^^^YUNXI^MR' };

describe('a visit goes into another of the same patient', () => {
  test.each([
    ['A42', visit('V2'), mrg({ ...OF_CHILD, 5: 'V1' })],
    ['A42', visit('V2'), mrg({ 5: 'V1' })],
    ['A45', visit('V2'), mrg({ ...OF_CHILD, 5: 'V1' })],
  ])('%s: what both held stands in the one that goes on, and the other holds nothing', (event, pv1, merged) => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, visit('V1'), ABUSED);
    his.apply(msh('ORU^R01'), CHILD, visit('V2'), HCG_ORDER, hcg('阳性', 'F'));
    const changes = his.apply(msh(`ADT^${event}`), CHILD, merged, pv1);
    expect(changes).toMatchObject([
      {
        snapshot: { id: 'P1001-V2', visitNumber: 'V2', conditions: [{ code: 'T74.1' }], observations: [{ value: '阳性' }] },
        change: 'merged',
      },
      { snapshot: { id: 'P1001-V1' }, closes: 'visit-cancelled' },
    ]);
    expect(changes[0]).not.toHaveProperty('closes');
    expect(changes[1]?.snapshot).not.toHaveProperty('conditions');
    // Whatever is told later under either number is told of the visit that goes on, and the same message again changes no fact.
    his.apply(msh('MDM^T02'), CHILD, visit('V1'), 'TXA|1|PN|||||||||||DOC1', 'OBX|1|TX|^现病史||半天前起腹痛||||||F');
    his.apply(msh(`ADT^${event}`), CHILD, merged, pv1);
    expect(his.latest().snapshot).toMatchObject({
      id: 'P1001-V2',
      notes: [{ text: '半天前起腹痛' }],
      conditions: [{ code: 'T74.1' }],
      observations: [{ value: '阳性' }],
    });
  });

  test('A42 of a visit whose new number nobody knows yet keeps its id, and both numbers find it', () => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, visit('V1'), ABUSED);
    his.apply(msh('ADT^A42'), CHILD, mrg({ 5: 'V1' }), visit('V2'));
    for (const number of ['V1', 'V2']) his.apply(msh('ADT^A08'), CHILD, visit(number));
    expect(his.states()).toHaveLength(1);
    expect(his.latest().snapshot).toMatchObject({ id: 'P1001-V1', visitNumber: 'V2', conditions: [{ code: 'T74.1' }] });
  });

  test.each(['A41', 'A44'])('%s is heard where the account number is the number of a visit', (event) => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, visit('K1'), ABUSED);
    his.apply(msh(`ADT^${event}`), row('PID', { ...CHILD_FIELDS, 18: 'K2' }), mrg({ ...OF_CHILD, 3: 'K1' }));
    expect(his.latest().snapshot).toMatchObject({ id: 'P1001-K1', visitNumber: 'K2', conditions: [{ code: 'T74.1' }] });
  });
});

describe('a visit was another patient’s', () => {
  test.each([
    ['A45', OTHER, visit('V1'), mrg({ ...OF_CHILD, 5: 'V1' })],
    ['A44', row('PID', { ...OTHER_FIELDS, 18: 'V1' }), 'PV2|', mrg({ ...OF_CHILD, 3: 'V1' })],
  ])('%s: its facts go to a visit of that patient, and nothing of who was wrongly named goes along', (event, patient, pv1, moved) => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, visit('V1'), 'NK1|1|张^父|FTH^父亲', ABUSED);
    const changes = his.apply(msh(`ADT^${event}`), patient, moved, pv1);
    expect(changes).toMatchObject([
      { snapshot: { id: 'P2002-V1', patient: { id: 'P2002', name: '王样例', birthDate: '2012-04-05' }, conditions: [{ code: 'T74.1' }] } },
      { snapshot: { id: 'P1001-V1' }, closes: 'visit-cancelled' },
    ]);
    expect(JSON.stringify(changes[0])).not.toContain('张');
    // The number may count the patient's visits, so the next one of it is a visit of its own.
    his.apply(msh('ADT^A04'), CHILD, visit('V1'));
    expect(his.latest().snapshot).toMatchObject({ id: 'P1001-V1', patient: { id: 'P1001' } });
    expect(his.latest().snapshot).not.toHaveProperty('conditions');
  });

  test('A45 of a visit that a merge has brought there already changes no fact', () => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, visit('V1'), ABUSED);
    his.apply(msh('ADT^A40'), OTHER, mrg(OF_CHILD));
    his.apply(msh('ADT^A45'), OTHER, mrg({ ...OF_CHILD, 5: 'V1' }), visit('V1'));
    expect(his.states()).toHaveLength(1);
    expect(his.latest().snapshot).toMatchObject({ patient: { id: 'P2002' }, conditions: [{ code: 'T74.1' }] });
  });

  test('A45 names several visits, each behind its own MRG', () => {
    const his = service();
    for (const number of ['V1', 'V2', 'V3']) his.apply(msh('ADT^A04'), CHILD, visit(number), ABUSED);
    const move = (number: string): string[] => [mrg({ ...OF_CHILD, 5: number }), visit(number)];
    his.apply(msh('ADT^A45'), OTHER, ...move('V1'), ...move('V3'));
    expect(
      his
        .states()
        .filter(({ facts }) => facts.length > 0)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['P1001-V2', 'P2002-V1', 'P2002-V3']);
  });

  test('A43: a number is another person’s; its visits stay and the person is replaced, not mixed', () => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, VISIT, 'NK1|1|张^父|FTH^父亲', ABUSED);
    his.apply(msh('ADT^A43'), row('PID', { 3: 'P1001^^^YUNXI^MR', 5: '王^样例', 7: '20120405' }), mrg(OF_CHILD));
    expect(his.latest().snapshot).toMatchObject({
      id: 'P1001-V20260503001',
      patient: { name: '王样例', birthDate: '2012-04-05' },
      conditions: [{ code: 'T74.1' }],
    });
    expect(his.latest().snapshot.patient).not.toHaveProperty('sex');
    expect(JSON.stringify(his.latest())).not.toContain('张');
  });

  test.each([
    ['a number', VISIT, 'P2002-V20260503001'],
    ['no number, but a start', row('PV1', { 2: 'E', 44: '20260503211000' }), 'P2002-20260503T131000Z'],
  ])('A43 to a person with another number: a visit with %s is found under that, and holds nothing under the old one', (_what, pv1, id) => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, pv1, 'NK1|1|张^父|FTH^父亲', ABUSED);
    const changes = his.apply(msh('ADT^A43'), OTHER, mrg(OF_CHILD));
    expect(changes).toMatchObject([
      { snapshot: { id, patient: { id: 'P2002', name: '王样例' }, conditions: [{ code: 'T74.1' }] } },
      { closes: 'visit-cancelled' },
    ]);
    expect(JSON.stringify(changes[0])).not.toContain('张');
    // Told under the new number it is the visit that moved.
    his.apply(msh('ORU^R01'), OTHER, pv1, HCG_ORDER, hcg('阳性', 'F'));
    expect(his.latest().snapshot).toMatchObject({ id, conditions: [{ code: 'T74.1' }], observations: [{ value: '阳性' }] });
    // Under the old one it is somebody else's.
    his.apply(msh('ADT^A04'), CHILD, pv1);
    expect(his.latest().snapshot).toMatchObject({ patient: { id: 'P1001' } });
    expect(his.latest().snapshot).not.toHaveProperty('conditions');
  });

  test('A43 into a visit of that person that is known already joins the two', () => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, visit('V1'), ABUSED);
    his.apply(msh('ORU^R01'), OTHER, visit('V1'), HCG_ORDER, hcg('阳性', 'F'));
    his.apply(msh('ADT^A43'), OTHER, mrg(OF_CHILD));
    const full = his.states().filter(({ facts }) => facts.length > 0);
    expect(full.map(({ id, facts }) => [id, facts.length])).toEqual([['P2002-V1', 2]]);
  });
});

describe('a merge or move that cannot be done', () => {
  test.each([
    ['A40', [mrg({ 1: 'P9^^^YUNXI^MR' })], 'REFERENCE_UNRESOLVED MRG-1'],
    ['A41', [mrg({ 3: 'K9' })], 'FIELD_MISSING PID-18'],
    ['A42', [mrg({ 5: 'V9' }), VISIT], 'REFERENCE_UNRESOLVED MRG-5'],
    ['A42', [mrg(OF_CHILD), VISIT], 'FIELD_MISSING MRG-5'],
    ['A42', [mrg({ 5: 'V9' })], 'FIELD_MISSING PV1-19'],
    ['A43', [], 'FIELD_MISSING MRG-1'],
    ['A43', [mrg({ 1: 'P9^^^YUNXI^MR' })], 'REFERENCE_UNRESOLVED MRG-1'],
    ['A44', [mrg(OF_CHILD)], 'FIELD_MISSING MRG-3'],
    ['A45', [], 'FIELD_MISSING MRG-5'],
  ])('%s with %j changes nothing and is named', (event, segments, issue) => {
    const { changes, issues } = applyMessage([], parsed(msh(`ADT^${event}`), CHILD, ...segments));
    expect(changes).toEqual([]);
    expect(issues.map(({ code, at }) => `${code} ${at}`)).toEqual([issue]);
  });

  test('of an adult it is read all the same: the number may have been a child’s', () => {
    const adult = row('PID', { ...CHILD_FIELDS, 7: '19860203' });
    const { message: read } = readMessage(message(msh('ADT^A45'), adult, mrg({ ...OF_CHILD, 5: 'V1' }), visit('V1')), { adults: 'skim' });
    expect(read).toMatchObject({ skimmed: false, updates: [{ effect: 'move-visit' }] });
  });
});
