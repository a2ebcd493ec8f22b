import { type Chart, type ChartResult, NOTE_FIELDS, type NoteField } from '../chart.js';
import { gb18030 } from './gb18030.js';

/** An interface of the hospital, as its two message engines are set up. */
export interface Dialect {
  readonly application: string;
  readonly version: string;
  readonly charset: 'GB18030' | 'UNICODE UTF-8';
}

export const OLD_ENGINE: Dialect = { application: 'PEDHIS', version: '2.4', charset: 'GB18030' };
export const NEW_ENGINE: Dialect = { application: 'OBSHIS', version: '2.5.1', charset: 'UNICODE UTF-8' };

const FACILITY = 'YUNXI';
const HEADINGS: Readonly<Record<NoteField, string>> = {
  complaint: '主诉',
  present: '现病史',
  past: '既往史',
  family: '家族史',
  exam: '体格检查',
  nursing: '护理记录',
  imaging: '影像所见',
  assessment: '诊断',
  plan: '处理意见',
};
const CLASSES = { outpatient: 'O', emergency: 'E', inpatient: 'I' } as const;
const DISPOSITIONS = { home: '1^医嘱离院', admitted: '8^收住院', transferred: '2^医嘱转院' } as const;

/** One message with its control id (MSH-10), which the acknowledgement repeats. */
export interface OutboundMessage {
  readonly controlId: string;
  readonly bytes: Buffer;
}

/**
 * A visit as the messages of one HIS: A04 at the desk, MDM for the written chart, A08 with the diagnoses, ORM per order, ORU with
 * results. A save is told by the same messages with higher control ids, as such systems do.
 */
export function messagesOfChart(chart: Chart, dialect: Dialect): OutboundMessage[] {
  const bodies = [registration(chart), chartText(chart), diagnoses(chart), ...orders(chart), ...results(chart)];
  return bodies.map(({ type, segments }, index) => {
    const controlId = `${chart.id}R${chart.revision}M${index + 1}`;
    const header = [
      `MSH|^~\\&|${dialect.application}|${FACILITY}|ZHIDA|${FACILITY}|${stamp(chart.savedAt)}||${type}`,
      `${controlId}|T|${dialect.version}|||||CHN|${dialect.charset}`,
    ].join('|');
    const text = `${[header, ...segments].join('\r')}\r`;
    return { controlId, bytes: dialect.charset === 'GB18030' ? gb18030(text) : Buffer.from(text, 'utf8') };
  });
}

interface Body {
  readonly type: string;
  readonly segments: readonly string[];
}

function registration(chart: Chart): Body {
  const companion = chart.companion === null ? [] : [`NK1|1||^${escaped(chart.companion)}||||C^陪同`];
  return { type: 'ADT^A04', segments: [event(chart, 'A04'), ...head(chart), ...companion, `PV2|||^${escaped(chart.complaint ?? '')}`] };
}

function chartText(chart: Chart): Body {
  const texts = NOTE_FIELDS.flatMap((field) => {
    const text = chart[field] ?? '';
    return text === '' ? [] : [`|TX|^${HEADINGS[field]}||${escaped(text)}||||||F`];
  });
  const document = `TXA|1|^门诊病历|TX|${stamp(chart.savedAt)}|${chart.staff}|||||||${chart.id}D1|||||AU`;
  return {
    // The first text of a chart is T02; what replaces it after a save is T08.
    type: chart.revision === 1 ? 'MDM^T02' : 'MDM^T08',
    segments: [
      event(chart, chart.revision === 1 ? 'T02' : 'T08'),
      ...head(chart),
      document,
      ...texts.map((fields, index) => `OBX|${index + 1}${fields}`),
    ],
  };
}

function diagnoses(chart: Chart): Body {
  const segments = chart.diagnoses.map(
    ({ code, text }, index) => `DG1|${index + 1}||${code}^${escaped(text)}^ICD10CN|||F|||||||||${index + 1}`,
  );
  return { type: 'ADT^A08', segments: [event(chart, 'A08'), ...head(chart), ...segments] };
}

function orders(chart: Chart): Body[] {
  return chart.orders.map((text, index) => {
    const number = `${chart.id}O${index + 1}`;
    const segments = [`ORC|NW|${number}|||||||${stamp(chart.savedAt)}`, `OBR|1|${number}||^${escaped(text)}`];
    return { type: 'ORM^O01', segments: [...head(chart), ...segments] };
  });
}

function results({ results: values, ...chart }: Chart): Body[] {
  const [first] = values;
  if (first === undefined) return [];
  const request = `OBR|1|${chart.id}L1|${chart.id}L1|^检验报告|||${stamp(first.at)}|||||||||${chart.staff}||||||||LAB|F`;
  const lines = values.map((result, index) => `OBX|${index + 1}|${observation(result)}`);
  return [{ type: 'ORU^R01', segments: [...head({ ...chart, results: values }), request, ...lines] }];
}

function observation({ code, name, value, unit, flag, range, at }: ChartResult): string {
  const type = typeof value === 'number' ? 'NM' : 'ST';
  const fields = [type, `${code}^${escaped(name)}^LN`, '', escaped(String(value)), escaped(unit ?? ''), escaped(range ?? ''), flag ?? ''];
  return [...fields, '', '', 'F', '', '', stamp(at), '^检验科'].join('|');
}

function event({ savedAt, staff }: Chart, code: string): string {
  return `EVN|${code}|${stamp(savedAt)}|||${staff}`;
}

function head(chart: Chart): string[] {
  const { patient } = chart;
  const sex = patient.sex === 'female' ? 'F' : 'M';
  const address = `${escaped(patient.address)}^^云溪县^^^CHN^H^^440299100`;
  const disposition = chart.disposition === undefined ? '' : DISPOSITIONS[chart.disposition];
  const place = `^${escaped(chart.room)}`;
  const visit = new Map([
    [1, '1'],
    [2, CLASSES[chart.kind]],
    [3, place],
    [7, chart.staff],
    [10, escaped(chart.department)],
    [19, chart.visitNumber],
    [36, disposition],
    [44, stamp(chart.startedAt)],
  ]);
  return [
    `PID|1||${patient.number}^^^${FACILITY}^MR||${escaped(patient.name)}||${patient.birthDate.replaceAll('-', '')}|${sex}|||${address}`,
    ['PV1', ...Array.from({ length: 44 }, (_, index) => visit.get(index + 1) ?? '')].join('|'),
  ];
}

/** `20261127210400+0800`, HL7 v2 §2.A.22. */
function stamp(time: string): string {
  return `${time.slice(0, 19).replaceAll(/[-:T]/g, '')}+0800`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\E\\', '|': '\\F\\', '^': '\\S\\', '&': '\\T\\', '~': '\\R\\' };

/** Delimiters inside a text as escape sequences, line breaks as `\.br\` (HL7 v2 §2.7). */
function escaped(text: string): string {
  return text.replaceAll(/[\\|^&~]/g, (character) => ESCAPES[character] ?? '').replaceAll(/\r?\n/g, '\\.br\\');
}
