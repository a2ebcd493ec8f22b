import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chart } from '../chart.js';
import { gb18030 } from './gb18030.js';
import { texts } from '../locales/zh-cn.js';

type Column = readonly [title: string, cell: (chart: Chart) => string];

/** The export of the branch's old system: its own column names, one row a visit, GB18030. `branch.mapping.yaml` says what they mean. */
const COLUMNS: readonly Column[] = [
  ['就诊流水号', ({ id }) => id],
  ['修改次数', ({ revision }) => String(revision)],
  ['门诊号', ({ visitNumber }) => visitNumber],
  ['病人号', ({ patient }) => patient.number],
  ['姓名', ({ patient }) => patient.name],
  ['性别', ({ patient }) => texts.sexes[patient.sex]],
  ['出生日期', ({ patient }) => patient.birthDate],
  ['住址', ({ patient }) => `云溪县${patient.address}`],
  ['就诊类型', ({ kind }) => texts.kinds[kind]],
  ['科室', ({ department }) => department],
  ['诊室', ({ room }) => room],
  ['医生工号', ({ staff }) => staff],
  // As the old system writes times: without a zone.
  ['就诊时间', ({ startedAt }) => startedAt.slice(0, 19).replace('T', ' ')],
  ['保存时间', ({ savedAt }) => savedAt.slice(0, 19).replace('T', ' ')],
  ['陪同人', ({ companion }) => companion ?? '无'],
  ['主诉', ({ complaint = '' }) => complaint],
  ['现病史', ({ present = '' }) => present],
  ['体格检查', ({ exam = '' }) => exam],
  ['检查所见', ({ imaging = '' }) => imaging],
  ['处理意见', ({ plan = '' }) => plan],
  ['诊断编码', ({ diagnoses }) => diagnoses[0]?.code ?? ''],
  ['诊断名称', ({ diagnoses }) => diagnoses.map(({ text }) => text).join('、')],
  ['医嘱', ({ orders }) => orders.join('、')],
  ['离院方式', ({ disposition }) => (disposition === undefined ? '' : texts.disposition[disposition])],
];

/** Puts an export file into the folder the gateway watches, whole at once: a reader never sees half a file. */
export async function dropRows(folder: string, charts: readonly Chart[]): Promise<number> {
  const [first] = charts;
  if (first === undefined) return 0;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = charts.length === 1 ? `${first.id}-${first.revision}.csv` : `${first.id.slice(0, 7)}.csv`;
  await writeFile(join(folder, `.${name}.part`), gb18030(csv(charts)), { mode: 0o600 });
  await rename(join(folder, `.${name}.part`), join(folder, name));
  return 1;
}

/** RFC 4180. */
export function csv(charts: readonly Chart[]): string {
  const rows = [COLUMNS.map(([title]) => title), ...charts.map((chart) => COLUMNS.map(([, cell]) => cell(chart)))];
  return rows.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
