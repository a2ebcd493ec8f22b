import { snapshotsFromBundle } from '@zhida/fhir';
import type { Bundle, FhirResource } from 'fhir/r5.js';
import { describe, expect, test } from 'vitest';
import { base64, transaction as r4 } from './bundles.js';

// All children, hospitals and numbers here are invented; the compiler checks that each bundle has a true R5 shape.

const patient: FhirResource = { resourceType: 'Patient', id: 'p1', gender: 'female', birthDate: '2013-04-05' };
const subject = { reference: 'Patient/p1' };
const encounter = { reference: 'Encounter/e1' };
const visit: FhirResource = {
  resourceType: 'Encounter',
  id: 'e1',
  status: 'completed',
  class: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'EMER' }] }],
  serviceType: [{ concept: { text: '急诊科' } }],
  subject,
  actualPeriod: { start: '2026-05-03T21:10:00+08:00', end: '2026-05-03T23:40:00+08:00' },
  participant: [{ actor: { reference: 'RelatedPerson/r1' } }],
  reason: [
    { value: [{ concept: { text: '腹痛3小时', coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'R10.4' }] } }] },
    { value: [{ reference: { reference: 'Condition/c2' } }] },
  ],
  diagnosis: [
    { condition: [{ reference: { reference: 'Condition/c1' } }], use: [{ coding: [{ code: 'DD' }] }] },
    { condition: [{ concept: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cn', code: 'S00.400' }], text: '左耳廓挫伤' } }] },
    { condition: [{ concept: { text: '待查' } }], use: [{ coding: [{ code: 'AD' }] }] },
  ],
  admission: { admitSource: { coding: [{ code: 'hosp-trans' }] }, dischargeDisposition: { coding: [{ code: 'home' }] } },
};

function bundle(...resources: FhirResource[]): Bundle<FhirResource> {
  return { resourceType: 'Bundle', type: 'collection', entry: [patient, visit, ...resources].map((resource) => ({ resource })) };
}

const facts: FhirResource[] = [
  {
    resourceType: 'RelatedPerson',
    id: 'r1',
    patient: subject,
    relationship: [{ coding: [{ code: 'MTH', display: '母亲' }] }],
  },
  {
    resourceType: 'Condition',
    id: 'c1',
    clinicalStatus: { coding: [{ code: 'active' }] },
    subject,
    code: { text: '早孕', coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cn', code: 'Z32.100' }] },
    note: [{ text: '患者要求终止妊娠' }],
  },
  { resourceType: 'Condition', id: 'c2', clinicalStatus: { coding: [{ code: 'active' }] }, subject, code: { text: '腹痛' } },
  {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '2106-3', display: '尿HCG' }] },
    subject,
    encounter,
    effectiveDateTime: '2026-05-03T21:40:00+08:00',
    valueCodeableConcept: { text: '阳性' },
  },
  { resourceType: 'Observation', status: 'final', code: { text: '曲线' }, subject, encounter, valueAttachment: { title: 'x' } },
  {
    resourceType: 'Procedure',
    status: 'completed',
    subject,
    encounter,
    code: { text: '清创缝合' },
    occurrenceDateTime: '2026-05-03T22:00:00+08:00',
  },
  { resourceType: 'Medication', id: 'm1', code: { text: '布洛芬混悬液' } },
  {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    subject,
    encounter,
    medication: { concept: { text: '米非司酮片' } },
  },
  {
    resourceType: 'MedicationStatement',
    status: 'recorded',
    subject,
    encounter,
    medication: { reference: { reference: 'Medication/m1' } },
  },
  {
    resourceType: 'MedicationAdministration',
    status: 'completed',
    subject,
    medication: { concept: { text: '破伤风抗毒素' } },
    occurenceDateTime: '2026-05-03T22:05:00+08:00',
  },
  {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject,
    encounter,
    code: { concept: { text: '盆腔超声' } },
    authoredOn: '2026-05-03T21:20:00+08:00',
  },
  {
    resourceType: 'DiagnosticReport',
    status: 'final',
    category: [{ coding: [{ code: 'RAD' }] }],
    code: { text: '胸片' },
    subject,
    encounter,
    conclusionCode: [{ text: '肋骨骨折' }],
  },
  {
    resourceType: 'DocumentReference',
    status: 'current',
    type: { coding: [{ system: 'http://loinc.org', code: '10164-2' }] },
    subject,
    context: [{ reference: 'EpisodeOfCare/x' }, encounter],
    content: [{ attachment: { contentType: 'text/plain', data: base64('自述被父亲打') } }],
  },
  {
    resourceType: 'Composition',
    status: 'final',
    type: { text: '急诊病历' },
    title: '急诊病历',
    date: '2026-05-03T22:00:00+08:00',
    author: [{ display: '医生' }],
    subject: [subject],
    section: [{ title: '查体', text: { status: 'generated', div: '<div>左耳廓瘀斑</div>' } }],
  },
];

describe('an R5 bundle', () => {
  const { snapshots, issues } = snapshotsFromBundle(bundle(...facts));

  test('becomes the same snapshot as an R4 one would', () => {
    expect(snapshots).toEqual([
      {
        schemaVersion: '1',
        id: 'e1',
        department: { name: '急诊科' },
        class: 'emergency',
        period: { start: '2026-05-03T21:10:00+08:00', end: '2026-05-03T23:40:00+08:00' },
        arrival: 'referral',
        disposition: 'home',
        patient: { id: 'p1', sex: 'female', birthDate: '2013-04-05' },
        companion: { relationship: '母亲' },
        guardians: [{ relationship: '母亲' }],
        notes: [
          { section: 'chief-complaint', text: '腹痛3小时', at: '2026-05-03T21:10:00+08:00' },
          { section: 'assessment', text: '患者要求终止妊娠' },
          { section: 'imaging', text: '肋骨骨折' },
          { section: 'present-illness', text: '自述被父亲打' },
          { section: 'physical-exam', text: '左耳廓瘀斑', at: '2026-05-03T22:00:00+08:00' },
        ],
        conditions: [
          { code: 'R10.4', system: 'icd-10', role: 'admission' },
          { code: 'S00.400', system: 'icd-10-cn', text: '左耳廓挫伤', role: 'other' },
          { text: '待查', role: 'admission' },
          { code: 'Z32.100', system: 'icd-10-cn', text: '早孕', role: 'other' },
          { text: '腹痛', role: 'admission' },
        ],
        observations: [
          { code: '2106-3', system: 'loinc', name: '尿HCG', value: '阳性', status: 'final', at: '2026-05-03T21:40:00+08:00' },
          { name: '曲线', status: 'final' },
        ],
        procedures: [{ text: '清创缝合', at: '2026-05-03T22:00:00+08:00' }],
        orders: [{ text: '盆腔超声', status: 'active', at: '2026-05-03T21:20:00+08:00' }],
        medications: [
          { text: '米非司酮片', status: 'active' },
          { text: '布洛芬混悬液', status: 'recorded' },
          { text: '破伤风抗毒素', status: 'completed' },
        ],
        feedsPresent: ['notes', 'conditions', 'observations', 'procedures', 'orders', 'medications', 'guardians'],
      },
    ]);
  });

  test('names what it could not use', () => {
    expect(issues.map(({ code, at }) => `${code} ${at}`)).toEqual(['VALUE_UNREAD entry[6].resource.valueAttachment']);
  });
});

test('a diagnosis whose condition is not in the bundle is named, in R5 as in R4', () => {
  const lacking = snapshotsFromBundle(bundle());
  expect(lacking.issues.map(({ at }) => at)).toEqual([
    'entry[1].resource.diagnosis[0].condition[0].reference',
    'entry[1].resource.reason[1].value[0].reference',
  ]);
  expect(snapshotsFromBundle(r4).issues.filter(({ at }) => at.includes('diagnosis'))).toHaveLength(1);
});
