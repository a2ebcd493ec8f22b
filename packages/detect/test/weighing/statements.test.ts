import { nationalRulePack } from '@zhida/packs';
import { describe, expect, it } from 'vitest';
import { compileLexicon } from '../../src/text/lexicon.js';
import { createScanner } from '../../src/text/scan.js';
import { createStatementReader } from '../../src/weighing/statements.js';
import { GrowingTermTable } from '../../src/weighing/terms.js';

const lexicon = compileLexicon(nationalRulePack);
const table = new GrowingTermTable();
const deniable = new GrowingTermTable();
const reader = createStatementReader(lexicon, table, deniable);
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
      ['hit', 'with', 'hit with', 'a', 'with a', 'belt', 'a belt'],
      ['hit', 'again', 'hit again'],
    ]);
    expect(said('发热3天。咳嗽')).toEqual([['发热'], ['咳嗽']]);
    expect(said('G1P1 at C5')).toEqual([['at']]);
  });

  it('say the forms of an English word alike', () => {
    const slap = [['slap']];
    for (const form of ['slap', 'slaps', 'slapped', 'slapping']) expect(said(form)).toEqual(slap);
    for (const [form, stem] of [
      ['bruises', 'bruis'],
      ['cries', 'cry'],
      ['cried', 'cry'],
      ['tied', 'tied'],
      ['abscess', 'abscess'],
      ['bus', 'bus'],
      ['ring', 'ring'],
      ['shed', 'shed'],
    ])
      expect(said(form ?? '')).toEqual([[stem]]);
  });

  it('say once more as spoken what stands in quotation marks, whatever their kind, unless it is denied', () => {
    const spoken = ['hurt', '“hurt', 'me', '“me', 'hurt me'];
    for (const text of ["he 'hurts me' now", 'he "hurts me" now', 'he ‘hurts me’ now', 'he “hurts me” now'])
      expect(said(text)[0]?.slice(1, 6)).toEqual(spoken);
    expect(said('诉“爸打”')[0]).toEqual(['爸打']);
    expect(said('诉“爸打我”')[0]).toEqual(['爸打', '“爸打', '打我', '“打我']);
    expect(said('说“爸打。我怕他”').at(-1)).toEqual(['我怕', '“我怕', '怕他', '“怕他']);
    // Apostrophes, feet, and a mark that nobody closed.
    for (const text of ["mother's friend's car", "6'2 and 5'3", "he said 'go", "the boys' room and the girls' room"])
      expect(said(text).flat().join(' ')).not.toContain('“');
    expect(said('“not hit me”')).toEqual([]);
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

  it('name apart what the texts only deny, each once, and nothing that one of them says', () => {
    const denied = (...texts: readonly string[]): string[] => {
      scanner.reset();
      return reader.denied(texts.map((text) => ({ text, scan: scanner.scan(text) }))).map((term) => deniable.names[term] ?? '');
    };
    expect(denied('否认打骂，咳嗽')).toEqual(['否认', '认打', '打骂']);
    expect(denied('否认打骂，否认打骂')).toEqual(['否认', '认打', '打骂']);
    expect(denied('否认打骂', '打骂')).toEqual(['否认', '认打']);
    expect(denied('cough', 'No bruises')).toEqual(['no', 'bruis', 'no bruis']);
    expect(denied('咳嗽')).toEqual([]);
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
