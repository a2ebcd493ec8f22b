import type { EncounterSnapshot } from '@zhida/core';
import { readSnapshot } from '@zhida/core';
import { snapshotsFromBundle } from '@zhida/fhir';
import type { Encounter, Patient } from 'fhir/r4.js';
import { describe, expect, test } from 'vitest';
import {
  type R4Bundle,
  base64,
  batch,
  child,
  collection,
  condition,
  document,
  searchset,
  transaction,
  visit as encounter,
} from './bundles.js';

function only(bundle: R4Bundle): EncounterSnapshot {
  const { snapshots } = snapshotsFromBundle(bundle);
  expect(snapshots).toHaveLength(1);
  return snapshots[0] as EncounterSnapshot;
}

describe('a transaction of resources that know one another by urn:uuid', () => {
  const { snapshots, issues } = snapshotsFromBundle(transaction);

  test('becomes one snapshot with visit, patient, people and facts', () => {
    expect(snapshots).toEqual([
      {
        schemaVersion: '1',
        id: '44444444-4444-4444-8444-444444444444',
        facility: { code: '91350100M000100Y43', name: '云溪县人民医院' },
        department: { name: '妇科' },
        visitNumber: 'MZ20260503001',
        location: '妇科二病区',
        class: 'inpatient',
        period: { start: '2026-05-03T21:10:00+08:00' },
        arrival: 'referral',
        disposition: 'against-advice',
        patient: {
          id: '11010519491231002X',
          name: '云小溪',
          sex: 'female',
          birthDate: '2013-04-05',
          maritalStatus: 'Never Married',
          identifiers: [
            { system: 'cn-resident-id', value: '11010519491231002X' },
            { system: 'mrn', value: 'ZY0001' },
          ],
          address: { text: '云溪省云溪县溪口镇1号' },
          phone: '00000000001',
        },
        companion: { relationship: '母亲', name: '云某', phone: '00000000002' },
        guardians: [{ relationship: '母亲', name: '云某', phone: '00000000002' }],
        notes: [
          { section: 'chief-complaint', text: '腹痛3小时', at: '2026-05-03T21:10:00+08:00' },
          { section: 'assessment', text: '患者要求终止妊娠' },
        ],
        conditions: [
          { code: 'R10.4', system: 'icd-10', text: '腹痛', role: 'admission' },
          { code: 'Z32.100', system: 'icd-10-cn', text: '早孕', role: 'main', certainty: 'suspected' },
        ],
        feedsPresent: ['conditions', 'guardians'],
      },
    ]);
  });

  test('names the diagnosis and the deleted resource that are not in it, and no value', () => {
    const unresolved = { code: 'REFERENCE_UNRESOLVED', severity: 'warning' };
    expect(issues).toEqual([
      { ...unresolved, at: 'entry[5].request.url' },
      { ...unresolved, at: 'entry[3].resource.diagnosis[1].condition' },
    ]);
  });

  test('gives what readSnapshot takes without an issue', () => {
    expect(readSnapshot(snapshots[0])).toEqual({ snapshot: snapshots[0], issues: [] });
  });
});

test('a searchset finds resources by absolute address, version and base, and reads a resource sent twice once', () => {
  expect(snapshotsFromBundle(searchset)).toEqual({
    deleted: [],
    snapshots: [
      expect.objectContaining({
        id: 'e1',
        class: 'emergency',
        patient: { id: 'p1', sex: 'female', birthDate: '2013-04-05' },
        observations: [
          {
            code: '2106-3',
            system: 'loinc',
            name: '尿HCG',
            value: '阳性',
            interpretation: 'A',
            performer: '检验科',
            // FHIR `corrected` is the result that stands; the snapshot's `corrected` the one that fell.
            status: 'final',
            at: '2026-05-03T21:40:00+08:00',
          },
        ],
      }),
    ],
    issues: [],
  });
});

test('a document lends its encounter to what its sections list, and its words to notes under their headings', () => {
  const { snapshots, issues } = snapshotsFromBundle(document);
  expect(issues).toEqual([]);
  expect(snapshots.map(({ id }) => id)).toEqual(['e1', 'e2']);
  const at = '2026-05-03T22:00:00+08:00';
  expect(snapshots[0]?.notes).toEqual([
    { section: 'chief-complaint', text: '左耳瘀斑、1天', at },
    { section: 'physical-exam', text: '体温 <37℃\n左耳廓 瘀斑', at },
    { section: 'physical-exam', text: '右颊\n擦伤', at },
  ]);
  expect(snapshots[0]?.conditions).toEqual([{ code: 'S00.4', system: 'icd-10', text: '耳挫伤 (左耳廓)' }]);
  expect(snapshots[1]?.conditions).toBeUndefined();
});

describe('a batch with one resource of every kind', () => {
  const { snapshots, issues } = snapshotsFromBundle(batch);
  const snapshot = snapshots[0];

  test('observations: components, bounds, written findings as notes too', () => {
    expect(snapshot?.observations).toEqual([
      { name: '血压 收缩压', value: 90, unit: 'mmHg', status: 'preliminary' },
      { name: '血压 舒张压', value: '<60', unit: 'mmHg', status: 'preliminary' },
      { name: '皮肤', value: '背部条索状瘀痕', status: 'final' },
    ]);
  });

  test('notes: findings, report, its plain form, a document in GB18030', () => {
    expect(snapshot?.notes).toEqual([
      { section: 'physical-exam', text: '皮肤：背部条索状瘀痕' },
      { section: 'physical-exam', text: '家长未解释' },
      { section: 'imaging', text: '左侧第5、6肋后支骨折', at: '2026-05-03T22:10:00+08:00' },
      { section: 'imaging', text: '肋骨骨折，请结合临床。', at: '2026-05-03T22:10:00+08:00' },
      { section: 'present-illness', text: '自述被父亲打', at: '2026-05-03T21:30:00+08:00' },
    ]);
  });

  test('acts: what was done and ordered, not what was not', () => {
    expect(snapshot?.procedures).toEqual([{ code: '69.0100', system: 'icd-9-cm-3', text: '人工流产', at: '2026-05-03T22:00:00+08:00' }]);
    expect(snapshot?.medications).toEqual([
      { text: '米非司酮片', status: 'active' },
      { text: '布洛芬混悬液', status: 'completed' },
    ]);
    expect(snapshot?.orders).toEqual([{ text: '盆腔超声', status: 'active', at: '2026-05-03T21:20:00+08:00' }]);
  });

  test('everything left out is named by index; vaccines are nothing a snapshot has a field for', () => {
    expect(issues.map(({ code, at }) => `${code} ${at}`).toSorted()).toEqual([
      'CONTENT_NOT_TEXT entry[10].resource.content[1].attachment',
      'CONTENT_NOT_TEXT entry[9].resource.presentedForm[1]',
      'VALUE_UNREAD entry[13].resource',
      'VALUE_UNREAD entry[5].resource.status',
    ]);
    expect(snapshot?.feedsPresent).toEqual(['notes', 'observations', 'procedures', 'orders', 'medications']);
  });
});

describe('facts', () => {
  test('certainty and error of a condition', () => {
    const of = (code: string): unknown =>
      only(collection(child, encounter, condition({ verificationStatus: { coding: [{ code }] } }))).conditions?.[0];
    expect(['confirmed', 'differential', 'refuted', 'entered-in-error'].map(of)).toEqual([
      { text: '咳嗽', certainty: 'confirmed' },
      { text: '咳嗽', certainty: 'suspected' },
      { text: '咳嗽', certainty: 'ruled-out' },
      { text: '咳嗽', status: 'entered-in-error' },
    ]);
  });

  test('a condition over before the visit is history, one that ended later was there', () => {
    const of = (abatementDateTime: string): unknown =>
      only(collection(child, encounter, condition({ encounter: { reference: 'Encounter/e1' }, abatementDateTime }))).conditions?.[0]?.role;
    expect([of('2025-01-01'), of('2026-06-01'), of('2026-05')]).toEqual(['history', undefined, undefined]);
  });

  test('why something is ordered or done is read; what may change a meaning is named', () => {
    const { snapshots, issues } = snapshotsFromBundle(
      collection(
        child,
        encounter,
        {
          resourceType: 'ServiceRequest',
          status: 'active',
          intent: 'order',
          code: { text: '头颅CT' },
          subject: { reference: 'Patient/p1' },
          reasonCode: [{ text: '自述被继父殴打' }],
        },
        condition({ modifierExtension: [{ url: 'https://his.example/negated', valueBoolean: true }] }),
      ),
    );
    expect(snapshots[0]?.notes).toEqual([{ section: 'other', text: '自述被继父殴打' }]);
    expect(snapshots[0]?.conditions).toHaveLength(1);
    expect(issues).toEqual([{ code: 'VALUE_UNREAD', severity: 'warning', at: 'entry[3].resource.modifierExtension' }]);
  });

  test('every ICD code of a condition is a fact', () => {
    const code = {
      text: '脑膜炎',
      coding: [
        { system: 'http://hl7.org/fhir/sid/icd-10', code: 'A17.0' },
        { system: 'http://hl7.org/fhir/sid/icd-10', code: 'G01' },
      ],
    };
    expect(only(collection(child, encounter, condition({ code }))).conditions?.map((fact) => fact.code)).toEqual(['A17.0', 'G01']);
  });

  test('a newborn’s record carries the mother’s birth date', () => {
    const snapshot = only(
      collection(
        child,
        { ...encounter, hospitalization: { admitSource: { coding: [{ code: 'born' }] } } },
        {
          resourceType: 'RelatedPerson',
          patient: { reference: 'Patient/p1' },
          relationship: [{ coding: [{ code: 'MTH' }] }],
          birthDate: '2011-02-03',
        },
      ),
    );
    expect([snapshot.class, snapshot.mother]).toEqual(['birth', { birthDate: '2011-02-03' }]);
  });

  test('a death belongs to the visit it falls in, else to the last', () => {
    const dead: Patient = { ...(child as Patient), deceasedDateTime: '2026-05-03T23:00:00+08:00' };
    const later: Encounter = { ...encounter, id: 'e0', period: { start: '2026-01-01T08:00:00+08:00', end: '2026-01-01T09:00:00+08:00' } };
    const { snapshots } = snapshotsFromBundle(collection(dead, later, encounter));
    expect(snapshots.map(({ patient }) => patient?.deceasedAt)).toEqual([undefined, '2026-05-03T23:00:00+08:00']);
  });

  test('an encounter entered in error keeps its place and none of its facts', () => {
    const { snapshots, issues } = snapshotsFromBundle(collection(child, { ...encounter, status: 'entered-in-error' }, condition({})));
    expect(snapshots[0]?.conditions).toBeUndefined();
    expect(issues.map(({ at }) => at)).toEqual(['entry[1].resource.status']);
  });

  test('a code that is also a word of JavaScript is only unknown', () => {
    const odd: Encounter = {
      ...encounter,
      class: { code: 'constructor' },
      hospitalization: { dischargeDisposition: { text: '__proto__' } },
    };
    const { snapshots, issues } = snapshotsFromBundle(collection(child, odd));
    expect([snapshots[0]?.class, snapshots[0]?.disposition]).toEqual(['other', 'other']);
    expect(issues.map(({ code }) => code)).toEqual(['FIELD_UNKNOWN_CODE', 'FIELD_UNKNOWN_CODE']);
  });

  test('a hospital may name its own identifier systems', () => {
    const patient: Patient = { ...(child as Patient), identifier: [{ system: 'urn:his:card', value: '7' }] };
    const { snapshots } = snapshotsFromBundle(collection(patient, encounter), { identifierSystems: { 'urn:his:card': 'health-card' } });
    expect(snapshots[0]?.patient?.identifiers).toEqual([{ system: 'health-card', value: '7' }]);
  });

  test('bytes are read as what they are, whatever they claim, and what is no text is named, not shown as rubbish', () => {
    const words = '患儿自述被父亲用皮带打，背部见条索状瘀痕';
    const cut = Buffer.from(words).subarray(0, -1).toString('base64');
    const attached = (contentType: string, data: string) => ({ attachment: { contentType, data } });
    const { snapshots, issues } = snapshotsFromBundle(
      collection(child, encounter, {
        resourceType: 'DocumentReference',
        status: 'current',
        context: { encounter: [{ reference: 'Encounter/e1' }] },
        content: [
          attached('text/plain; charset=utf-8', '19TK9rG7uLjH17Ty'),
          attached('text/plain', '19TK9rG7uLjH17Ty'),
          attached('text/html', base64('<b>甲</b>&amp;乙<5')),
          // A sender that cuts by the byte: UTF-8 still, and not Chinese of another kind.
          attached('text/plain', cut),
          attached('text/plain; charset=gb2312', cut),
          attached('text/plain', Buffer.from('%PDF-1.7\0\xE2\xE3', 'latin1').toString('base64')),
          attached('text/plain; charset=utf-8', Buffer.of(0x89, 0xff, 0xfe, 0x90, 0xff).toString('base64')),
        ],
      }),
    );
    const ofGb = new TextDecoder('gb18030').decode(Buffer.from('19TK9rG7uLjH17Ty', 'base64'));
    const kept = `${words.slice(0, -1)}\uFFFD`;
    expect(snapshots[0]?.notes?.map(({ text }) => text)).toEqual([ofGb, ofGb, '甲&乙<5', kept, kept]);
    const at = (index: number): string => `entry[2].resource.content[${index}].attachment`;
    expect(issues.map((issue) => `${issue.code} ${issue.at}`)).toEqual([
      `CHARSET_MISDECLARED ${at(0)}.contentType`,
      `TEXT_NOT_WELL_FORMED ${at(3)}`,
      `CHARSET_MISDECLARED ${at(4)}.contentType`,
      `TEXT_NOT_WELL_FORMED ${at(4)}`,
      `CONTENT_NOT_TEXT ${at(5)}`,
      `CONTENT_NOT_TEXT ${at(6)}`,
    ]);
  });
});

describe('history', () => {
  const days = Array.from({ length: 31 }, (_, index) => `2026-01-${String(index + 1).padStart(2, '0')}`);
  const visits = days.map(
    (day): Encounter => ({ ...encounter, id: `v${day}`, period: { start: `${day}T08:00:00+08:00`, end: `${day}T09:00:00+08:00` } }),
  );
  const conditions = days.map((day) => condition({ encounter: { reference: `Encounter/v${day}` } }));

  test('is the last twenty earlier visits of the patient, newest last, with conditions and procedures alone', () => {
    const { snapshots } = snapshotsFromBundle(collection(child, ...visits.toReversed(), ...conditions));
    const last = snapshots[0];
    expect(last?.id).toBe('v2026-01-31');
    expect(last?.history).toHaveLength(20);
    expect(last?.history?.at(-1)).toEqual({
      id: 'v2026-01-30',
      start: '2026-01-30T08:00:00+08:00',
      class: 'emergency',
      conditions: [{ text: '咳嗽' }],
    });
    expect(snapshots.at(-1)?.history).toBeUndefined();
  });

  test('two visits of one moment are not each other’s past', () => {
    const { snapshots } = snapshotsFromBundle(collection(child, encounter, { ...encounter, id: 'e2' }));
    expect(snapshots.map(({ history }) => history)).toEqual([undefined, undefined]);
  });
});
