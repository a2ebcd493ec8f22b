import type { RelayOptions, RelayProfile } from '@zhida/relay';

export const POLICE = 'agency:police-440299';
export const CIVIL_AFFAIRS = 'agency:civil-affairs-440299';
export const RELAY = 'relay:yunxi';
export const GATEWAY = 'gateway:yunxi';
/** An invented hospital of the invented county 云溪县. */
export const FACILITY = '91440299MA5DEM0001';
/** A township hospital of the same county, whose station has no system: somebody hands its reports over and says so. */
export const TOWNSHIP = '91440299MA5DEM0002';
export const STATION = 'agency:station-440299100';

export const profile: RelayProfile = {
  id: 'yunxi-440299',
  version: '1',
  regionCode: '440299',
  hospitalIndex: { [FACILITY]: 3, [TOWNSHIP]: 4 },
  recipients: [
    {
      party: POLICE,
      kind: 'police',
      view: 'police',
      name: { zh: '县公安局110指挥中心', en: 'County police 110' },
      system: 'push',
      priority: 1,
    },
    {
      party: CIVIL_AFFAIRS,
      kind: 'civil-affairs',
      view: 'civil-affairs',
      name: { zh: '县民政局', en: 'Civil affairs' },
      system: 'push',
      priority: 2,
    },
  ],
};

/** The same county with its township hospital and the station there. */
export const profileWithTownship: RelayProfile = {
  ...profile,
  recipients: [
    ...profile.recipients,
    {
      party: STATION,
      kind: 'police',
      view: 'police',
      name: { zh: '城关派出所', en: 'Chengguan station' },
      system: 'no-system',
      priority: 3,
      facilities: [TOWNSHIP],
    },
  ],
};

/** The agencies of the tests are on this machine. */
const LOOPBACK = { privateNetworks: ['127.0.0.0/8'] } as const;
export const endpoints: NonNullable<RelayOptions['endpoints']> = { [POLICE]: LOOPBACK, [CIVIL_AFFAIRS]: LOOPBACK };
