import { isRecord, isReleaseKind, type Json, type Mode, RECIPIENT_KINDS, type RecipientKind, type ReleaseKind } from '@zhida/core';
import { ageBandOf } from '../age-band.js';
import { findCode } from '../codes/code-system.js';
import { CONFLICTS } from '../codes/findings.js';
import { SITUATIONS } from '../codes/situations.js';
import { guardianshipConcern } from '../guardianship-concern.js';
import { knownMembers } from '../read/read-report.js';
import type { Report } from '../report.js';
import { reportNode } from '../schema/node.js';
import { type Coarsening, coarsen, isEmpty } from './coarsen.js';
import { VIEW_MATRIX, type ViewCell, type ViewRow } from './matrix.js';
import { type JsonObject, putAt, valueAt, without } from './members.js';

/** What a rendering knows beside the report. */
export interface ViewContext {
  /** Kinds that the police have released the case to. */
  readonly releasedTo?: readonly RecipientKind[] | undefined;
  /** Kinds with a conflict of interest that the relay knows of, beside those the report names. */
  readonly conflictOfInterest?: readonly RecipientKind[] | undefined;
  /** Who pressed, as the press ticket says; only the police can open it, and apart. */
  readonly reporterIdentity?: Json | undefined;
  /** What `readReport` could not read. */
  readonly unread?: Json | undefined;
  /** The press came with an expired or missing credential. */
  readonly authDegraded?: boolean | undefined;
  /** The number that the relay gave; it stands before one in the report. */
  readonly number?: string | undefined;
  readonly mode?: Mode | undefined;
  /** Where days begin. @defaultValue Asia/Shanghai */
  readonly zone?: string | undefined;
}

/** What one recipient gets. */
export interface RenderedView {
  readonly body: JsonObject;
  /** Field groups to be sealed one by one for a named officer. */
  readonly restricted: Readonly<Record<string, Json>>;
}

/** First in every view that is not a real report. */
export const MODE_NOTICES: Readonly<Record<Exclude<Mode, 'production'>, string>> = {
  exercise: '【演练】',
  test: '【测试】',
  training: '【培训】',
};

const GUARDIANSHIP_SITUATIONS = ['opinion-2020:4.6', 'opinion-2020:4.7', 'opinion-2020:4.8'];
const FIRST = ['notice', 'mode', 'incidentNumbers', 'guardianshipConcern'];
const ALL_PATHS = VIEW_MATRIX.flatMap(({ paths }) => paths);
/** What longer paths of the table take out of each path, relative to it. */
const PATHS_BELOW = new Map(
  ALL_PATHS.map((path) => [path, ALL_PATHS.filter((other) => other.startsWith(`${path}.`)).map((other) => other.slice(path.length + 1))]),
);

/**
 * Cuts a report to what one kind of recipient may see, by {@link VIEW_MATRIX}. Only members that the schema knows and the
 * table lists are copied, so a field nobody thought of is seen by nobody.
 *
 * Members of `body` stand in the order of the paper form, after the notice of a drill and, for the police, 警情编号.
 *
 * @returns `undefined` for a kind that needs a release and has none, or has a conflict of interest: not a byte leaves.
 */
export function renderView(report: Report, kind: Exclude<RecipientKind, ReleaseKind>, context?: ViewContext): RenderedView;
export function renderView(report: Report, kind: RecipientKind, context?: ViewContext): RenderedView | undefined;
export function renderView(report: Report, kind: RecipientKind, context: ViewContext = {}): RenderedView | undefined {
  if (isReleaseKind(kind) && !isReleased(report, kind, context)) return undefined;
  const facts = factsOf(report, context);
  const column = RECIPIENT_KINDS.indexOf(kind);
  const body: Record<string, Json> = {};
  const restricted: Record<string, Record<string, Json>> = {};
  for (const row of VIEW_MATRIX) {
    const cell = row.cells[column] ?? '–';
    for (const path of row.paths) {
      const shown = show(cell, path, facts, context);
      if (shown === undefined) continue;
      putAt(shown.apart ? (restricted[row.group] ??= {}) : body, path, shown.value);
    }
  }
  return { body: inFormOrder(body), restricted: withIdentityOpen(restricted) };
}

interface Facts {
  readonly members: JsonObject;
  readonly concern: boolean;
  readonly guardianshipSituation: boolean;
}

function factsOf(given: Report, context: ViewContext): Facts {
  const known = knownMembers(given);
  // Read once more, so that a caller who skipped the reader cannot bring a member of another type in here.
  const report = known as unknown as Report;
  const mode = context.mode ?? report.mode;
  const concern = guardianshipConcern(report);
  const band = ageBandOf(report);
  const number = context.number ?? report.number;
  const derived: Record<string, Json | undefined> = {
    notice: mode === 'production' ? undefined : MODE_NOTICES[mode],
    mode,
    number,
    incidentNumbers: incidentNumbers(report),
    guardianshipConcern: concern,
    authDegraded: context.authDegraded === true ? true : undefined,
    unread: context.unread,
    reporterIdentity: context.reporterIdentity,
    patient: { ...(isRecord(known['patient']) ? known['patient'] : {}), ...(band === undefined ? {} : { ageBand: band }) },
  };
  const stated = Object.entries(derived).filter((entry): entry is [string, Json] => !isEmpty(entry[1]));
  const situations = (report.suspicion?.situations ?? []).map((code) => findCode(SITUATIONS, code)?.code ?? '');
  return {
    members: { ...known, ...Object.fromEntries(stated) },
    concern,
    guardianshipSituation: situations.some((code) => GUARDIANSHIP_SITUATIONS.includes(code)),
  };
}

function show(cell: ViewCell, path: string, facts: Facts, context: ViewContext): { value: Json; apart: boolean } | undefined {
  const whole = valueAt(facts.members, path);
  const value = whole === undefined ? undefined : without(whole, PATHS_BELOW.get(path) ?? []);
  if (value === undefined || isEmpty(value)) return undefined;
  const openly = { value, apart: false };
  const apart = { value, apart: true };
  switch (cell) {
    case '–':
      return undefined;
    case 'Y':
    case 'G':
      return openly;
    case 'R':
      return apart;
    case 'C':
      return facts.concern ? openly : apart;
    case 'R (4.6–4.8: Y)':
      return facts.guardianshipSituation ? openly : apart;
    case 'C, else K 9-digit':
      return facts.concern ? openly : coarse('9-digit', value, path, context);
    default:
      return coarse(cell.replace(/^(?:K|G|C, else K) /, '') as Coarsening, value, path, context);
  }
}

function coarse(name: Coarsening, value: Json, path: string, context: ViewContext): { value: Json; apart: boolean } | undefined {
  const left = coarsen(name, value, path, context.zone);
  return left === undefined ? undefined : { value: left, apart: false };
}

function isReleased(report: Report, kind: ReleaseKind, context: ViewContext): boolean {
  if (!(context.releasedTo ?? []).includes(kind)) return false;
  const named = (report.conflictOfInterest ?? []).filter((text) => text.trim() !== '').map((text) => findCode(CONFLICTS, text)?.code);
  // A conflict in words that no code covers could be anybody's: then nobody who must be released gets the case.
  const conflicted = named.some((code) => code === undefined || code === kind);
  return !conflicted && !(context.conflictOfInterest ?? []).includes(kind);
}

function incidentNumbers(report: Report): string[] {
  const numbers = [...(report.calls ?? []), report.knownToPolice ?? {}].map(({ incidentNumber }) => incidentNumber ?? '');
  return [...new Set(numbers.filter((number) => number !== ''))];
}

function inFormOrder(body: JsonObject): JsonObject {
  const order = [...FIRST, ...Object.keys(reportNode.properties ?? {}), 'authDegraded'];
  return Object.fromEntries(order.flatMap((key) => (body[key] === undefined ? [] : [[key, body[key]]])));
}

/** The group `reporter` is the identity itself, beside what the report says of how it was established. */
function withIdentityOpen(restricted: Readonly<Record<string, Record<string, Json>>>): Record<string, Json> {
  const { reporter, unread, ...others } = restricted;
  const result: Record<string, Json> = { ...others };
  if (unread?.['unread'] !== undefined) result['unread'] = unread['unread'];
  if (reporter !== undefined) {
    const { reporterIdentity, reporter: basis } = reporter;
    const identity = isRecord(reporterIdentity) || reporterIdentity === undefined ? reporterIdentity : { identity: reporterIdentity };
    result['reporter'] = { ...(isRecord(basis) ? basis : {}), ...identity };
  }
  return result;
}

/** The row that decides about a path: the one with the longest path that holds it. */
export function rowOf(path: string): ViewRow | undefined {
  const plain = path.replaceAll('[]', '');
  const covering = ALL_PATHS.filter((candidate) => plain === candidate || plain.startsWith(`${candidate}.`));
  const longest = covering.sort((left, right) => right.length - left.length)[0];
  return VIEW_MATRIX.find(({ paths }) => longest !== undefined && paths.includes(longest));
}
