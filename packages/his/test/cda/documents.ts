import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EncounterSnapshot } from '@zhida/core';
import { type CdaReading, snapshotsFromDocuments } from '@zhida/his/cda';

const FOLDER = join(import.meta.dirname, 'documents');
/** Invented documents: text by name. */
export const DOCUMENTS: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(FOLDER).map((file) => [file.replace('.xml', ''), readFileSync(join(FOLDER, file), 'utf8')]),
);

/** A document of the shortest form, of one visit of a girl of 13, with a section or more. */
export function documentOf(body: string, { head = '', declaration = '<?xml version="1.0" encoding="UTF-8"?>' } = {}): string {
  return `${declaration}
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<id root="2.16.156.10011.1.1" extension="D1"/><code code="C0002" codeSystem="2.16.156.10011.2.4"/>
${head}<recordTarget><patientRole><id root="2.16.156.10011.1.11" extension="V1"/>
<patient><name>林小满</name><administrativeGenderCode code="2"/><birthTime value="20130318"/></patient></patientRole></recordTarget>
<author><time value="20260508210400"/></author><component><structuredBody>${body}</structuredBody></component></ClinicalDocument>`;
}

export function section(loinc: string, inside: string): string {
  return `<component><section><code code="${loinc}" codeSystem="2.16.840.1.113883.6.1"/>${inside}</section></component>`;
}

export function entry(code: string, name: string, value: string, attributes = ''): string {
  const observation = `<observation moodCode="EVN" ${attributes}><code code="${code}" codeSystem="2.16.156.10011.2.2.1" displayName="${name}"/>${value}</observation>`;
  return `<entry>${observation}</entry>`;
}

export const COMPLAINT: string = section('10154-3', '<text>停经2月</text>');

export function read(...texts: readonly (string | Uint8Array)[]): CdaReading {
  return snapshotsFromDocuments(texts.map((text) => ({ bytes: typeof text === 'string' ? Buffer.from(text, 'utf8') : text })));
}

export function told({ issues }: CdaReading): string[] {
  return issues.map(({ code, at }) => `${code} ${at}`);
}

export function only({ snapshots }: CdaReading): EncounterSnapshot {
  const [snapshot] = snapshots;
  if (snapshot === undefined || snapshots.length > 1) throw new TypeError('not one snapshot');
  return snapshot;
}
