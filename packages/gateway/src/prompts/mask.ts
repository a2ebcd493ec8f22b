import type { EncounterSnapshot } from '@zhida/core';

/** Letters as a person counts them. */
const letters = new Intl.Segmenter('zh', { granularity: 'grapheme' });

/** 张晓婷 → 张*婷, 张三 → 张*: enough to recognise the patient in front of you, not to read the name over a shoulder. */
export function maskName(name: string): string {
  const parts = Array.from(letters.segment(name.trim()), ({ segment }) => segment);
  const [first] = parts;
  if (first === undefined) return '';
  return parts.length > 2 ? `${first}*${parts.at(-1)}` : `${first}*`;
}

/** Masks, in a piece of the chart, every name the visit itself knows: the patient's, a companion's, a guardian's. */
export function maskNamesIn(text: string, { patient, companion, guardians }: EncounterSnapshot): string {
  const names = [patient?.name, companion?.name, ...(guardians ?? []).map(({ name }) => name)]
    .map((name) => name?.trim() ?? '')
    .filter((name) => name.length >= 2)
    .toSorted((a, b) => b.length - a.length);
  return names.reduce((masked, name) => masked.replaceAll(name, maskName(name)), text);
}
