import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EncounterSnapshot } from '@zhida/core';
import { createDetector } from '@zhida/detect';
import { snapshotsFromBundle } from '@zhida/fhir';
import { type HisMapping, readMapping, snapshotsFromFiles } from '@zhida/his';
import { snapshotsFromMessages } from '@zhida/hl7v2';
import { nationalRulePack } from '@zhida/packs';
import { describe, expect, test } from 'vitest';
import type { Chart, FeedName } from '../src/his/chart.js';
import { chartsOfDay } from '../src/his/day.js';
import { expectedVisits } from '../src/his/expected.js';
import { resourcesOfChart } from '../src/his/outbound/fhir.js';
import { gb18030 } from '../src/his/outbound/gb18030.js';
import { messagesOfChart, NEW_ENGINE, OLD_ENGINE } from '../src/his/outbound/hl7v2.js';
import { csv } from '../src/his/outbound/rows.js';
import { snapshotOfChart } from '../src/his/outbound/snapshot.js';
import { visitIdOf } from '../src/his/outbound/visit-id.js';
import { EXAMPLE_ROOT } from '../src/layout.js';

const ANCHOR = Date.parse('2026-05-08T21:40:00+08:00');
const detector = createDetector({ pack: nationalRulePack });
const expected = expectedVisits();
const charts = new Map(chartsOfDay(ANCHOR).map((chart) => [chart.serial, chart]));

/** How each format tells a chart, read back by the package a hospital would read it with. */
const formats: Readonly<Record<string, (chart: Chart) => readonly unknown[]>> = {
  snapshot: (chart) => [JSON.parse(JSON.stringify(snapshotOfChart(chart)))],
  'HL7 v2.4 in GB18030': (chart) => readBack(messagesOfChart(chart, OLD_ENGINE).map(({ bytes }) => bytes)),
  'HL7 v2.5.1 in UTF-8': (chart) => readBack(messagesOfChart(chart, NEW_ENGINE).map(({ bytes }) => bytes)),
  'FHIR R4': (chart) => {
    const entry = resourcesOfChart(chart).map((resource) => ({
      fullUrl: `https://his.example/${resource.resourceType}/${resource.id}`,
      resource,
    }));
    const { snapshots, issues } = snapshotsFromBundle(JSON.parse(JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry })));
    expect(issues).toEqual([]);
    return snapshots;
  },
  'CSV rows in GB18030 by the mapping': (chart) => {
    const { snapshots, issues } = snapshotsFromFiles([{ name: 'V.csv', bytes: gb18030(csv([chart])) }], branchMapping());
    expect(issues).toEqual([]);
    return snapshots;
  },
};

/** What the branch's rows have no column for: further diagnoses, results, what nurses wrote. */
const NOT_IN_ROWS = new Set([13, 16]);

function branchMapping(): HisMapping {
  const { mapping, problems } = readMapping(readFileSync(join(EXAMPLE_ROOT, 'branch.mapping.yaml'), 'utf8'));
  expect(problems).toEqual([]);
  return mapping as HisMapping;
}

function readBack(messages: readonly Buffer[]): readonly EncounterSnapshot[] {
  const { snapshots, issues } = snapshotsFromMessages(Buffer.concat(messages));
  expect(issues).toEqual([]);
  return snapshots;
}

function assess(snapshots: readonly unknown[], now = ANCHOR) {
  expect(snapshots).toHaveLength(1);
  const { level, indications } = detector.assess(snapshots[0], { now });
  // What was silenced stays in the assessment and shows nowhere, which is what the charts speak of.
  const shown = indications.filter((indication) => indication.level !== 'none');
  return { level, rules: [...new Set(shown.map(({ ruleId }) => ruleId))].sort() };
}

function chartOf(serial: number): Chart {
  const chart = charts.get(serial);
  if (chart === undefined) throw new TypeError('no such visit');
  return chart;
}

test('the demo has 60 visits in five dialects of four formats; most are ordinary children, and most of those carry a trap', () => {
  const ordinary = expected.filter(({ level }) => level === 'none');
  expect(expected.map(({ serial }) => serial)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  expect([...charts.keys()].toSorted((a, b) => a - b)).toEqual(expected.map(({ serial }) => serial));
  const counts = new Map<string, number>();
  for (const { feed } of charts.values()) counts.set(feed, (counts.get(feed) ?? 0) + 1);
  expect(Object.fromEntries(counts)).toEqual({ snapshot: 12, 'hl7v2-gb18030': 16, 'hl7v2-utf8': 10, fhir: 10, rows: 12 });
  expect(ordinary).toHaveLength(47);
  expect(ordinary.filter(({ trap }) => trap).length).toBeGreaterThanOrEqual(30);
});

describe.each(Object.entries(formats))('told as %s', (format, told) => {
  const carried = expected.filter(({ serial }) => !(format.startsWith('CSV') && NOT_IN_ROWS.has(serial)));
  test.each(carried)('visit $serial is $level: $why', ({ serial, level, rules }) => {
    const chart = chartOf(serial);
    const snapshots = told(chart);
    expect(assess(snapshots)).toEqual({ level, rules: level === 'none' ? [] : expect.arrayContaining([...rules]) });
    expect(snapshots[0]).toMatchObject({
      visitNumber: chart.visitNumber,
      department: { name: chart.department },
      location: chart.room,
      patient: { id: chart.patient.number, name: chart.patient.name, birthDate: chart.patient.birthDate },
    });
  });
});

/** The format each interface of the HIS sends. */
const SENT: Readonly<Record<FeedName, string>> = {
  snapshot: 'snapshot',
  'hl7v2-gb18030': 'HL7 v2.4 in GB18030',
  'hl7v2-utf8': 'HL7 v2.5.1 in UTF-8',
  fhir: 'FHIR R4',
  rows: 'CSV rows in GB18030 by the mapping',
};

test('the HIS names each visit to the widget as the gateway does', () => {
  for (const chart of charts.values()) expect(formats[SENT[chart.feed]]?.(chart)).toMatchObject([{ id: visitIdOf(chart) }]);
});

test('the ordered pregnancy test of visit 25 turns it red once its result is there', () => {
  const chart = chartOf(25);
  expect(assess([snapshotOfChart({ ...chart, results: chart.pending, pending: [], revision: 2 })])).toEqual({
    level: 'red',
    rules: expect.arrayContaining(['R-PG-01']),
  });
});

test('on whatever day somebody looks, the visits mean the same', () => {
  for (let day = 0; day < 1_461; day += 23) {
    const anchor = ANCHOR + day * 86_400_000;
    const levels = chartsOfDay(anchor).map((chart) => [chart.serial, assess([snapshotOfChart(chart)], anchor).level]);
    expect(Object.fromEntries(levels), new Date(anchor).toISOString()).toEqual(
      Object.fromEntries(expected.map(({ serial, level }) => [serial, level])),
    );
  }
}, 60_000);
