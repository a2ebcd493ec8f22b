import type { EncounterSnapshot, NoteSection, SnapshotNote, SnapshotObservation } from '@zhida/core';
import { type Chart, type ChartResult, NOTE_FIELDS, type NoteField } from '../chart.js';

const SECTIONS: Readonly<Record<NoteField, NoteSection>> = {
  complaint: 'chief-complaint',
  present: 'present-illness',
  past: 'past-history',
  family: 'family-history',
  exam: 'physical-exam',
  nursing: 'nursing',
  imaging: 'imaging',
  assessment: 'assessment',
  plan: 'plan',
};

/** What just happened to a chart: whom a prompt concerns depends on it. */
export type ChartEvent = 'diagnosis' | 'result';

/** A chart as `EncounterSnapshot`: what a vendor builds who needs no message format at all. */
export function snapshotOfChart(chart: Chart, event: ChartEvent = 'diagnosis'): EncounterSnapshot {
  const { patient } = chart;
  return {
    schemaVersion: '1',
    id: chart.id,
    revision: chart.revision,
    class: chart.kind,
    department: { name: chart.department },
    visitNumber: chart.visitNumber,
    location: chart.room,
    event: { kind: event, at: chart.savedAt, staffId: chart.staff, role: 'doctor' },
    period: { start: chart.startedAt },
    arrival: 'self',
    patient: {
      id: patient.number,
      name: patient.name,
      sex: patient.sex,
      birthDate: patient.birthDate,
      identityVerified: true,
      address: { text: `云溪县${patient.address}`, regionCode: '440299100' },
      ...(patient.school === undefined ? {} : { school: patient.school }),
    },
    companion: chart.companion === null ? null : { relationship: chart.companion },
    notes: notesOf(chart),
    conditions: chart.diagnoses.map(({ code, text }, index) => ({
      code,
      system: 'icd-10-cn',
      text,
      role: index === 0 ? 'main' : 'other',
      status: 'final',
    })),
    observations: chart.results.map(observationOf),
    orders: chart.orders.map((text) => ({ text })),
    ...(chart.disposition === undefined ? {} : { disposition: chart.disposition }),
    feedsPresent: ['notes', 'conditions', 'observations', 'orders', 'companion'],
  };
}

function notesOf(chart: Chart): SnapshotNote[] {
  return NOTE_FIELDS.flatMap((field) => {
    const text = chart[field] ?? '';
    return text === '' ? [] : [{ section: SECTIONS[field], text, author: field === 'nursing' ? 'nurse' : 'doctor' }];
  });
}

function observationOf({ code, name, value, unit, flag, at }: ChartResult): SnapshotObservation {
  return {
    code,
    system: 'loinc',
    name,
    value,
    ...(unit === undefined ? {} : { unit }),
    ...(flag === undefined ? {} : { interpretation: flag }),
    performer: '检验科',
    status: 'final',
    at,
  };
}
