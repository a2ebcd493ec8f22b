import { CDA_LIMITS, readDocuments, snapshotsOfVisits } from '@zhida/his/cda';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { COMPLAINT, DOCUMENTS, documentOf, only, read, section, told } from './documents.js';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
const declared = (encoding: string): string => documentOf(COMPLAINT, { declaration: DECLARATION.replace('UTF-8', encoding) });
const noteOf = (bytes: string | Uint8Array): string | undefined => only(read(bytes)).notes?.[0]?.text;

/** A place is made of names of CDA and numbers. */
const PLACE = /^(?:document\[\d+\]|visit\.)[\w./@!*…[\]]*$/;

describe('what is no XML', () => {
  test('INV-15 no bytes make the reader throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void read(bytes)));
    const signs = fc.string({
      unit: fc.constantFrom('<', '>', '/', '!', '[', ']', '-', '?', '&', ';', '"', '=', ' ', 'a', '中', '\uFEFF'),
    });
    fc.assert(fc.property(signs, (text) => void read(text)));
  });

  test('INV-15 INV-11 a document cut off or changed anywhere never makes it throw, and no issue says a value', () => {
    const whole = Object.values(DOCUMENTS).map((text) => Buffer.from(text, 'utf8'));
    const change = fc.record({ at: fc.nat(), length: fc.nat({ max: 60 }), piece: fc.uint8Array({ maxLength: 6 }), cut: fc.boolean() });
    fc.assert(
      fc.property(fc.constantFrom(...whole), fc.array(change, { minLength: 1, maxLength: 3 }), (bytes, changes) => {
        let changed: Buffer = bytes;
        for (const { at, length, piece, cut } of changes) {
          const from = at % (changed.length + 1);
          changed = Buffer.concat([changed.subarray(0, from), piece, cut ? Buffer.alloc(0) : changed.subarray(from + length)]);
        }
        for (const { at } of read(changed).issues) expect(at).toMatch(PLACE);
      }),
      { numRuns: 150 },
    );
  });

  test('a document that breaks off is read as far as it goes, and is named', () => {
    const text = documentOf(COMPLAINT);
    const reading = read(text.slice(0, text.indexOf('停经2月') + 4), documentOf(COMPLAINT).replace('"V1"', '"V2"'));
    expect(reading.snapshots.map(({ id, notes }) => [id, notes?.[0]?.text])).toEqual([
      ['outpatient-V1', '停经2月'],
      ['outpatient-V2', '停经2月'],
    ]);
    expect(told(reading)[0]).toBe('MESSAGE_UNREADABLE document[0]/ClinicalDocument/component/structuredBody/component/section/text');
    expect(reading.unreadable).toBe(1);
  });

  test('signs a template forgot to write as entities are read, and are named', () => {
    const reading = read(documentOf(section('10154-3', '<text>体温<38，A&B，停经2月</text>')));
    expect(only(reading).notes?.[0]?.text).toBe('体温<38，A&B，停经2月');
    expect(told(reading)).toEqual(['TEXT_NOT_WELL_FORMED document[0]/']);
    expect(noteOf(documentOf(section('10154-3', '<text><![CDATA[a&b<c]]>停经<正常</text>')))).toBe('a&b<c停经<正常');
  });

  test('a file that is none, an empty one and one that is JSON', () => {
    for (const text of ['', '{"a":1}', 'MSH|^~\\&|A', '<html><body>停经</body></html>']) {
      const reading = read(text);
      expect([reading.snapshots, reading.unreadable, told(reading).at(-1)]).toEqual([
        [],
        1,
        'MESSAGE_UNREADABLE document[0]/ClinicalDocument',
      ]);
    }
  });
});

test.each(['YW=', '==', 'YQ=', 'a', 'é'])('INV-15 a body that says it is base64 and is none (%s) is named', (text) => {
  const body = `<nonXMLBody><text mediaType="text/plain" representation="B64">${text}</text></nonXMLBody>`;
  const reading = read(documentOf(COMPLAINT).replace(/<structuredBody>.*<\/structuredBody>/, body));
  expect(only(reading).notes).toBeUndefined();
  expect(told(reading)).toEqual(['CONTENT_NOT_TEXT document[0]/ClinicalDocument/component/nonXMLBody/text']);
});

describe('what a document type might do', () => {
  const withType = (type: string, text: string): string => declared('UTF-8').replace('?>', `?>${type}`).replace('停经2月', text);

  test('a file named by an entity is not opened', () => {
    const reading = read(
      withType('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>', '停经&f;'),
    );
    expect(only(reading).notes?.[0]?.text).toBe('停经&f;');
    expect(told(reading)[0]).toBe('VALUE_UNREAD document[0]/!DOCTYPE');
  });

  test('entities that grow by ten and by ten do not grow', () => {
    const laughs = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n} "${n === 0 ? 'ha' : `&l${n - 1};`.repeat(10)}">`).join('');
    expect(noteOf(withType(`<!DOCTYPE x [${laughs}]>`, '停经&l9;'))).toBe('停经&l9;');
  });

  test('names that JavaScript knows are no entities and only attributes', () => {
    expect(noteOf(withType('', '停经&constructor;&__proto__;'))).toBe('停经&constructor;&__proto__;');
    expect(noteOf(documentOf(section('10154-3', '<text __proto__="a" constructor="b">停经</text>')))).toBe('停经');
    expect(noteOf(withType('', '停经&#x4e00;&#49;&lt;&amp;&#0;&#x110000;'))).toBe('停经一1<&&#0;&#x110000;');
  });
});

describe('limits', () => {
  test('a document nested deeper than any is read down to the limit', () => {
    const deep = `${'<content>'.repeat(100_000)}停经${'</content>'.repeat(100_000)}`;
    const reading = read(documentOf(COMPLAINT + section('10164-2', `<text>${deep}</text>`)));
    expect(only(reading).notes?.map(({ text }) => text)).toEqual(['停经2月']);
    expect(told(reading).map((line) => line.split(' ')[0])).toEqual(['DEPTH_LIMIT']);
  });

  test('closing tags of nothing, each of which would be looked for among all that are open, end the reading', () => {
    const reading = read(documentOf(COMPLAINT + section('10164-2', `<text>${'<content>'.repeat(80)}${'</x>'.repeat(500_000)}`)));
    expect(reading.issues.length).toBeLessThan(CDA_LIMITS.syntaxErrors + 3);
    expect(only(reading).notes?.[0]?.text).toBe('停经2月');
  });

  test('a file of more bytes or of more elements than the limit', () => {
    const long = read(Buffer.alloc(CDA_LIMITS.fileBytes + 1, ' '));
    expect([long.snapshots, told(long)]).toEqual([[], ['FIELD_TOO_LONG document[0]/']]);
    const wide = read(documentOf(COMPLAINT + section('10164-2', `<text>${'<br/>'.repeat(CDA_LIMITS.elements)}</text>`)));
    expect(only(wide).notes?.[0]?.text).toBe('停经2月');
    expect(told(wide).map((line) => line.split(' ')[0])).toEqual(['FIELD_TOO_LONG']);
  });

  const numbered = (times: number, of: (n: number) => string): string => Array.from({ length: times }, (_, n) => of(n)).join('');
  const diagnosis = (inside: string): string => documentOf(section('29548-5', `<entry>${inside}</entry>`));
  const observed = (code: string, values: string): string =>
    `<observation><code code="${code}" codeSystem="2.16.156.10011.2.2.1"/>${values}</observation>`;
  const part = (observation: string): string => `<component>${observation}</component>`;
  const named = (n: number): string => part(observed('DE05.01.025.00', `<value>${n}${'腹'.repeat(400)}</value>`));

  test.each([
    ['diagnoses of one observation', diagnosis(observed('DE05.01.024.00', '<value code="A"/>'.repeat(40_000)))],
    ['results of one observation', diagnosis(observed('2106-3', '<value value="1"/>'.repeat(40_000)))],
    [
      'names of one diagnosis',
      diagnosis(`<organizer>${part(observed('DE05.01.024.00', '<value code="A"/>'))}${numbered(8_000, named)}</organizer>`),
    ],
    [
      'identifiers of the patient',
      documentOf('').replace('<patient>', `${numbered(60_000, (n) => `<id root="1.2.3" extension="${n}"/>`)}<patient>`),
    ],
  ])('thousands of %s are read in time that grows with them', (_, text) => {
    expect(only(read(text)).id).toBe('outpatient-V1');
  });

  test.each([
    ['diagnoses', diagnosis(observed('DE05.01.024.00', '<value code="A"/>'.repeat(100)).repeat(1_500))],
    [
      'texts under a narrative',
      diagnosis(observed('DE02.10.071.00', '<value>腹痛</value>'.repeat(150_000))).replace('<entry>', '<text>停经</text><entry>'),
    ],
  ])('more %s than a call takes arguments', (_, text) => {
    expect(only(read(text)).id).toBe('outpatient-V1');
  });

  test('more documents of one visit than a call takes arguments', () => {
    const { documents } = readDocuments(Buffer.from(documentOf(COMPLAINT).replace('extension="D1"', '')));
    const many = Array.from({ length: 200_000 }, () => documents).flat();
    expect(snapshotsOfVisits(many).snapshots).toMatchObject([{ id: 'outpatient-V1', notes: [{ text: '停经2月' }] }]);
  });

  test('thousands of texts beside a narrative of hundreds of thousands of signs', () => {
    const texts =
      '<entry><observation><code code="DE02.10.071.00" codeSystem="2.16.156.10011.2.2.1"/><value>停经</value></observation></entry>';
    const reading = read(documentOf(section('10164-2', `<text>${'腹'.repeat(300_000)}</text>${texts.repeat(20_000)}`)));
    expect(only(reading).notes?.length).toBeGreaterThan(1);
  });
});

describe('charsets', () => {
  test.each([
    ['GB18030 that says so', iconv.encode(declared('GB18030'), 'gb18030'), []],
    ['GBK that says GB2312', iconv.encode(declared('gb2312'), 'gbk'), []],
    ['GB18030 that says it is UTF-8', iconv.encode(declared('UTF-8'), 'gb18030'), ['CHARSET_MISDECLARED document[0]/@encoding']],
    [
      'GB18030 that says nothing',
      iconv.encode(documentOf(COMPLAINT, { declaration: '' }), 'gb18030'),
      ['CHARSET_UNDECLARED document[0]/@encoding'],
    ],
    ['UTF-8 that says it is GB2312', Buffer.from(declared('GB2312')), ['CHARSET_MISDECLARED document[0]/@encoding']],
    ['UTF-8 that says it is UTF-16', Buffer.from(declared('utf-16')), ['CHARSET_MISDECLARED document[0]/@encoding']],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${declared('UTF-8')}`), []],
    ['UTF-8 without a declaration', Buffer.from(documentOf(COMPLAINT, { declaration: '' })), []],
    ['UTF-16 with a byte order mark', Buffer.from(`\uFEFF${declared('UTF-16')}`, 'utf16le'), []],
    ['UTF-16 without one', Buffer.from(declared('UTF-16'), 'utf16le'), []],
    ['big-endian UTF-16', Buffer.from(`\uFEFF${declared('UTF-16')}`, 'utf16le').swap16(), []],
    ['big-endian UTF-16 without one', Buffer.from(declared('UTF-16'), 'utf16le').swap16(), []],
    ['a charset nobody knows', Buffer.from(declared('x-unknown')), []],
    ['CRLF', Buffer.from(declared('UTF-8').replaceAll('\n', '\r\n')), []],
  ])('%s', (_, bytes, issues) => {
    const reading = read(bytes);
    expect(only(reading)).toMatchObject({ patient: { name: '林小满' }, notes: [{ text: '停经2月' }] });
    expect(told(reading)).toEqual(issues);
  });

  test('bytes that are no character are read around, and named', () => {
    const [before = '', after = ''] = documentOf(COMPLAINT).split('停经');
    const reading = read(Buffer.concat([Buffer.from(`${before}停`), Buffer.from([0xe7]), Buffer.from(`经${after}`)]));
    expect(only(reading).notes?.[0]?.text).toBe('停\uFFFD经2月');
    expect(told(reading)).toContain('TEXT_NOT_WELL_FORMED document[0]/');
  });
});

test('INV-15 the same documents give the same snapshots, read one by one or together', () => {
  const bytes = Object.values(DOCUMENTS).map((text) => Buffer.from(text, 'utf8'));
  const together = read(...bytes).snapshots;
  expect(snapshotsOfVisits(bytes.flatMap((one) => readDocuments(one).documents)).snapshots).toEqual(together);
});

test('INV-11 a value in the place of any other is in no issue', () => {
  const secret = '卡纳里13800000000';
  const spoilt =
    DOCUMENTS['front-page']?.replaceAll(/(value|code|root|extension|codeSystem|displayName|type)="[^"]*"/g, `$1="${secret}"`) ?? '';
  const renamed = documentOf(`<${secret.slice(0, 3)}>${COMPLAINT}`).replaceAll('section', 's13800000000');
  expect(JSON.stringify([read(spoilt).issues, read(renamed).issues])).not.toMatch(/卡纳里|13800000000/);
});
