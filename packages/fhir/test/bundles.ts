import type { Bundle, BundleEntry, Condition, Encounter, FhirResource } from 'fhir/r4.js';

export type R4Bundle = Bundle<FhirResource>;

// All children, hospitals and numbers here are invented; the compiler checks that each bundle has a true R4 shape.

export function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** A collection of resources that refer to one another by `Type/id`. */
export function collection(...resources: FhirResource[]): R4Bundle {
  return { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) };
}

export const child: FhirResource = { resourceType: 'Patient', id: 'p1', gender: 'female', birthDate: '2013-04-05' };

export const visit: Encounter = {
  resourceType: 'Encounter',
  id: 'e1',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'EMER' },
  subject: { reference: 'Patient/p1' },
  period: { start: '2026-05-03T21:10:00+08:00', end: '2026-05-03T23:40:00+08:00' },
};

/** A cough of that child, but for what is said. */
export function condition(fields: Partial<Condition>): Condition {
  return { resourceType: 'Condition', subject: { reference: 'Patient/p1' }, code: { text: '咳嗽' }, ...fields };
}

/** What a Chinese HIS posts: a transaction whose resources know one another by urn:uuid alone. */
export const transaction: R4Bundle = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    posted('urn:uuid:11111111-1111-4111-8111-111111111111', {
      resourceType: 'Patient',
      identifier: [
        { system: 'urn:oid:2.16.156.10011.1.3', value: '11010519491231002X' },
        {
          type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
          system: 'urn:his:mrn',
          value: 'ZY0001',
        },
      ],
      name: [{ use: 'official', family: '云', given: ['小溪'] }],
      gender: 'female',
      birthDate: '2013-04-05',
      address: [{ use: 'home', state: '云溪省', city: '云溪县', line: ['溪口镇1号'] }],
      telecom: [
        { system: 'email', value: 'x@example.invalid' },
        { system: 'phone', use: 'mobile', value: '00000000001' },
      ],
      maritalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'S' }] },
    }),
    posted('urn:uuid:22222222-2222-4222-8222-222222222222', {
      resourceType: 'Organization',
      name: '云溪县人民医院',
      identifier: [
        { system: 'urn:his:org', value: '07' },
        { system: 'urn:uscc', value: '91350100M000100Y43' },
      ],
    }),
    posted('urn:uuid:33333333-3333-4333-8333-333333333333', {
      resourceType: 'RelatedPerson',
      patient: { reference: 'urn:uuid:11111111-1111-4111-8111-111111111111' },
      relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'MTH', display: '母亲' }] }],
      name: [{ text: '云某' }],
      telecom: [{ system: 'phone', value: '00000000002' }],
    }),
    posted('urn:uuid:44444444-4444-4444-8444-444444444444', {
      resourceType: 'Encounter',
      status: 'in-progress',
      identifier: [{ value: 'MZ20260503001' }],
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
      serviceType: { text: '妇科' },
      subject: { reference: 'urn:uuid:11111111-1111-4111-8111-111111111111' },
      participant: [{ individual: { reference: 'urn:uuid:33333333-3333-4333-8333-333333333333' } }],
      period: { start: '2026-05-03T21:10:00+08:00' },
      reasonCode: [{ text: '腹痛3小时', coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'R10.4', display: '腹痛' }] }],
      diagnosis: [
        { condition: { reference: 'urn:uuid:55555555-5555-4555-8555-555555555555' }, rank: 1 },
        { condition: { reference: 'urn:uuid:99999999-9999-4999-8999-999999999999' } },
      ],
      location: [{ location: { display: '妇科二病区' } }],
      serviceProvider: { reference: 'urn:uuid:22222222-2222-4222-8222-222222222222' },
      hospitalization: { dischargeDisposition: { coding: [{ code: 'aadvice' }] }, admitSource: { coding: [{ code: 'hosp-trans' }] } },
    }),
    posted('urn:uuid:55555555-5555-4555-8555-555555555555', {
      resourceType: 'Condition',
      subject: { reference: 'urn:uuid:11111111-1111-4111-8111-111111111111' },
      verificationStatus: { coding: [{ code: 'provisional' }] },
      code: {
        text: '早孕',
        coding: [
          { system: 'http://snomed.info/sct', code: '77386006', display: 'Pregnancy' },
          { system: 'http://hl7.org/fhir/sid/icd-10-cn', code: 'Z32.100' },
        ],
      },
      note: [{ text: '患者要求终止妊娠' }],
    }),
    { request: { method: 'DELETE', url: 'Observation/9' } },
  ],
};

function posted(fullUrl: string, resource: FhirResource): BundleEntry<FhirResource> {
  return { fullUrl, resource, request: { method: 'POST', url: resource.resourceType } };
}

/** What a search answers: absolute addresses, one resource twice, an outcome in between. */
export const searchset: R4Bundle = {
  resourceType: 'Bundle',
  type: 'searchset',
  total: 2,
  entry: [
    { fullUrl: 'https://his.example/fhir/Encounter/e1', resource: visit, search: { mode: 'match' } },
    { fullUrl: 'https://his.example/fhir/Patient/p1', resource: child, search: { mode: 'include' } },
    { fullUrl: 'https://his.example/fhir/Patient/p1', resource: child, search: { mode: 'include' } },
    { resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'processing' }] }, search: { mode: 'outcome' } },
    {
      fullUrl: 'https://his.example/fhir/Observation/o1',
      resource: {
        resourceType: 'Observation',
        id: 'o1',
        status: 'corrected',
        category: [{ coding: [{ code: 'laboratory' }] }],
        code: { coding: [{ system: 'http://loinc.org', code: '2106-3', display: '尿HCG' }] },
        subject: { reference: 'Patient/p1' },
        encounter: { reference: 'https://his.example/fhir/Encounter/e1/_history/2' },
        effectiveDateTime: '2026-05-03T21:40:00+08:00',
        valueCodeableConcept: { coding: [{ code: 'POS', display: '阳性' }] },
        interpretation: [{ coding: [{ code: 'A' }] }],
        performer: [{ display: '检验科' }],
      },
    },
  ],
};

/** A FHIR document: everything hangs on the Composition. */
export const document: R4Bundle = {
  resourceType: 'Bundle',
  type: 'document',
  entry: [
    {
      fullUrl: 'urn:uuid:aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
      resource: {
        resourceType: 'Composition',
        status: 'final',
        type: { coding: [{ system: 'http://loinc.org', code: '34111-5' }] },
        title: '急诊病历',
        date: '2026-05-03T22:00:00+08:00',
        author: [{ display: '医生' }],
        subject: { reference: 'Patient/p1' },
        encounter: { reference: 'Encounter/e1' },
        section: [
          {
            title: '主诉',
            text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>左耳瘀斑&#x3001;1天</p></div>' },
          },
          {
            code: { coding: [{ system: 'http://loinc.org', code: '29545-1' }] },
            title: '专科',
            text: {
              status: 'generated',
              div: '<div><p>体温 &lt;37℃</p><table><tr><td>左耳廓</td><td>瘀斑</td></tr></table><style>p{color:red}</style></div>',
            },
            section: [{ title: '小节', text: { status: 'generated', div: '<div>右颊<br/>擦伤</div>' } }],
          },
          { title: '诊断', entry: [{ reference: 'Condition/c1' }] },
        ],
      },
    },
    { fullUrl: 'urn:uuid:p1', resource: child },
    { resource: visit },
    { resource: { ...visit, id: 'e2', period: { start: '2026-06-01T08:00:00+08:00' } } },
    {
      resource: {
        resourceType: 'Condition',
        id: 'c1',
        subject: { reference: 'Patient/p1' },
        code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'S00.4' }], text: '耳挫伤' },
        bodySite: [{ text: '左耳廓' }],
      },
    },
  ],
};

/** A batch of resources in every form this reader knows. */
export const batch: R4Bundle = {
  resourceType: 'Bundle',
  type: 'batch',
  entry: [
    { resource: child },
    { resource: visit },
    {
      resource: {
        resourceType: 'Observation',
        status: 'preliminary',
        code: { text: '血压' },
        subject: { reference: 'Patient/p1' },
        encounter: { reference: 'Encounter/e1' },
        component: [
          { code: { text: '收缩压' }, valueQuantity: { value: 90, unit: 'mmHg' } },
          { code: { text: '舒张压' }, valueQuantity: { value: 60, comparator: '<', unit: 'mmHg' } },
        ],
      },
    },
    {
      resource: {
        resourceType: 'Observation',
        status: 'final',
        category: [{ coding: [{ code: 'exam' }] }],
        code: { text: '皮肤' },
        encounter: { reference: 'Encounter/e1' },
        valueString: '背部条索状瘀痕',
        note: [{ text: '家长未解释' }],
      },
    },
    {
      resource: {
        resourceType: 'Procedure',
        status: 'completed',
        subject: { reference: 'Patient/p1' },
        encounter: { reference: 'Encounter/e1' },
        code: { coding: [{ system: 'urn:oid:2.16.156.10011.2.3.3.12', code: '69.0100' }], text: '人工流产' },
        performedPeriod: { start: '2026-05-03T22:00:00+08:00' },
      },
    },
    {
      resource: {
        resourceType: 'Procedure',
        status: 'not-done',
        subject: { reference: 'Patient/p1' },
        encounter: { reference: 'Encounter/e1' },
        code: { text: '清宫术' },
      },
    },
    {
      resource: {
        resourceType: 'MedicationRequest',
        status: 'active',
        intent: 'order',
        subject: { reference: 'Patient/p1' },
        encounter: { reference: 'Encounter/e1' },
        contained: [{ resourceType: 'Medication', id: 'm', code: { text: '米非司酮片' } } as FhirResource],
        medicationReference: { reference: '#m' },
      },
    },
    {
      resource: {
        resourceType: 'MedicationStatement',
        status: 'completed',
        subject: { reference: 'Patient/p1' },
        context: { reference: 'Encounter/e1' },
        medicationCodeableConcept: { text: '布洛芬混悬液' },
      },
    },
    {
      resource: {
        resourceType: 'ServiceRequest',
        status: 'active',
        intent: 'order',
        subject: { reference: 'Patient/p1' },
        encounter: { reference: 'Encounter/e1' },
        code: { text: '盆腔超声' },
        authoredOn: '2026-05-03T21:20:00+08:00',
      },
    },
    {
      resource: {
        resourceType: 'DiagnosticReport',
        status: 'final',
        category: [{ coding: [{ code: 'RAD' }] }],
        code: { text: '胸片' },
        encounter: { reference: 'Encounter/e1' },
        issued: '2026-05-03T22:10:00+08:00',
        conclusion: '左侧第5、6肋后支骨折',
        presentedForm: [
          { contentType: 'text/plain; charset=utf-8', data: base64('肋骨骨折，请结合临床。') },
          { contentType: 'application/pdf', data: base64('%PDF') },
        ],
      },
    },
    {
      resource: {
        resourceType: 'DocumentReference',
        status: 'current',
        type: { coding: [{ system: 'http://loinc.org', code: '10164-2' }] },
        date: '2026-05-03T21:30:00+08:00',
        context: { encounter: [{ reference: 'Encounter/e1' }] },
        content: [
          { attachment: { contentType: 'text/plain', url: 'Binary/b1' } },
          { attachment: { contentType: 'image/jpeg', data: 'AAAA' } },
        ],
      },
    },
    { resource: { resourceType: 'Binary', id: 'b1', contentType: 'text/plain;charset=gb18030', data: '19TK9rG7uLjH17Ty' } },
    {
      resource: {
        resourceType: 'Immunization',
        status: 'completed',
        vaccineCode: { text: 'HPV' },
        patient: { reference: 'Patient/p1' },
        occurrenceDateTime: '2026-05-03',
      },
    },
    { resource: { resourceType: 'CarePlan', status: 'active', intent: 'plan', subject: { reference: 'Patient/p1' } } },
  ],
};
