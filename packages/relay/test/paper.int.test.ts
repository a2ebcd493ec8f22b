import { formatPaperNumber } from '@zhida/report';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reconcileLedger } from '../src/index.js';
import { aReport, type Fixture, makeFixture } from './support/fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(async () => fixture.close());

const number = (serial: number, hospitalIndex = 3): string => formatPaperNumber({ regionCode: '440299', hospitalIndex, serial });

async function enter(paper: string, overrides: Record<string, unknown> = {}) {
  const answer = await fixture.press(aReport({ source: 'paper', paper: { number: paper }, ...overrides }));
  expect(answer.statusCode).toBe(202);
  const { reportId, issues, number: own } = answer.json<{ reportId: string; number: string; issues: { code: string; at: string }[] }>();
  return { reportId, number: own, paper: issues.filter(({ at }) => at === 'paper.number').map(({ code }) => code) };
}

async function look(paper: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${await fixture.assertion('report:read')}` };
  return (await fixture.relay.app.inject({ url: `/v1/paper/numbers/${encodeURIComponent(paper)}`, headers })).json();
}

describe('a block of numbers for paper forms', () => {
  test('is handed out once: two sites never have a number in common', async () => {
    const blocks = await Promise.all(
      ['溪口镇卫生院', '石坪镇卫生院'].map(async (handedTo) =>
        (await fixture.operate('POST', '/v1/paper/blocks', { count: 5, handedTo })).json(),
      ),
    );
    expect(blocks.map(({ first, last }: { first: string; last: string }) => `${first} ${last}`).toSorted()).toEqual([
      `${number(1)} ${number(5)}`,
      `${number(6)} ${number(10)}`,
    ]);
    const { blocks: listed } = (await fixture.operate('GET', '/v1/paper/blocks')).json<{ blocks: object[] }>();
    expect(listed).toMatchObject([
      { first: number(1), count: 5, entered: 0, void: 0, gaps: [] },
      { first: number(6), count: 5 },
    ]);
  });

  test.each([{ count: 0 }, { count: 501 }, { count: '5' }, { count: 5, handedTo: ' ' }])('is refused for %o', async (body) => {
    const answer = await fixture.operate('POST', '/v1/paper/blocks', { handedTo: '乡', ...body });
    expect(answer.json()).toMatchObject({ status: 400, code: 'ZD_ERR_INPUT_UNREADABLE' });
  });
});

describe('INV-9 a form that is entered later', () => {
  test('uses its number once; the report is taken in any case, and a second entry is told so', async () => {
    const first = await enter(` ${number(3).toLowerCase()}`);
    expect(first.paper).toEqual([]);
    expect(await look(number(3))).toEqual({ number: number(3), state: 'entered', reportId: first.reportId, reportNumber: first.number });
    expect((await enter(number(3))).paper).toEqual(['PAPER_NUMBER_USED']);
    expect(await look(number(3))).toMatchObject({ reportId: first.reportId });
    // The case goes on under the form it began on.
    expect((await enter(number(3), { kind: 'follow-up', chain: { id: first.reportId } })).paper).toEqual([]);
    const racing = await Promise.all([enter(number(7)), enter(number(7)), enter(number(7))]);
    expect(racing.flatMap(({ paper }) => paper)).toEqual(['PAPER_NUMBER_USED', 'PAPER_NUMBER_USED']);
  });

  test('with a number of no block, of another hospital, mistyped or missing is taken and says what is wrong', async () => {
    expect((await enter(number(11))).paper).toEqual(['PAPER_NUMBER_UNKNOWN']);
    expect((await enter(number(1, 4))).paper).toEqual(['PAPER_NUMBER_UNKNOWN']);
    expect((await enter('440299-P-0300001-x')).paper).toEqual(['PAPER_NUMBER_UNKNOWN']);
    expect((await enter('')).paper).toEqual(['FIELD_MISSING']);
    expect(await look(number(11))).toMatchObject({ status: 404, code: 'ZD_ERR_NOT_FOUND', at: 'number' });
  });

  test('INV-2 one that was passed over is a difference until it is entered or struck off with a reason', async () => {
    const passedOver = async () => (await reconcileLedger(fixture.database.pool)).differences.find(({ what }) => what.includes('paper'));
    expect(await passedOver()).toMatchObject({ count: 3 });
    const { blocks } = (await fixture.operate('GET', '/v1/paper/blocks')).json<{ blocks: { gaps: string[] }[] }>();
    expect(blocks.map(({ gaps }) => gaps)).toEqual([[number(1), number(2)], [number(6)]]);
    await enter(number(1));
    const strike = (paper: string, reason: string) => fixture.operate('POST', `/v1/paper/numbers/${paper}/void`, { reason });
    expect((await strike(number(2), ' ')).json()).toMatchObject({ code: 'ZD_ERR_REASON_MISSING' });
    expect((await strike(number(2), '写坏')).statusCode).toBe(200);
    expect((await strike(number(2), '写坏')).json()).toMatchObject({ status: 409, code: 'ZD_ERR_CONFLICT' });
    expect((await strike(number(3), '写坏')).json()).toMatchObject({ status: 409 });
    expect((await strike(number(99), '写坏')).json()).toMatchObject({ status: 404 });
    expect((await strike(number(6), '未用')).statusCode).toBe(200);
    expect(await passedOver()).toBeUndefined();
    expect((await enter(number(2))).paper).toEqual(['PAPER_NUMBER_USED']);
  });
});
