import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Assessed, type Fixture, makeFixture, only } from '../support/fixture.js';
import { arrival, BOY, GIRL, hcgResult, message, msh } from './support/messages.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(async () => fixture.close());
beforeEach(async () => fixture.reset());

interface Posted {
  readonly assessments: readonly Assessed[];
  readonly issues: readonly { readonly code: string; readonly at: string }[];
}

test.each(['application/hl7-v2', 'application/hl7-v2+er7; charset=utf-8', 'x-application/hl7-v2+er7'])(
  'messages posted as %s fold into visits and are answered with their Assessments, twice the same',
  async (contentType) => {
    await fixture.post(arrival(GIRL, { controlId: 'H1' }), contentType);
    const text = hcgResult(GIRL, { controlId: 'L1' }, '12500');
    const answer = await fixture.post(text, contentType);
    expect(answer.statusCode).toBe(200);
    expect(answer.json<Posted>()).toMatchObject({ assessments: [{ encounterId: 'P0013-V0013', revision: 2, level: 'red' }], issues: [] });
    expect((await fixture.post(text, contentType)).json()).toEqual(answer.json());
    expect(only(await fixture.prompts())).toMatchObject({ level: 'red', occurrence: 1, encounter: { revision: 2 } });
  },
);

test('several messages of one request are taken in their order, a bad one among them is named by number and set aside', async () => {
  const nested = message(msh('ORU^R01', { controlId: 'deep' }), `OBX|1|TX|||${'~'.repeat(250_000)}`);
  const posted = await fixture.post(
    [arrival(GIRL, { controlId: 'H1' }), nested, arrival(BOY, { controlId: 'H2' }), hcgResult(GIRL, { controlId: 'L1' }, '12500')].join(
      '\n',
    ),
    'application/hl7-v2',
  );
  expect(posted.json<Posted>()).toMatchObject({
    assessments: [
      { encounterId: 'P0013-V0013', level: 'red' },
      { encounterId: 'P0100-V0100', level: 'none' },
    ],
    issues: [{ code: 'MESSAGE_UNREADABLE', at: 'message[2].MSH' }],
  });
  expect(await fixture.rows(`select status, problem_code from feed_messages where status <> 'processed'`)).toEqual([
    { status: 'set-aside', problem_code: 'ZD_ERR_INPUT_TOO_LARGE' },
  ]);
});

test.each([
  ['', 400, 'ZD_ERR_INPUT_UNREADABLE', 'MSH'],
  ['no message at all', 400, 'ZD_ERR_INPUT_UNREADABLE', 'MSH'],
  ['MSH|^~\\&|HIS|张晓婷', 400, 'ZD_ERR_INPUT_UNREADABLE', 'MSH-9'],
  [arrival(GIRL, { controlId: 'H1', processingId: 'P' }), 422, 'ZD_ERR_MODE_REFUSED', 'MSH-11'],
])('INV-11 what cannot be taken is refused by code and place, without a value (%#)', async (text, status, code, at) => {
  const answer = await fixture.post(text, 'application/hl7-v2');
  expect([answer.statusCode, answer.json<{ code: string }>().code, answer.json<{ at: string }>().at]).toEqual([status, code, at]);
  expect(answer.body + fixture.log.join('')).not.toContain('张晓婷');
});
