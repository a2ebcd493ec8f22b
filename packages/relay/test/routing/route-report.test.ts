import { nationalProfile, sampleCountyProfile } from '@zhida/packs';
import { isReleaseKind, RECIPIENT_KINDS, type Report } from '@zhida/report';
import { describe, expect, test } from 'vitest';
import { readAddressTable, type RelayProfile } from '../../src/index.js';
import { conflictsOf, hiddenFrom } from '../../src/routing/conflicts.js';
import { releaseRecipients, routeReport } from '../../src/routing/route-report.js';

const profile: RelayProfile = sampleCountyProfile;
const [COUNTY = '', XIKOU = ''] = Object.keys(profile.hospitalIndex);

function report(overrides: Partial<Report> = {}): Report {
  return { schemaVersion: '1', reportId: 'rpt_0', mode: 'test', kind: 'initial', createdAt: '', facility: {}, ...overrides };
}

function routed(overrides: Partial<Report> = {}, facility = COUNTY, csv?: string): string[] {
  const given = report(overrides);
  const addressTable = csv === undefined ? undefined : readAddressTable(csv).table;
  return routeReport(given, { profile, facility, conflicts: conflictsOf(given), addressTable }).map(({ party }) =>
    party.replace('agency:', ''),
  );
}

describe('an ordinary report', () => {
  test('of the county hospital goes to the 110 centre and the county’s civil affairs, and is filed with its health bureau', () => {
    expect(routed()).toEqual(['police-440299', 'civil-affairs-440299', 'health-commission-440299']);
  });

  test('of a township hospital goes to the station that covers it as well', () => {
    expect(routed({}, XIKOU)).toEqual(['police-440299', 'police-440299101', 'civil-affairs-440299', 'health-commission-440299']);
  });

  test('goes to civil affairs of where the child is: here while it is here, at home once it has left', () => {
    const address = { text: '', regionCode: '440205100' };
    expect(routed({ patient: { address }, whereabouts: { status: 'in-facility' } })).toContain('civil-affairs-440299');
    // Of another county of this city the profile knows nobody: one level up the tree.
    expect(routed({ patient: { address }, whereabouts: { status: 'left' } })).toEqual([
      'police-440299',
      'civil-affairs-4402',
      'health-commission-440299',
    ]);
    // Of another province it knows nobody at all: its own county.
    expect(routed({ patient: { address: { text: '', regionCode: '110101' } }, whereabouts: { status: 'left' } })).toContain(
      'civil-affairs-440299',
    );
  });

  test('is never routed by the region in front of a resident number', () => {
    const identifiers = [{ system: 'cn-resident-id', value: '440205201303180000' }];
    expect(routed({ patient: { identifiers }, whereabouts: { status: 'left' } })).not.toContain('civil-affairs-4402');
  });

  test('goes to none of the kinds that wait for a release', () => {
    for (const facility of Object.keys(profile.hospitalIndex)) {
      const given = report();
      expect(routeReport(given, { profile, facility, conflicts: [] }).filter(({ view }) => isReleaseKind(view))).toEqual([]);
    }
  });

  test('reaches nobody by the national profile alone, which names nobody', () => {
    expect(nationalProfile.recipients).toEqual([]);
  });
});

describe('a conflict of interest', () => {
  test.each([
    [['police'], ['civil-affairs-440299', 'police-4402', 'procuratorate-440299', 'health-commission-440299']],
    [['公安机关人员'], ['civil-affairs-440299', 'police-4402', 'procuratorate-440299', 'health-commission-440299']],
    [['civil-affairs'], ['police-440299', 'civil-affairs-4402', 'procuratorate-440299', 'health-commission-440299']],
    [['agency:police-440299101'], ['civil-affairs-440299', 'police-4402', 'procuratorate-440299', 'health-commission-440299']],
    [['procuratorate'], ['police-440299', 'civil-affairs-440299', 'procuratorate-4402', 'health-commission-440299']],
    [
      ['police', 'procuratorate'],
      ['civil-affairs-440299', 'police-4402', 'procuratorate-4402', 'health-commission-440299'],
    ],
    [['facility'], ['police-440299', 'civil-affairs-440299', 'procuratorate-440299', 'health-commission-4402']],
    [['account:duty-7'], ['police-440299', 'civil-affairs-440299', 'procuratorate-440299', 'health-commission-4402']],
    [['他是我们副院长的亲戚'], ['police-440299', 'civil-affairs-440299', 'procuratorate-440299', 'health-commission-4402']],
    [['health-commission'], ['police-440299', 'civil-affairs-440299', 'procuratorate-440299', 'health-commission-4402']],
    [[' '], ['police-440299', 'civil-affairs-440299', 'health-commission-440299']],
  ])('%j goes to %j', (conflictOfInterest, parties) => {
    expect(routed({ conflictOfInterest })).toEqual(parties);
  });

  test('takes the township’s own station out with the county’s police', () => {
    expect(routed({ conflictOfInterest: ['police'] }, XIKOU)).not.toContain('police-440299101');
  });

  test('where nobody above is known still reaches somebody who investigates', () => {
    const only: RelayProfile = { ...profile, recipients: profile.recipients.filter(({ party }) => party === 'agency:police-440299') };
    const given = report({ conflictOfInterest: ['police'] });
    expect(routeReport(given, { profile: only, facility: COUNTY, conflicts: ['police'] }).map(({ party }) => party)).toEqual([
      'agency:police-440299',
    ]);
  });

  test('is kept as tokens, never in its words, and says whom it hides the case from', () => {
    const given = report({ conflictOfInterest: ['本院人员', 'account:duty-7', '张某某的叔叔', 'agency:police-440299'] });
    const tokens = conflictsOf(given);
    expect(tokens).toEqual(['account:duty-7', 'agency:police-440299', 'facility', 'unnamed']);
    expect(hiddenFrom(tokens)).toEqual(['duty-7', 'facility']);
  });
});

describe('a release', () => {
  const waiting = RECIPIENT_KINDS.filter(isReleaseKind);
  test.each(waiting)('to %s reaches the nearest of its kind, and with a conflict nobody', (kind) => {
    const facts = { profile, facility: XIKOU, conflicts: [] };
    const parties = releaseRecipients(kind, facts).map(({ kind: of }) => of);
    expect(parties).toEqual([kind]);
    expect(releaseRecipients(kind, { ...facts, conflicts: [kind] })).toEqual([]);
  });

  test('reaches nobody of a kind that waits for none', () => {
    expect(releaseRecipients('procuratorate', { profile, facility: COUNTY, conflicts: [] })).toEqual([]);
  });
});

describe('the table of standard addresses', () => {
  const csv = `标准地址,派出所
溪口镇,agency:police-440299101
溪口镇人民路12号,agency:police-440299102
溪口镇人民路1号,agency:police-440299103
不是机构,station
,agency:police-440299101
1号院,agency:police-440299104
溪口镇,agency:police-440299109
`;
  const { table, issues } = readAddressTable(csv);

  test.each<[address: string, station: string | undefined, why: string]>([
    ['广东省云溪县溪口镇人民路12号3栋', 'agency:police-440299102', 'the longest wins over its beginning'],
    ['云溪县 溪口镇 人民路１２号', 'agency:police-440299102', 'spaces and full-width digits do not matter'],
    ['溪口镇人民路120号', 'agency:police-440299101', 'number 120 is not number 12'],
    ['溪口镇人民路1号', 'agency:police-440299103', 'a number is a whole number'],
    ['石坪镇1号院', 'agency:police-440299104', 'a standard address may begin with a number'],
    ['石坪镇11号院', undefined, 'number 11 is not number 1'],
    ['云溪县石坪镇', undefined, 'an address of no standard address'],
    ['', undefined, 'no address'],
  ])('%s → %s: %s', (address, station) => {
    expect(table.find(address)).toBe(station);
  });

  test('is read as a Chinese spreadsheet writes it, with plain headings too', () => {
    const address = Buffer.from('cfaabfdad5f2', 'hex');
    const bytes = Buffer.concat([Buffer.from('address,station\n'), address, Buffer.from(',agency:police-440299101\n')]);
    expect(readAddressTable(bytes).table.find('云溪县溪口镇人民路')).toBe('agency:police-440299101');
    expect(readAddressTable(Buffer.from(csv)).table.find('溪口镇人民路1号')).toBe('agency:police-440299103');
  });

  test('names rows it cannot use by their place', () => {
    expect(table.size).toBe(4);
    // The last gives a place another station than the first row did.
    expect(issues.map(({ at }) => at)).toEqual(['row 5', 'row 6', 'row 8']);
    expect(() => readAddressTable('地址\n溪口镇')).toThrow(expect.objectContaining({ code: 'ZD_ERR_INPUT_UNREADABLE', at: 'station' }));
  });

  test('sends a child who has left to the station of where it is, beside the police of the hospital', () => {
    const left = { whereabouts: { status: 'left', destination: '溪口镇人民路12号' } } as const;
    const rest = ['civil-affairs-440299', 'health-commission-440299'];
    expect(routed(left, COUNTY, csv)).toEqual(['police-440299', 'police-440299102', ...rest]);
    expect(routed({ ...left, whereabouts: { status: 'in-facility', destination: '溪口镇人民路12号' } }, COUNTY, csv)).toEqual([
      'police-440299',
      ...rest,
    ]);
  });
});
