import { type Json, createId } from '@zhida/core';
import { describe, expect, test } from 'vitest';
import {
  RECIPIENT_KINDS,
  RELEASE_KINDS,
  type RecipientKind,
  type Report,
  type RenderedView,
  VIEW_MATRIX,
  isReleaseKind,
  leafPaths,
  readReport,
  renderView,
  rowOf,
  wholeDayClock,
} from '../src/index.js';
import { CHILD_NAME, REPORTER, concernedReport, fullReport } from './full-report.js';
import { COARSENED, REVIEWED_MEMBERS, SPECIFIED_VIEWS } from './view-table.js';

const LETTERS = 'PMJHEWSZ';
const UNREAD = { 'patient.x': 'canary-unread' };
const everything = { releasedTo: RECIPIENT_KINDS, reporterIdentity: REPORTER, unread: UNREAD, authDegraded: true };

function viewFor(kind: RecipientKind, report: Report = fullReport): RenderedView {
  const view = renderView(report, kind, everything);
  if (view === undefined) throw new Error(`no view for ${kind}`);
  return view;
}

function at(root: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined),
      root,
    );
}

/** What the report itself, or the rendering's context, has at a path. */
function original(path: string, report: Report): unknown {
  if (path === 'guardianshipConcern') return report === concernedReport;
  if (path === 'authDegraded') return true;
  return path === 'unread' ? UNREAD : at(report, path);
}

interface Cell {
  readonly path: string;
  readonly kind: RecipientKind;
  readonly letter: string;
  readonly code: string;
}

const cells: Cell[] = SPECIFIED_VIEWS.trim()
  .split('\n')
  .flatMap((line) => {
    const [names = '', ...codes] = line
      .split('|')
      .slice(1, -1)
      .map((column) => column.trim());
    return names.split(' · ').flatMap((segment, index) =>
      segment.split(' ').flatMap((path) =>
        RECIPIENT_KINDS.map((kind, column): Cell => {
          const parts = (codes[column] ?? '').split(' · ');
          return { path, kind, letter: LETTERS.charAt(column), code: parts.length === 1 ? (parts[0] ?? '') : (parts[index] ?? '') };
        }),
      ),
    );
  });

function inRestricted(view: RenderedView, path: string): unknown {
  if (path === 'unread') return view.restricted['unread'];
  if (path.startsWith('reporter.')) return at({ reporter: view.restricted['reporter'] }, path);
  // The reporter's group lies flat: its members are not paths of the report.
  return Object.entries(view.restricted)
    .map(([name, group]) => (name === 'reporter' || name === 'unread' ? undefined : at(group, path)))
    .find((value) => value !== undefined);
}

function expectCell({ path, kind, letter, code }: Cell, report: Report): void {
  const view = viewFor(kind, report);
  const whole = original(path, report);
  const concern = report === concernedReport;
  const open = { body: whole, apart: undefined };
  const apart = { body: undefined, apart: whole };
  const coarse = { body: COARSENED[`${path} ${letter}`], apart: undefined };
  const expected = new Map([
    ['Y', open],
    ['G', open],
    ['–', { body: undefined, apart: undefined }],
    ['R', apart],
    ['C', concern ? open : apart],
    ['K', coarse],
    ['K date', coarse],
    ['C, else K', concern ? open : coarse],
  ]).get(code);
  if (code.startsWith('K') || (code === 'C, else K' && !concern))
    expect(coarse.body, `${path} ${letter} needs its expectation`).toBeDefined();
  expect({ body: at(view.body, path), apart: inRestricted(view, path) }).toEqual(expected);
}

describe('every cell of the view table', () => {
  test('is one of the codes of the specification, and all eight columns are there', () => {
    expect(new Set(cells.map(({ code }) => code))).toEqual(new Set(['Y', 'G', '–', 'R', 'C', 'K', 'K date', 'C, else K']));
    expect(cells.length).toBeGreaterThan(500);
  });

  describe.each([
    ['guardianship is not in question', fullReport],
    ['guardianship is in question', concernedReport],
  ] as const)('when %s', (_name, report) => {
    test.each(cells)('INV-10 $path is shown to $kind as $code says', (cell) => expectCell(cell, report));
  });

  test('the invented report fills every member of the schema', () => {
    const filled = leafPaths().filter((path) => at(fullReport, path.replaceAll('[]', '.0')) !== undefined);
    expect(filled).toEqual(leafPaths());
    expect(readReport(fullReport).unread).toBeUndefined();
  });
});

describe('INV-10 the view table is an allow-list', () => {
  test('INV-10 every member of the schema stands in one row, and was looked at by a person', () => {
    expect(leafPaths().filter((path) => rowOf(path) === undefined)).toEqual([]);
    expect(leafPaths()).toEqual(REVIEWED_MEMBERS);
  });

  test('INV-10 no path stands in two rows', () => {
    const paths = VIEW_MATRIX.flatMap((row) => row.paths);
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  });

  test('INV-10 a member that no row names is in no row', () => {
    expect(rowOf('patient.shoeSize')).toBeUndefined();
    expect(rowOf('weather')).toBeUndefined();
  });

  test('INV-10 a member that nobody listed reaches nobody, wherever it hides', () => {
    const smuggled = {
      ...fullReport,
      canaryTop: 'canary-a',
      patient: { ...fullReport.patient, canary: 'canary-b' },
      facility: { ...fullReport.facility, canary: 'canary-c' },
      companions: [{ ...fullReport.companions?.[0], canary: 'canary-d' }],
      safety: { ...fullReport.safety, otherChildrenAtRisk: { count: 1, canary: 'canary-e' } },
    } as unknown as Report;
    for (const kind of RECIPIENT_KINDS) {
      const view = renderView(smuggled, kind, { releasedTo: RECIPIENT_KINDS });
      expect(JSON.stringify(view)).not.toMatch(/canary-[a-e]/);
    }
  });

  test('INV-10 the person who pressed is in the police view’s restricted group and nowhere else', () => {
    for (const kind of RECIPIENT_KINDS) {
      for (const report of [fullReport, concernedReport]) {
        const { body, restricted } = viewFor(kind, report);
        for (const canary of [REPORTER.name, REPORTER.phone, REPORTER.staffId, 'jwe-sealed-person']) {
          expect(JSON.stringify(body)).not.toContain(canary);
          const groups = Object.keys(restricted).filter((group) => JSON.stringify(restricted[group]).includes(canary));
          expect(groups).toEqual(kind === 'police' ? ['reporter'] : []);
        }
      }
    }
    expect(viewFor('police').restricted['reporter']).toEqual({
      mode: 'unit',
      identityBasis: 'login',
      sealed: 'jwe-sealed-person',
      ...REPORTER,
    });
  });

  test('INV-10 a reporter’s name typed into the open report travels to the police alone, sealed with what was not read', () => {
    const { report, unread } = readReport({ ...fullReport, reporter: { name: REPORTER.name }, operator: REPORTER.phone });
    for (const kind of RECIPIENT_KINDS) {
      const view = renderView(report, kind, { releasedTo: RECIPIENT_KINDS, unread });
      const { unread: sealed, ...restricted } = view?.restricted ?? {};
      expect(JSON.stringify({ body: view?.body, restricted })).not.toContain(REPORTER.name);
      expect(JSON.stringify({ body: view?.body, restricted })).not.toContain(REPORTER.phone);
      expect(sealed).toEqual(kind === 'police' ? { 'reporter.name': REPORTER.name, operator: REPORTER.phone } : undefined);
    }
  });

  test('INV-10 the department is in the police view alone', () => {
    for (const kind of RECIPIENT_KINDS) {
      expect(JSON.stringify(viewFor(kind)).includes('急诊科甲区')).toBe(kind === 'police');
    }
  });

  test.each(['health-commission', ...RELEASE_KINDS] as const)('INV-10 the view of %s holds no time finer than a day', (kind) => {
    const birth = { now: () => Date.parse('2026-11-22T23:30:05Z') };
    const reportId = createId('rpt', wholeDayClock(birth));
    const view = viewFor(kind, { ...fullReport, reportId, chain: { id: reportId, sequence: 1, replaces: null } });
    expect(JSON.stringify(view)).not.toMatch(/\d{4}-\d{2}-\d{2}[T ]|\d{1,2}:\d{2}/);
    expect(view.restricted).toEqual({});
    expect((idTime(view.body['reportId'] as string) + 8 * 3_600_000) % 86_400_000).toBe(0);
  });

  test.each(RELEASE_KINDS)('INV-10 %s does not learn which facility reported', (kind) => {
    expect(JSON.stringify(viewFor(kind))).not.toMatch(/云溪县人民医院|FAC-1|0000-1200000/);
  });
});

/** Milliseconds that the first ten characters of a ULID tell. */
function idTime(id: string): number {
  return id
    .slice(4, 14)
    .split('')
    .reduce((time, character) => time * 32 + '0123456789abcdefghjkmnpqrstvwxyz'.indexOf(character), 0);
}

describe('a release by the police', () => {
  test.each(RELEASE_KINDS)('INV-10 %s gets nothing at all without one of its own', (kind) => {
    expect(renderView(fullReport, kind)).toBeUndefined();
    expect(renderView(fullReport, kind, { releasedTo: RECIPIENT_KINDS.filter((other) => other !== kind) })).toBeUndefined();
    expect(renderView(fullReport, kind, { releasedTo: [kind] })).toBeDefined();
  });

  test.each(RELEASE_KINDS)('INV-10 a conflict of interest takes %s out even after a release', (kind) => {
    expect(renderView({ ...fullReport, conflictOfInterest: [kind] }, kind, { releasedTo: [kind] })).toBeUndefined();
    expect(renderView(fullReport, kind, { releasedTo: [kind], conflictOfInterest: [kind] })).toBeUndefined();
    expect(renderView({ ...fullReport, conflictOfInterest: ['村委会某人'] }, kind, { releasedTo: [kind] })).toBeUndefined();
  });

  test('neither a missing release nor a conflict of interest keeps a view from those who are always told', () => {
    for (const kind of RECIPIENT_KINDS.filter((candidate) => !isReleaseKind(candidate))) {
      expect(renderView({ ...fullReport, conflictOfInterest: [kind] }, kind, { conflictOfInterest: [kind] })).toBeDefined();
    }
  });
});

describe('what stands first', () => {
  test.each([
    ['exercise', '【演练】'],
    ['test', '【测试】'],
    ['training', '【培训】'],
  ] as const)('INV-16 in mode %s every view begins with %s', (mode, notice) => {
    for (const kind of RECIPIENT_KINDS) {
      const { body } = viewFor(kind, { ...fullReport, mode });
      expect(Object.entries(body)[0]).toEqual(['notice', notice]);
      expect(Object.keys(body)[1]).toBe('mode');
    }
  });

  test('a real report has no notice and begins with its mode', () => {
    expect(Object.keys(viewFor('civil-affairs').body)[0]).toBe('mode');
  });

  test('the police read 警情编号 next, once for each number, and nobody else has that line', () => {
    const { body } = viewFor('police');
    expect(Object.entries(body)[1]).toEqual(['incidentNumbers', ['JQ-20261122-0031']]);
    for (const kind of RECIPIENT_KINDS.slice(1)) expect(viewFor(kind).body).not.toHaveProperty('incidentNumbers');
  });

  test('the number that the relay gave stands before the one in the report', () => {
    expect(renderView(fullReport, 'police', { number: '440299-261122-030008-4' }).body['number']).toBe('440299-261122-030008-4');
  });
});

describe('civil affairs', () => {
  test('what was observed is open where the situation itself is about guardianship', () => {
    const suspicion = { ...fullReport.suspicion, situations: ['opinion-2020:4.6'] };
    const { body, restricted } = viewFor('civil-affairs', { ...fullReport, suspicion });
    expect(at(body, 'suspicion.observed')).toBe('所见原文一段');
    expect(restricted).not.toHaveProperty('observed');
  });

  test('a name that is apart lies in one group with the contact plan', () => {
    const group = viewFor('civil-affairs').restricted['patient'] as Record<string, Json>;
    expect(at(group, 'patient.name')).toBe(CHILD_NAME);
    expect(group['contactPlan']).toEqual(fullReport.contactPlan);
  });

  test('the age band follows from the birth date when nobody wrote it', () => {
    const { ageBand: _dropped, ...patient } = fullReport.patient ?? {};
    expect(at(viewFor('civil-affairs', { ...fullReport, patient }).body, 'patient.ageBand')).toBe('7-13');
  });
});

describe('coarsening what is not as expected', () => {
  test('a time that is no time and a region that is no number are not shown', () => {
    const odd: Report = {
      ...fullReport,
      createdAt: '昨晚值夜班时',
      discoveredAt: '22:10 前后',
      patient: { ...fullReport.patient, address: { text: '村口', regionCode: '东坪镇8号' } },
    };
    const { body } = viewFor('health-commission', odd);
    expect(body).not.toHaveProperty('createdAt');
    expect(body).not.toHaveProperty('discoveredAt');
    expect(at(body, 'patient.address')).toBeUndefined();
  });

  test('a situation in words of one’s own is “other”', () => {
    const suspicion = { situations: ['被继父打了'], harmTypes: ['某种说法'] };
    const { body } = viewFor('health-commission', { ...fullReport, suspicion });
    expect(body['suspicion']).toEqual({ situations: ['other'], harmTypes: ['other'] });
  });

  test('the day is that of the facility’s zone', () => {
    expect(renderView(fullReport, 'health-commission', { zone: 'UTC' }).body['createdAt']).toBe('2026-11-22');
  });
});
