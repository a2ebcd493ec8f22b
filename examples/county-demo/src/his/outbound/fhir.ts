import { type Chart, NOTE_FIELDS, type NoteField } from '../chart.js';

/** A FHIR R4 resource as this HIS gives it out. */
export interface FhirResource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

const LOINC_HEADINGS: Readonly<Record<NoteField, readonly [code: string, text: string]>> = {
  complaint: ['10154-3', '主诉'],
  present: ['10164-2', '现病史'],
  past: ['11348-0', '既往史'],
  family: ['10157-6', '家族史'],
  exam: ['29545-1', '体格检查'],
  nursing: ['34746-8', '护理记录'],
  imaging: ['18748-4', '影像报告'],
  assessment: ['51848-0', '诊断'],
  plan: ['18776-5', '处理意见'],
};
const CLASSES = { outpatient: 'AMB', emergency: 'EMER', inpatient: 'IMP' } as const;
const DISPOSITIONS = { home: 'home', admitted: 'oth', transferred: 'other-hcf' } as const;
const LOINC = 'http://loinc.org';

/** A visit as FHIR R4 resources with references between them, as a server holds them. */
export function resourcesOfChart(chart: Chart): FhirResource[] {
  const subject = { reference: `Patient/${chart.patient.number}` };
  const encounter = { reference: `Encounter/${chart.id}` };
  const of = { subject, encounter };
  return [
    patientOf(chart),
    ...companionOf(chart, subject),
    encounterOf(chart, subject),
    ...chart.diagnoses.map(({ code, text }, index) => ({
      resourceType: 'Condition',
      id: `${chart.id}-d${index + 1}`,
      ...of,
      verificationStatus: coded('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed'),
      code: { ...coded('http://hl7.org/fhir/sid/icd-10-cn', code, text), text },
      recordedDate: chart.savedAt,
    })),
    ...chart.results.map(({ code, name, value, unit, flag, at }, index) => ({
      resourceType: 'Observation',
      id: `${chart.id}-r${index + 1}`,
      ...of,
      status: 'final',
      code: { ...coded(LOINC, code, name), text: name },
      ...(typeof value === 'number' ? { valueQuantity: { value, unit } } : { valueString: value }),
      ...(flag === undefined
        ? {}
        : { interpretation: [coded('http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', flag)] }),
      performer: [{ display: '检验科' }],
      effectiveDateTime: at,
    })),
    ...chart.orders.map((text, index) => ({
      resourceType: 'ServiceRequest',
      id: `${chart.id}-o${index + 1}`,
      ...of,
      status: 'active',
      intent: 'order',
      code: { text },
      authoredOn: chart.savedAt,
    })),
    ...notesOf(chart, subject, encounter),
  ];
}

function patientOf({ patient }: Chart): FhirResource {
  return {
    resourceType: 'Patient',
    id: patient.number,
    identifier: [{ system: 'urn:his:patient', value: patient.number }],
    name: [{ text: patient.name }],
    gender: patient.sex,
    birthDate: patient.birthDate,
    address: [{ text: `云溪县${patient.address}`, district: '440299' }],
  };
}

function companionOf({ id, companion }: Chart, patient: object): FhirResource[] {
  return companion === null ? [] : [{ resourceType: 'RelatedPerson', id: `${id}-c`, patient, relationship: [{ text: companion }] }];
}

function encounterOf(chart: Chart, subject: object): FhirResource {
  const companion = chart.companion === null ? [] : [{ individual: { reference: `RelatedPerson/${chart.id}-c` } }];
  return {
    resourceType: 'Encounter',
    id: chart.id,
    meta: { versionId: String(chart.revision) },
    identifier: [{ system: 'urn:his:visit', value: chart.visitNumber }],
    status: chart.state === 'seen' ? 'finished' : 'in-progress',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: CLASSES[chart.kind] },
    subject,
    participant: companion,
    period: { start: chart.startedAt },
    serviceType: { text: chart.department },
    location: [{ location: { display: chart.room } }],
    ...(chart.disposition === undefined
      ? {}
      : {
          hospitalization: {
            dischargeDisposition: coded('http://terminology.hl7.org/CodeSystem/discharge-disposition', DISPOSITIONS[chart.disposition]),
          },
        }),
  };
}

function notesOf(chart: Chart, subject: object, encounter: object): FhirResource[] {
  return NOTE_FIELDS.flatMap((field) => {
    const text = chart[field] ?? '';
    const [code, title] = LOINC_HEADINGS[field];
    if (text === '') return [];
    return {
      resourceType: 'DocumentReference',
      id: `${chart.id}-${field}`,
      status: 'current',
      subject,
      type: { ...coded(LOINC, code, title), text: title },
      date: chart.savedAt,
      content: [{ attachment: { contentType: 'text/plain; charset=utf-8', data: Buffer.from(text, 'utf8').toString('base64') } }],
      context: { encounter: [encounter] },
    };
  });
}

function coded(system: string, code: string, display?: string) {
  return { coding: [{ system, code, ...(display === undefined ? {} : { display }) }] };
}
