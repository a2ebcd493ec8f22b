import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { en as commandLineEn } from '../../packages/cli/src/locales/en.js';
import { zhCN as commandLine } from '../../packages/cli/src/locales/zh-cn.js';
import { deskEn } from '../../packages/gateway/src/desk/locales/en.js';
import { deskZhCN as desk } from '../../packages/gateway/src/desk/locales/zh-cn.js';
import { zhCN as page } from '../../packages/gateway/src/page/locales/zh-cn.js';
import { en as promptsEn } from '../../packages/gateway/src/locales/en.js';
import { zhCN as prompts } from '../../packages/gateway/src/locales/zh-cn.js';
import { en as inboxEn } from '../../packages/receiver/src/locales/en.js';
import { zhCN as inbox } from '../../packages/receiver/src/locales/zh-cn.js';
import { zhCN as relay } from '../../packages/relay/src/locales/zh-cn.js';
import { SITUATIONS } from '../../packages/report/src/codes/situations.js';
import { en as formEn } from '../../packages/report/src/locales/en.js';
import { zhCN as form } from '../../packages/report/src/locales/zh-cn.js';
import { moreEn } from '../../packages/widget/src/locales/more-en.js';
import { moreZhCN } from '../../packages/widget/src/locales/more-zh-cn.js';
import { zhCN as widget } from '../../packages/widget/src/locales/zh-cn.js';
import { texts as his } from '../../examples/county-demo/src/his/locales/zh-cn.js';
import { repositoryFiles } from '../../scripts/repository-files.js';
import { ROOT } from '../support/documents.js';

/** Everything of a package but its texts, as one text. */
function sourceOf(folder: string): string {
  return repositoryFiles(`${folder}/src/**.ts`)
    .filter((file) => !file.includes('/locales/'))
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n');
}

/** The members that nothing names: neither they themselves nor, for the entries of a table that is read by a code, the table. */
function unnamed(texts: object, source: string, parent = ''): string[] {
  const asTable = new RegExp(`\\b${parent}\\b(?!\\.)`).test(source);
  return Object.entries(texts).flatMap(([key, text]: [string, unknown]) => {
    const named = new RegExp(`\\b${key.replaceAll(/[^\w]/g, '.')}\\b`).test(source) || (parent !== '' && asTable);
    if (!named) return [`${parent}.${key}`];
    return typeof text === 'object' && text !== null ? unnamed(text, source, key) : [];
  });
}

test.each([
  ['packages/widget', { ...widget, ...moreZhCN }],
  ['packages/gateway', { ...prompts, ...page }],
  ['packages/gateway', desk],
  ['packages/receiver', inbox],
  ['packages/relay', relay],
  ['packages/report', form],
  ['packages/cli', commandLine],
  ['examples/county-demo', his],
])('every text of %s is said somewhere', (folder, texts) => {
  expect(unnamed(texts, sourceOf(folder))).toEqual([]);
});

describe('one thing has one word', () => {
  const { kinds, whereabouts, evidenceStatus, severity, outcome, attitude, eventPlaces } = inbox;
  const tables = { kinds, whereabouts, evidenceStatus, severity, outcome, attitude, eventPlaces };

  test.each(Object.entries(tables))('on the form that is printed and in the inbox: %s', (name, words) => {
    // What is not known is said of a place in a sentence of its own.
    for (const [code, word] of Object.entries(words).filter(([key]) => key !== 'unknown')) {
      expect(word, code).toBe(form.codes[code]);
      const english = formEn.codes[code];
      const inEnglish = inboxEn[name as keyof typeof tables][code];
      if (english !== undefined && name !== 'whereabouts') expect(inEnglish?.toLowerCase(), code).toBe(english);
    }
  });

  test('for who came along, on the telephone and in the inbox', () => {
    const { alone: _alone, ...companion } = form.phone.companion;
    expect(inbox.row.involved).toEqual(companion);
  });

  test.each([
    ['Chinese', commandLine.sections, prompts.evidence.notes],
    ['English', commandLineEn.sections, promptsEn.evidence.notes],
  ])('for the parts of a record, at the command line and in a prompt, in %s', (_language, sections, notes) => {
    const { other: _elsewhere, ...named } = notes;
    expect(sections).toMatchObject(named);
  });

  test('for an injury of private parts: nobody but a court says what it comes from', () => {
    const code = 'opinion-2020:4.1';
    const situation = SITUATIONS.entries.find((entry) => entry.code === code);
    expect([situation?.zh, form.phone.findings[code]].filter((text) => !text?.includes('疑似非正常损伤'))).toEqual([]);
    expect([situation?.en, formEn.phone.findings[code]].filter((text) => !text?.includes('suspected unusual injury'))).toEqual([]);
  });

  test('for reasons not to report, and for where a child is, at the duty desk too', () => {
    expect(desk.review.codes).toMatchObject(moreZhCN.decisions);
    expect(deskEn.review.codes).toMatchObject(moreEn.decisions);
    expect(inbox.whereabouts).toMatchObject(desk.opened.whereabouts);
    expect(inboxEn.whereabouts).toMatchObject(deskEn.opened.whereabouts);
  });

  test('for a session that is over', () => {
    const said = [widget.refused, widget.notices.signedOut, page.signInNeeded, inbox.signIn.ended, desk.signIn.ended];
    expect(said.filter((text) => !text.includes('登录已过期'))).toEqual([]);
  });
});
