import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDetector } from '@zhida/detect';
import { nationalRulePack, packDigest } from '@zhida/packs';
import { loadRulePack } from '@zhida/packs/load';
import { afterAll, describe, expect, test } from 'vitest';
import { failedCases, readPackCases, rulesWithoutCases } from '../src/pack/cases.js';
import { diffLines, diffPacks } from '../src/pack/diff.js';
import { readOverlay, resolvedPack } from '../src/pack/file.js';
import { lintOverlay } from '../src/pack/lint-overlay.js';
import { lintPack } from '../src/pack/lint-pack.js';
import type { Problem } from '../src/pack/problem.js';
import { zhida } from './zhida-here.js';

const directory = mkdtempSync(join(tmpdir(), 'zhida-pack-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(directory, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const codes = (problems: readonly Problem[]): string[] => problems.map(({ severity, code, at }) => `${severity} ${code} ${at}`);
const copy = (change: object): Record<string, unknown> => ({ ...structuredClone(nationalRulePack), ...change });

describe('lint of an overlay', () => {
  test('names every problem, not the first alone, by code and member', () => {
    const overlay = {
      terms: { 'C-HIT': ['修理得', ' ', 3, '殴打'], c_hit: ['x'], 'C-BRUISE': ['打'], 'C-FEAR': 'x', 'C-ASKED': ['疑似'] },
      levels: { 'R-PG-01': 'lower', 'R-BG-01': 'up', 'R-XX-99': 'raise' },
      silentRules: ['R-EX-01', 'R-BR-01', 'R-XX-99'],
      silentReasons: { 'R-EX-04': 'never silent' },
      rules: undefined,
    };
    expect(codes(lintOverlay(overlay, nationalRulePack))).toEqual([
      'error UNKNOWN_MEMBER overlay.rules',
      'error TERM_EMPTY overlay.terms.C-HIT[1]',
      'error WRONG_TYPE overlay.terms.C-HIT[2]',
      'warning TERM_KNOWN overlay.terms.C-HIT[3]',
      'error UNKNOWN_REFERENCE overlay.terms.c_hit',
      'warning TERM_TOO_SHORT overlay.terms.C-BRUISE[0]',
      'error WRONG_TYPE overlay.terms.C-FEAR',
      'error OUT_OF_BOUNDS overlay.terms.C-ASKED',
      'error OUT_OF_BOUNDS overlay.levels.R-PG-01',
      'error OUT_OF_BOUNDS overlay.levels.R-BG-01',
      'error UNKNOWN_REFERENCE overlay.levels.R-XX-99',
      'error OUT_OF_BOUNDS overlay.silentRules[0]',
      'error UNKNOWN_REFERENCE overlay.silentRules[2]',
      'warning UNUSED overlay.silentReasons.R-EX-04',
    ]);
    const [unknown] = lintOverlay({ terms: { c_hit: ['x'] } }, nationalRulePack);
    expect(unknown?.message).toContain('is it C-HIT?');
  });

  test('an overlay it finds no error in makes a detector, one with an error is refused', async () => {
    await expect(readOverlay(file('good.json', { levels: { 'R-BG-01': 'raise' } }))).resolves.toBeDefined();
    await expect(readOverlay(file('bad.json', { levels: { 'R-PG-01': 'lower' } }))).rejects.toMatchObject({
      code: 'ZD_ERR_OPTION_INVALID',
    });
    await expect(readOverlay(file('broken.json', '{'))).rejects.toMatchObject({ code: 'ZD_ERR_INPUT_UNREADABLE' });
  });
});

describe('lint of a rule pack', () => {
  test('finds nothing wrong with the national pack and its cases', async () => {
    expect(await lintPack(copy({}))).toEqual([]);
    const { cases, problems } = await readPackCases(fileURLToPath(new URL('../../packs/cases', import.meta.url)));
    expect(problems).toEqual([]);
    expect(rulesWithoutCases(nationalRulePack, cases)).toEqual([]);
    // All of them are judged by the detector's own tests.
    const some = cases.filter((_case, index) => index % 20 === 0);
    expect(failedCases(some, createDetector({ pack: nationalRulePack }), Date.UTC(2026, 5, 15, 2))).toEqual([]);
  });

  test('names a rule without law, source, review, wording or cases, and what it names that is not there', async () => {
    const [first, ...others] = structuredClone(nationalRulePack.rules);
    const rule = { ...first, id: 'R-ZZ-01', legalBasis: [], source: ' ', review: '', summary: { zh: '', en: '' } };
    const lost = { ...first, id: 'R-ZZ-02', when: { all: [{ mention: 'C-NONE' }, { code: 'none' }] }, suppressors: ['S-NONE'] };
    const content = copy({ rules: [rule, lost, ...others, others[0]] });
    const found = codes(await lintPack({ ...content, digest: await packDigest(content as never) }));
    for (const code of ['NO_LEGAL_BASIS', 'NO_SOURCE', 'NO_REVIEW', 'NO_WORDING'])
      expect(found).toContain(`error ${code} rules[0] R-ZZ-01`);
    expect(found.filter((line) => line === 'error UNKNOWN_REFERENCE rules[1] R-ZZ-02')).toHaveLength(3);
    expect(found.filter((line) => line.startsWith('error REPEATED rules['))).toHaveLength(1);
    expect(found).not.toContain('error DIGEST_WRONG digest');
    expect(codes(await lintPack(content))).toContain('error DIGEST_WRONG digest');
    expect(codes(rulesWithoutCases({ ...nationalRulePack, rules: [rule as never] }, []))).toEqual(['warning NO_CASES rules[0] R-ZZ-01']);
  });

  test('a pack without its parts is told so, and nothing else is asked of it', async () => {
    const found = await lintPack({ rules: [] });
    expect(codes(found)).toContain('error WRONG_TYPE concepts');
    expect(new Set(found.map(({ code }) => code))).toEqual(new Set(['WRONG_TYPE']));
  });

  test('a member of the wrong form is named where it stands, at any depth', async () => {
    const [rule] = structuredClone(nationalRulePack.rules);
    const wrong = {
      rules: [
        null,
        rule,
        { ...rule, when: { all: [{ mention: 'C-HIT' }, null, { not: 7 }] } },
        { ...rule, levels: [{}], summary: null },
        'R-XX',
      ],
      concepts: [[], ...nationalRulePack.concepts],
      guards: [{ terms: [null] }],
      suppressors: [{ id: 'S-1', why: { zh: '', en: '' }, when: [] }],
      conditions: { one: { any: 'x' } },
      cues: { negate: 'no' },
      folds: [1],
    };
    const found = await lintPack(copy(wrong));
    expect(new Set(found.map(({ code }) => code))).toEqual(new Set(['WRONG_TYPE']));
    expect(found.map(({ at }) => at).toSorted()).toEqual(
      [
        'concepts[0]',
        'conditions.one.any',
        'cues.negate',
        'folds[0]',
        'guards[0].terms[0]',
        'rules[0]',
        'rules[2].when.all[1]',
        'rules[2].when.all[2].not',
        'rules[3].levels[0].level',
        'rules[3].summary',
        'rules[4]',
        'suppressors[0].when',
      ].toSorted(),
    );
    await expect(resolvedPack(file('wrong.json', copy(wrong)))).rejects.toMatchObject({ code: 'ZD_ERR_PACK_INVALID' });
  });
});

describe('the difference of two packs', () => {
  test('tells rules, levels, silence and numbers of words, and that nothing changed', async () => {
    const national = await resolvedPack('national');
    const local = await resolvedPack(
      file('local.json', { terms: { 'C-HIT': ['修理得'] }, levels: { 'R-BG-01': 'raise' }, silentRules: ['R-BR-01'] }),
    );
    const diff = diffPacks(national, local);
    expect(diff.rules).toEqual([
      { rule: 'R-BG-01', change: 'changed', members: ['levels'], levels: 'red/orange/yellow → red/orange' },
      { rule: 'R-BR-01', change: 'silenced', members: [], levels: null },
    ]);
    expect(diff.terms).toEqual([{ concept: 'C-HIT', added: 1, removed: 0 }]);
    expect(diff.parts).toEqual([]);
    expect(diffLines(diff)[0]).toMatch(/^cn-national \S+ → cn-national \S+ \+ local\.json$/);
    expect(diffPacks(local, national).terms).toEqual([{ concept: 'C-HIT', added: 0, removed: 1 }]);
    expect(diffLines(diffPacks(national, national))).toEqual([expect.stringMatching(/say the same$/)]);
    const fewer = { ...national, pack: { ...national.pack, rules: national.pack.rules.slice(1), cues: {} } };
    expect(diffPacks(national, fewer)).toMatchObject({ rules: [{ change: 'removed' }], parts: ['cues'] });
  });
});

describe('docs/guides/write-a-rule.md', () => {
  const guide = readFileSync(fileURLToPath(new URL('../../../docs/guides/write-a-rule.md', import.meta.url)), 'utf8');
  const block = (language: string): string => new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(guide)?.[1] ?? '';

  test('its cases fail without its overlay and hold with it', async () => {
    const cases = file('hospital.cases.jsonl', block('jsonl'));
    const overlay = file('hospital.overlay.json', block('json'));
    const { cases: read } = await readPackCases(cases);
    expect(failedCases(read, createDetector({ pack: (await resolvedPack(overlay)).pack }), 0)).toEqual([]);
    expect(failedCases(read, createDetector({ pack: nationalRulePack }), 0).map(({ message }) => message.slice(0, 4))).toEqual([
      'H-01',
      'H-04',
      'H-05',
    ]);
  });

  test('a case that does not come out as expected fails the lint, as does a line that is none', async () => {
    const overlay = file('none.overlay.json', { levels: { 'R-BG-01': 'lower' } });
    const { code, stdout } = await zhida([
      'pack',
      'lint',
      overlay,
      '--json',
      '--cases',
      file('wrong.cases.jsonl', `${block('jsonl')}{"id": "H-05"}\n`),
    ]);
    expect(code).toBe(1);
    const { problems } = JSON.parse(stdout) as { problems: Problem[] };
    expect(problems.map((problem) => problem.code)).toEqual(['CASE_UNREADABLE', 'CASE_FAILED', 'CASE_FAILED', 'CASE_FAILED']);
  });
});

test('lint names what is wrong with a local rule, and asks for a case that speaks and one that keeps quiet', async () => {
  const camp = { id: 'L-CAMP', adds: 'R-EX-04', words: [['特训营'], ['罚深蹲']] };
  const wrong = {
    localRules: [camp, { id: 'L-X' }, { ...camp, adds: 'R-PG-01' }, { ...camp, adds: 'r-ex-04' }, { ...camp, words: [['打']] }],
  };
  expect(codes(lintOverlay(wrong, nationalRulePack))).toEqual([
    'error WRONG_TYPE overlay.localRules[1]',
    'error OUT_OF_BOUNDS overlay.localRules[2].adds',
    'error UNKNOWN_REFERENCE overlay.localRules[3].adds',
    'warning TERM_TOO_SHORT overlay.localRules[4].words[0]',
  ]);
  const encounter = (text: string): object => ({ id: 'V1', patient: { birthDate: '2012-01-01' }, notes: [{ section: 'other', text }] });
  const speaks = { id: 'A', expect: { level: 'orange', ruleId: 'R-EX-04' }, encounter: encounter('在特训营罚深蹲后尿色深') };
  const quiet = { id: 'B', expect: { level: 'none' }, encounter: encounter('特训营归来，咳嗽') };
  const overlay = file('camp.overlay.json', { localRules: [camp] });
  const lines = (items: readonly object[]): string => items.map((item) => JSON.stringify(item)).join('\n');
  const alone = await zhida(['pack', 'lint', overlay, '--cases', file('one.cases.jsonl', lines([speaks]))]);
  expect([alone.code, alone.stdout]).toEqual([0, expect.stringContaining('L-CAMP: write a case')]);
  const both = await zhida(['pack', 'lint', overlay, '--cases', file('two.cases.jsonl', lines([speaks, quiet]))]);
  expect([both.code, both.stdout]).toEqual([0, 'nothing wrong\n']);
});

describe('sign and verify', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = file('pack.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const pub = file('pack.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());

  test('a pack somebody changed is given its digest and a signature, and stays as it was typed otherwise', async () => {
    const changed = JSON.stringify(copy({ version: '2026.11.0-own' }), null, 2);
    const pack = file('own.json', changed);
    expect((await zhida(['pack', 'verify', pack])).code).toBe(78);
    const signed = await zhida(['pack', 'sign', pack, '--key', key]);
    expect([signed.code, signed.stdout]).toEqual([0, expect.stringContaining('cn-national 2026.11.0-own signed')]);
    const text = readFileSync(pack, 'utf8');
    expect(text.replace(/"digest": "[^"]*"/, '')).toBe(changed.replace(/"digest": "[^"]*"/, ''));
    const verified = await zhida(['pack', 'verify', pack, '--key', pub]);
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('is whole and signed by this key')]);
    expect(await loadRulePack(pack, { publicKey: readFileSync(pub, 'utf8') })).toMatchObject({ version: '2026.11.0-own' });
  });

  test('a pack changed after it was signed, another key, and a key that is none are refused', async () => {
    const pack = file('later.json', copy({ effectiveTo: '2027-12-31' }));
    await zhida(['pack', 'sign', pack, '--key', key]);
    const { publicKey: other } = generateKeyPairSync('ed25519');
    const foreign = file('other.pub', other.export({ type: 'spki', format: 'pem' }).toString());
    expect((await zhida(['pack', 'verify', pack, '--key', foreign])).code).not.toBe(0);
    expect((await zhida(['pack', 'sign', pack, '--key', pub])).code).not.toBe(0);
    writeFileSync(pack, readFileSync(pack, 'utf8').replace('2027-12-31', '2099-12-31'));
    expect((await zhida(['pack', 'verify', pack, '--key', pub])).code).not.toBe(0);
  });

  test('lint names a day that is none, and an end before its beginning', async () => {
    const problems = await lintPack(copy({ effectiveFrom: '2026-13-01' }));
    expect(codes(problems)).toContain('error DATE_WRONG effectiveFrom');
    expect(codes(await lintPack(copy({ effectiveTo: '2020-01-01' })))).toContain('error DATE_WRONG effectiveTo');
  });
});
