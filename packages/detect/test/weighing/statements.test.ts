import { nationalRulePack } from '@zhida/packs';
import { describe, expect, it } from 'vitest';
import { compileLexicon } from '../../src/text/lexicon.js';
import { createScanner } from '../../src/text/scan.js';
import { createStatementReader } from '../../src/weighing/statements.js';
import { GrowingTermTable } from '../../src/weighing/terms.js';

const lexicon = compileLexicon(nationalRulePack);
const table = new GrowingTermTable();
const reader = createStatementReader(lexicon, table);
const scanner = createScanner(lexicon);

/** The terms of every statement of a text. */
function said(text: string): string[][] {
  scanner.reset();
  reader.reset();
  const statements = reader.read(text, scanner.scan(text));
  return statements.map(({ first, count }) => [...reader.terms().subarray(first, first + count)].map((term) => table.names[term] ?? ''));
}

describe('the statements of a text', () => {
  it('say two characters side by side, words, and two words in a row, each once', () => {
    expect(said('咳嗽咳嗽')).toEqual([['咳嗽', '嗽咳']]);
    expect(said('Hit with a belt. Hit again')).toEqual([
      ['hit', 'with', 'hit with', 'belt'],
      ['hit', 'again', 'hit again'],
    ]);
    expect(said('发热3天。咳嗽')).toEqual([['发热'], ['咳嗽']]);
  });

  it('are the same whatever the width, and with spaces and invisible marks inside Chinese', () => {
    const plain = said('被皮带抽打，Belt marks');
    expect(said('被 皮\u200b带　抽打,Ｂｅｌｔ marks')).toEqual(plain);
    expect(said('被皮\n带')).not.toEqual(said('被皮带'));
  });

  it('do not say what a clause denies, asks, plans or teaches, unless another clause says it', () => {
    expect(said('否认被打骂，咳嗽')).toEqual([['咳嗽']]);
    expect(said('被打骂，否认被打骂')).toEqual([['被打', '打骂']]);
    expect(said('否认被打骂，被打骂')).toEqual([['被打', '打骂']]);
    expect(said('No bruises, cough')).toEqual([['cough']]);
    // Looks like a denial and is none.
    expect(said('无明显诱因咳嗽').flat()).toContain('咳嗽');
  });

  it('end at full stops and lines, not inside numbers, dates and abbreviations', () => {
    expect(said('体温39.5度，咳嗽').length).toBe(1);
    expect(said('seen at st.mary hospital').length).toBe(1);
    expect(said('咳嗽\n发热；呕吐').length).toBe(3);
  });

  it('name where their terms stand in the original', () => {
    const text = '咳嗽。否认外伤，被 皮带抽打，ｂｅｌｔ mark';
    scanner.reset();
    reader.reset();
    const scan = scanner.scan(text);
    const last = reader.read(text, scan).at(-1);
    expect(last).toBeDefined();
    if (last === undefined) return;
    const places = reader.places(text, scan, last).map(({ term, start, end }) => [table.names[term], text.slice(start, end)]);
    expect(places).toEqual([
      ['被皮', '被 皮'],
      ['皮带', '皮带'],
      ['带抽', '带抽'],
      ['抽打', '抽打'],
      ['belt', 'ｂｅｌｔ'],
      ['mark', 'mark'],
      ['belt mark', 'ｂｅｌｔ mark'],
    ]);
  });
});
