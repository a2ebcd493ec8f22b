import { applyMessage, createVisitFolder, readMessage } from '@zhida/hl7v2';
import { describe, expect, test } from 'vitest';
import { CHILD, CHILD_FIELDS, VISIT, VISIT_FIELDS, message, msh, row } from './messages.js';
import { HCG_ORDER, hcg, parsed, service } from './service.js';

describe('messages of one visit', () => {
  test('fold into one snapshot with a rising revision', () => {
    const his = service();
    his.apply(msh('ADT^A04', { controlId: '1' }), CHILD, VISIT, 'PV2|||^腹痛');
    his.apply(msh('ADT^A08', { controlId: '2' }), CHILD, VISIT, 'DG1|1||R10.4^腹痛^I10||20260503|W');
    his.apply(msh('ORU^R01', { controlId: '3' }), CHILD, VISIT, HCG_ORDER, hcg('阳性', 'F'));
    his.apply(msh('MDM^T02', { controlId: '4' }), CHILD, VISIT, 'TXA|1|PN|||||||||||DOC1', 'OBX|1|TX|^现病史||半天前起腹痛||||||F');
    his.apply(msh('ADT^A02', { controlId: '5' }), CHILD, row('PV1', { ...VISIT_FIELDS, 3: '儿科^3床' }));
    his.apply(msh('ADT^A03', { controlId: '6' }), CHILD, row('PV1', { ...VISIT_FIELDS, 3: '儿科^3床', 36: '1', 45: '20260504090000' }));
    expect(his.states()).toHaveLength(1);
    expect(his.latest().revision).toBe(6);
    expect(his.latest().snapshot).toMatchObject({
      id: 'P1001-V20260503001',
      revision: 6,
      location: '儿科 3床',
      period: { start: '2026-05-03T21:00:00+08:00', end: '2026-05-04T09:00:00+08:00' },
      disposition: 'home',
      notes: [
        { section: 'chief-complaint', text: '腹痛' },
        { section: 'present-illness', text: '半天前起腹痛' },
      ],
      conditions: [{ code: 'R10.4' }],
      observations: [{ name: '尿HCG', value: '阳性' }],
      feedsPresent: ['notes', 'conditions', 'observations'],
    });
  });

  test('a repeated message changes no fact', () => {
    const his = service();
    const segments = [msh('ORU^R01'), CHILD, VISIT, HCG_ORDER, hcg('阳性', 'F'), 'NTE|1||已复查', 'DG1|1||R10.4^腹痛^I10'];
    his.apply(...segments);
    const before = his.latest().snapshot;
    his.apply(...segments);
    expect({ ...his.latest().snapshot, revision: 1 }).toEqual(before);
    expect(his.latest().withdrawn).toBe(0);
  });

  test('what a later message does not carry stays, "" deletes it', () => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, VISIT);
    his.apply(
      msh('ADT^A08'),
      row('PID', { 3: 'P1001^^^YUNXI^MR', 5: '张^改名', 11: '""', 13: '""' }),
      row('PV1', { 2: 'E', 19: 'V20260503001' }),
    );
    expect(his.latest().snapshot.patient).toEqual({
      id: 'P1001',
      name: '张改名',
      sex: 'female',
      birthDate: '2019-02-03',
      identifiers: [{ system: 'mrn', value: 'P1001' }],
      maritalStatus: 'Never Married',
      ethnicity: '汉族',
    });
    expect(his.latest().snapshot.location).toBe('急诊 2诊室');
  });

  test('A06 makes an outpatient an inpatient, A13 takes a discharge back', () => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, row('PV1', { ...VISIT_FIELDS, 2: 'O' }));
    his.apply(msh('ADT^A06'), CHILD, row('PV1', { ...VISIT_FIELDS, 2: 'I' }));
    expect(his.latest().snapshot.class).toBe('inpatient');
    his.apply(msh('ADT^A03'), CHILD, row('PV1', { ...VISIT_FIELDS, 2: 'I', 36: '4', 45: '20260504090000' }));
    expect(his.latest().snapshot).toMatchObject({ disposition: 'against-advice', period: { end: '2026-05-04T09:00:00+08:00' } });
    his.apply(msh('ADT^A13'), CHILD, row('PV1', { ...VISIT_FIELDS, 2: 'I' }));
    expect(his.latest().snapshot).not.toHaveProperty('disposition');
    expect(his.latest().snapshot.period).toEqual({ start: '2026-05-03T21:00:00+08:00' });
  });
});

describe('facts that are corrected', () => {
  test('INV-13 a corrected result takes the place of the wrong one, and that is logged', () => {
    const lis = service();
    lis.apply(msh('ORU^R01'), CHILD, VISIT, HCG_ORDER, hcg('阳性', 'F'), 'NTE|1||强阳性');
    const read = parsed(msh('ORU^R01'), CHILD, VISIT, HCG_ORDER, hcg('阴性', 'C'));
    const { changes, issues } = applyMessage(lis.states(), read);
    expect(changes[0]?.snapshot.observations).toMatchObject([{ value: '阴性', status: 'final' }]);
    expect(changes[0]?.snapshot.notes).toBeUndefined();
    expect(changes[0]?.withdrawn).toBe(1);
    expect(issues).toEqual([{ code: 'FACT_WITHDRAWN', severity: 'information', at: 'OBX[1]' }]);
  });

  test.each(['D', 'W', 'X'])('INV-13 a result withdrawn with %s stays, marked as entered in error', (status) => {
    const lis = service();
    lis.apply(msh('ORU^R01'), CHILD, VISIT, HCG_ORDER, hcg('阳性', 'F'));
    lis.apply(msh('ORU^R01'), CHILD, VISIT, HCG_ORDER, hcg('', status));
    expect(lis.latest().snapshot.observations).toMatchObject([{ value: '阳性', status: 'entered-in-error' }]);
    expect(lis.latest().withdrawn).toBe(1);
  });

  test('a preliminary result becomes final in its place, and does not undo a final one', () => {
    const lis = service();
    lis.apply(msh('ORU^R01'), CHILD, VISIT, HCG_ORDER, hcg('可疑', 'P'));
    lis.apply(msh('ORU^R01'), CHILD, VISIT, HCG_ORDER, hcg('阳性', 'F'));
    lis.apply(msh('ORU^R01'), CHILD, VISIT, HCG_ORDER, hcg('可疑', 'P'));
    expect(lis.latest().snapshot.observations).toMatchObject([{ value: '阳性', status: 'final' }]);
  });

  test('the same test of another order is another result', () => {
    const lis = service();
    lis.apply(msh('ORU^R01'), CHILD, VISIT, HCG_ORDER, hcg('阴性', 'F'));
    lis.apply(msh('ORU^R01'), CHILD, VISIT, HCG_ORDER.replace('F1', 'F2'), hcg('阳性', 'F'));
    expect(lis.latest().snapshot.observations?.map(({ value }) => value)).toEqual(['阴性', '阳性']);
  });

  test('a withdrawn report takes its text with it', () => {
    const ris = service();
    const scan = row('OBR', { 3: 'F2', 4: '^头颅CT平扫' });
    const text = (words: string, status: string): string => row('OBX', { 2: 'FT', 3: '^检查所见', 5: words, 11: status });
    ris.apply(msh('ORU^R01'), CHILD, VISIT, scan, text('左侧额颞部硬膜下见新月形高密度影，邻近脑组织受压。', 'F'));
    ris.apply(msh('ORU^R01'), CHILD, VISIT, scan, text('', 'W'));
    expect(ris.latest().snapshot).not.toHaveProperty('notes');
    expect(ris.latest().withdrawn).toBe(1);
  });

  test('INV-13 a list of diagnoses sent again without one does not remove it; DG1-21 D does', () => {
    const his = service();
    his.apply(msh('ADT^A08', { version: '2.5.1' }), CHILD, VISIT, 'DG1|1||T74.1^身体虐待^I10|||W', 'DG1|2||S00.1^眼睑挫伤^I10|||W');
    his.apply(msh('ADT^A08', { version: '2.5.1' }), CHILD, VISIT, 'DG1|1||S00.1^眼睑挫伤^I10|||F');
    expect(his.latest().snapshot.conditions?.map(({ code, certainty }) => [code, certainty])).toEqual([
      ['T74.1', 'suspected'],
      ['S00.1', 'confirmed'],
    ]);
    his.apply(msh('ADT^A08', { version: '2.5.1' }), CHILD, VISIT, row('DG1', { 3: 'T74.1^身体虐待^I10', 6: 'W', 21: 'D' }));
    expect(his.latest().snapshot.conditions?.map(({ code }) => code)).toEqual(['S00.1']);
    expect(his.latest().withdrawn).toBe(1);
  });

  test('an edited document replaces its text, a replacement its parent’s, a cancelled one leaves nothing', () => {
    const emr = service();
    const send = (event: string, number: string, text: string, parent = ''): void => {
      const txa = row('TXA', { 2: 'PN', 12: number, 13: parent });
      emr.apply(msh(`MDM^${event}`), CHILD, VISIT, txa, row('OBX', { 2: 'TX', 3: '^正文', 5: text, 11: 'F' }));
    };
    const texts = (): unknown => emr.latest().snapshot.notes?.map(({ text }) => text);
    send('T02', 'D1', '初稿');
    send('T02', 'D2', '另一份');
    send('T08', 'D1', '修改稿');
    expect(texts()).toEqual(['另一份', '修改稿']);
    send('T10', 'D3', '替换稿', 'D1');
    expect(texts()).toEqual(['另一份', '替换稿']);
    send('T11', 'D3', '替换稿');
    expect(texts()).toEqual(['另一份']);
    expect(emr.latest().withdrawn).toBe(1);
  });

  test('a cancelled order keeps its name and changes its state', () => {
    const his = service();
    his.apply(msh('ORM^O01'), CHILD, VISIT, 'ORC|NW|O9', row('OBR', { 2: 'O9', 4: 'CT^头颅CT^L' }));
    his.apply(msh('ORM^O01'), CHILD, VISIT, 'ORC|CA|O9');
    expect(his.latest().snapshot.orders).toEqual([{ status: 'cancelled', code: 'CT', text: '头颅CT' }]);
  });
});

describe('A11, a visit that never was', () => {
  test('INV-13 is cancelled: no facts, prompts to be closed; a later message opens it again with all it had', () => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, VISIT, 'DG1|1||T74.1^身体虐待^I10');
    his.apply(msh('ADT^A11'), CHILD, VISIT);
    expect(his.latest()).toMatchObject({ change: 'cancelled', closes: 'visit-cancelled', revision: 2 });
    expect(his.latest().snapshot).not.toHaveProperty('conditions');
    expect(his.latest().snapshot.patient?.id).toBe('P1001');
    his.apply(msh('ORU^R01'), CHILD, VISIT, HCG_ORDER, hcg('阳性', 'F'));
    expect(his.latest()).toMatchObject({ change: 'updated', revision: 3 });
    expect(his.latest()).not.toHaveProperty('closes');
    expect(his.latest().snapshot).toMatchObject({ conditions: [{ code: 'T74.1' }], observations: [{ value: '阳性' }] });
  });
});

describe('the person behind a cancelled visit', () => {
  test('may change without the visit coming back', () => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, VISIT, 'DG1|1||T74.1^身体虐待^I10');
    his.apply(msh('ADT^A11'), CHILD, VISIT);
    his.apply(msh('ADT^A31'), row('PID', { ...CHILD_FIELDS, 5: '张^改名' }));
    expect(his.latest().snapshot).toMatchObject({ patient: { name: '张改名' } });
    expect(his.latest().snapshot).not.toHaveProperty('conditions');
  });
});

describe('A40, two records of one child', () => {
  const unknown = row('PID', { 3: 'TMP9^^^YUNXI^MR', 5: '无名氏', 8: 'F' });
  const known = row('PID', { ...CHILD_FIELDS, 3: 'P1001^^^YUNXI^MR~44029920190203002X^^^GA^NI' });

  test.each(['A40', 'A47', 'A46', 'A34', 'A18'])('%s gives the visits of the old number to the patient who stays', (event) => {
    const his = service();
    his.apply(msh('ADT^A04'), unknown, VISIT, 'DG1|1||T74.1^身体虐待^I10');
    his.apply(msh(`ADT^${event}`), known, 'MRG|TMP9^^^YUNXI^MR');
    expect(his.latest()).toMatchObject({ change: 'merged', revision: 2 });
    expect(his.latest().snapshot).toMatchObject({
      id: 'TMP9-V20260503001',
      patient: {
        id: 'P1001',
        name: '张演示',
        birthDate: '2019-02-03',
        identifiers: [
          { system: 'mrn', value: 'P1001' },
          { system: 'cn-resident-id', value: '44029920190203002X' },
        ],
      },
      conditions: [{ code: 'T74.1' }],
    });
  });

  test('later messages find the visit under either number', () => {
    const his = service();
    his.apply(msh('ADT^A04'), unknown, VISIT);
    his.apply(msh('ADT^A40'), known, 'MRG|TMP9^^^YUNXI^MR');
    his.apply(msh('ORU^R01'), CHILD, VISIT, HCG_ORDER, hcg('阳性', 'F'));
    his.apply(msh('ORU^R01'), unknown, VISIT, HCG_ORDER.replace('F1', 'F2'), hcg('阴性', 'F'));
    expect(his.states()).toHaveLength(1);
    expect(his.latest().snapshot.observations).toHaveLength(2);
  });

  test('a merge of nobody known changes nothing', () => {
    expect(service().apply(msh('ADT^A40'), known, 'MRG|TMP9^^^YUNXI^MR')).toEqual([]);
  });
});

describe('which visit a message is about', () => {
  test('a visit number counts only together with its patient', () => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, row('PV1', { 2: 'I', 19: '1' }));
    his.apply(msh('ADT^A04'), row('PID', { 3: 'P2002^^^YUNXI^MR', 7: '20120405' }), row('PV1', { 2: 'I', 19: '1' }));
    expect(his.states().map(({ id }) => id)).toEqual(['P1001-1', 'P2002-1']);
  });

  test('two hospitals, or two numberings, never share a patient unless the feed is said to', () => {
    const folder = createVisitFolder();
    folder.add(parsed(msh('ADT^A04'), CHILD, VISIT));
    folder.add(parsed(msh('ADT^A04').replaceAll('YUNXI', 'OTHER'), CHILD, VISIT));
    folder.add(parsed(msh('ADT^A04'), row('PID', { 3: 'P1001^^^LIS^MR' }), VISIT));
    expect(folder.size).toBe(3);
    const same = service();
    const options = { ignoreAuthorities: true };
    const first = readMessage(message(msh('ADT^A04'), CHILD, VISIT), options).message;
    const second = readMessage(message(msh('ADT^A04'), row('PID', { 3: 'P1001^^^LIS^MR' }), VISIT), options).message;
    expect(first?.keys).toEqual(second?.keys);
    expect(same.states()).toEqual([]);
  });

  test('a result without a visit number joins the patient’s visit of that time', () => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, VISIT);
    his.apply(msh('ORU^R01', { at: '20260504100000' }), CHILD, HCG_ORDER, hcg('阳性', 'F'));
    expect(his.states()).toHaveLength(1);
    expect(his.latest().snapshot.observations).toHaveLength(1);
  });

  test('one that comes long after joins no visit and begins its own, on its day', () => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, VISIT);
    his.apply(msh('ORU^R01', { at: '20260804100000' }), CHILD, row('OBR', { 3: 'F7', 4: 'U1', 7: '20260804093000' }), hcg('阳性', 'F'));
    expect(his.states().map(({ id }) => id)).toEqual(['P1001-V20260503001', 'P1001-2026-08-04']);
    expect(his.latest().snapshot).toMatchObject({
      period: { start: '2026-08-04T09:30:00+08:00' },
      history: [{ id: 'P1001-V20260503001' }],
    });
  });

  test('without a number visits are told apart by PV1-44', () => {
    const his = service();
    const at = (start: string): string => row('PV1', { 2: 'O', 44: start });
    his.apply(msh('ORU^R01'), CHILD, at('20260503210000'), HCG_ORDER, hcg('阴性', 'F'));
    his.apply(msh('ORU^R01'), CHILD, at('20260603210000'), HCG_ORDER, hcg('阴性', 'F'));
    his.apply(msh('ORU^R01'), CHILD, at('20260503210000'), HCG_ORDER.replace('F1', 'F2'), hcg('阳性', 'F'));
    expect(his.states()).toHaveLength(2);
    expect(his.latest().snapshot.observations).toHaveLength(2);
  });

  test('A31 changes the person in every visit and opens none', () => {
    const his = service();
    expect(his.apply(msh('ADT^A28'), CHILD)).toEqual([]);
    his.apply(msh('ADT^A04'), CHILD, VISIT);
    his.apply(msh('ADT^A04'), CHILD, row('PV1', { ...VISIT_FIELDS, 19: 'V2', 44: '20260601090000' }));
    const changes = his.apply(msh('ADT^A31'), row('PID', { ...CHILD_FIELDS, 7: '20120203' }));
    expect(changes.map(({ snapshot }) => snapshot.patient?.birthDate)).toEqual(['2012-02-03', '2012-02-03']);
  });

  test('a message that names neither patient nor visit is a visit of its own, not lost and not mixed', () => {
    const his = service();
    his.apply(msh('ORU^R01', { controlId: 'A' }), HCG_ORDER, hcg('阳性', 'F'));
    his.apply(msh('ORU^R01', { controlId: 'B' }), HCG_ORDER, hcg('阴性', 'F'));
    expect(his.states()).toHaveLength(2);
  });

  test('earlier visits are the history of later ones, a cancelled one is not', () => {
    const his = service();
    his.apply(msh('ADT^A04'), CHILD, VISIT, 'DG1|1||S00.1^眼睑挫伤^I10');
    his.apply(msh('ADT^A04'), CHILD, row('PV1', { ...VISIT_FIELDS, 19: 'V2', 44: '20260515090000' }));
    his.apply(msh('ADT^A11'), CHILD, row('PV1', { ...VISIT_FIELDS, 19: 'V2', 44: '20260515090000' }));
    his.apply(msh('ADT^A04'), CHILD, row('PV1', { ...VISIT_FIELDS, 19: 'V3', 44: '20260601090000' }));
    expect(his.latest().snapshot.history).toEqual([
      {
        id: 'P1001-V20260503001',
        start: '2026-05-03T21:00:00+08:00',
        class: 'emergency',
        facility: { code: 'YUNXI' },
        conditions: [{ code: 'S00.1', system: 'icd-10', text: '眼睑挫伤', role: 'main' }],
      },
    ]);
  });
});

describe('a long stay', () => {
  test('keeps its written results; the longest series of numbers loses its oldest, and that is named', () => {
    const folder = createVisitFolder();
    folder.add(parsed(msh('ORU^R01'), CHILD, VISIT, HCG_ORDER, hcg('阳性', 'F')));
    let named = false;
    for (let day = 0; day < 11; day += 1) {
      const series = Array.from({ length: 200 }, (_, index) =>
        row('OBX', {
          2: 'NM',
          3: 'HR^心率^L',
          5: String(60 + (index % 60)),
          11: 'F',
          14: `202605${String(4 + day).padStart(2, '0')}${String(index % 24).padStart(2, '0')}${String(index % 60).padStart(2, '0')}00`,
        }),
      );
      const read = parsed(msh('ORU^R01'), CHILD, VISIT, row('OBR', { 3: `V${day}`, 4: 'VS' }), ...series);
      folder.add(read, { issues: [], add: (code, at) => void (named ||= code === 'FIELD_TOO_LONG' && at === 'observations') });
    }
    const [snapshot] = folder.snapshots();
    expect(snapshot?.observations).toHaveLength(2_000);
    expect(snapshot?.observations?.[0]).toMatchObject({ value: '阳性' });
    expect(named).toBe(true);
  });

  test('whose results come again with their comments, or all under names of their own, is folded in time', () => {
    const results = Array.from({ length: 9_000 }, (_, index) => [
      row('OBX', { 2: 'NM', 3: `T${index}^项目^L`, 5: '1', 11: 'F' }),
      row('NTE', { 1: '1', 3: '复核' }),
    ]).flat();
    const read = parsed(msh('ORU^R01'), CHILD, VISIT, row('OBR', { 3: 'V1', 4: 'VS' }), ...results);
    const folder = createVisitFolder();
    const start = process.cpuUsage();
    for (let time = 0; time < 3; time += 1) folder.add(read);
    const { user, system } = process.cpuUsage(start);
    expect([...folder.snapshots()][0]?.observations).toHaveLength(2_000);
    expect((user + system) / 1e6).toBeLessThan(2.5);
  });
});
