import { type Chart, type ChartDiagnosis, NOTE_FIELDS } from './chart.js';
import { localTime } from './day.js';

const DISPOSITIONS = ['home', 'admitted', 'transferred'] as const;

/** The chart after the doctor saved its form. */
export function savedChart(chart: Chart, form: URLSearchParams, nowMs: number): Chart {
  const notes = Object.fromEntries(
    NOTE_FIELDS.flatMap((field) => (form.has(field) ? [[field, (form.get(field) ?? '').replaceAll('\r\n', '\n').trim()]] : [])),
  );
  const { disposition: _, ...rest } = chart;
  const disposition = DISPOSITIONS.find((value) => value === form.get('disposition'));
  return {
    ...rest,
    ...notes,
    diagnoses: diagnosesIn(form),
    orders: form
      .getAll('order')
      .map((text) => text.trim())
      .filter((text) => text !== ''),
    ...(disposition === undefined
      ? { state: chart.state === 'waiting' || chart.state === 'seen' ? 'seeing' : chart.state }
      : { disposition, state: disposition === 'admitted' ? 'admitted' : 'seen' }),
    revision: chart.revision + 1,
    savedAt: localTime(nowMs),
  };
}

/** The chart with the results the laboratory has sent back meanwhile. */
export function withResults(chart: Chart, nowMs: number): Chart {
  const at = localTime(nowMs);
  return {
    ...chart,
    results: [...chart.results, ...chart.pending.map((result) => ({ ...result, at }))],
    pending: [],
    revision: chart.revision + 1,
    savedAt: at,
  };
}

function diagnosesIn(form: URLSearchParams): ChartDiagnosis[] {
  const codes = form.getAll('code');
  return form.getAll('diagnosis').flatMap((written, index) => {
    const [text, code] = [written.trim(), (codes[index] ?? '').trim().toUpperCase()];
    return text === '' && code === '' ? [] : [{ code, text: text === '' ? code : text }];
  });
}
