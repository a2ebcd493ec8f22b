import { describe, expect, test } from 'vitest';
import { isReached, wasPhoned } from '../../src/escalation/called.js';
import { pressedFrom } from '../../src/intake/pressed.js';
import { readBody } from '../../src/intake/read-body.js';

const police = { kind: 'police', phone: '0000-1100110' };
const civilAffairs = { kind: 'civil-affairs', phone: '0000-1100121' };

describe('whom an answered call has told', () => {
  test.each([
    ['110', '', true, false],
    ['(0751) 110', '', true, false],
    ['１１０', '', true, false],
    ['００００－１１００１２１', '', false, true],
    ['0000-1100110', '', true, false],
    ['1100110', '', true, false],
    ['0000 1100121', '', false, true],
    ['', 'J44029900112', true, false],
    ['', ' ', false, false],
    ['', '', false, false],
    ['120', '', false, false],
    ['11', '', false, false],
    ['0000-1100122', '', false, false],
  ])('number %j, 警情编号 %j: the police %s, civil affairs %s', (number, incidentNumber, first, second) => {
    const call = { number, incidentNumber };
    expect([isReached(call, police), isReached(call, civilAffairs), isReached(call, { kind: 'procuratorate' })]).toEqual([
      first,
      second,
      false,
    ]);
  });
});

describe('whom a report says that somebody has told', () => {
  test.each([
    [{ source: 'phone-first', calls: [{ number: '110', outcome: 'answered' }] }, true, false],
    [{ source: 'phone-first', calls: [{ outcome: 'answered' }] }, true, false],
    [{ source: 'phone-first', calls: [{ outcome: 'no-answer' }] }, false, false],
    [{ source: 'phone-first', calls: [{ number: '0000-1100121', outcome: 'answered' }] }, false, true],
    [{ source: 'manual', calls: [{ outcome: 'answered' }] }, false, false],
    [{ source: 'known-to-police' }, true, false],
    [{ knownToPolice: { by: 'school' } }, true, false],
    [{}, false, false],
  ])('%j: the police %s, civil affairs %s', (body, first, second) => {
    const given = { reportId: 'rpt_01kam0jm0000000000000000aa', mode: 'test', receivedAt: '2026-11-22T20:30:00+08:00' } as const;
    const { pressed } = pressedFrom('F', readBody(Buffer.from(JSON.stringify(body))), {
      ...given,
      reporterIdentity: undefined,
      authDegraded: false,
    });
    expect([wasPhoned(pressed.report, police), wasPhoned(pressed.report, civilAffairs)]).toEqual([first, second]);
  });
});
