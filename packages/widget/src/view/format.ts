import { DEFAULT_ZONE } from '@zhida/core';
import { fill, type Texts } from '../locales/texts.js';
import type { EvidenceLine, Prompt, PressCase } from '../wire.js';

/** The hospital's wall clock, wherever the browser thinks it is: `21:04`, with the day when it is not today's. */
export function clockTime(time: string, now: number): string {
  const instant = Date.parse(time);
  if (!(instant > 0)) return '';
  const [day, clock] = dayAndTime(instant);
  return day === dayAndTime(now)[0] ? clock : `${day} ${clock}`;
}

function dayAndTime(instant: number): [string, string] {
  const text = new Date(instant).toLocaleString('sv-SE', { timeZone: DEFAULT_ZONE });
  return [text.slice(5, 10), text.slice(11, 16)];
}

/** `张*婷 女 13岁 门诊号尾号3321 急诊2诊室` */
export function patientLine({ patient, encounter }: PressCase, texts: Texts): string {
  const tail = encounter.visitNumber.slice(-4);
  return [
    patient.maskedName,
    texts.sex[patient.sex],
    patient.ageText,
    tail === '' ? '' : fill(texts.visitTail, { tail }),
    encounter.location,
  ]
    .filter((part) => part !== '')
    .join(texts.space);
}

/** `血HCG 12500 IU/L（检验科 21:04）` */
export function evidenceText({ label, value, source, at }: EvidenceLine, texts: Texts, now: number): string {
  const origin = [source, at === '' ? '' : clockTime(at, now)].filter((part) => part !== '').join(' ');
  return `${label} ${value}${origin === '' ? '' : fill(texts.origin, { origin })}`;
}

/** The lines of every reason, each said once, those of the first reasons first. */
export function evidenceOf({ reasons }: Prompt): readonly EvidenceLine[] {
  const seen: Record<string, EvidenceLine> = {};
  for (const { evidence } of reasons) for (const line of evidence) seen[JSON.stringify([line.label, line.value])] ||= line;
  return Object.keys(seen).map((key) => seen[key] as EvidenceLine);
}
