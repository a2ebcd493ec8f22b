import { ARRIVALS, DISPOSITIONS, ENCOUNTER_CLASSES, type Json, NOTE_SECTIONS } from '@zhida/core';
import {
  Array as ArrayOf,
  Boolean as Flag,
  Enum,
  Integer,
  Literal,
  Number as Num,
  Object as ObjectOf,
  Optional,
  Record as RecordOf,
  type Static,
  String as Text,
  Union,
  Unknown,
  Unsafe,
} from 'typebox';

const closed = { additionalProperties: false } as const;
const path = (description: string) => Text({ minLength: 1, description });
const list = ArrayOf(Text({ minLength: 1 }));

const listen = ObjectOf({ host: Text({ minLength: 1 }), port: Integer({ minimum: 0, maximum: 65_535 }) }, closed);
const contact = ObjectOf({ title: Text({ minLength: 1 }), phone: Optional(Text()), email: Optional(Text()) }, closed);

const place = {
  keys: path('Key directory, made by `zhida keys create`.'),
  data: path('Where the audit log’s files go.'),
  database: Optional(path('A file with the URL of the PostgreSQL database. Without it the embedded server of `embedded` is used.')),
  listen,
};

const profile = path('The jurisdiction profile: a JSON file, or `sample-county` for the invented county.');

const channel = Union([
  ObjectOf({ kind: Literal('log') }, closed),
  ObjectOf(
    { kind: Literal('mail'), smtp: path('A file with the SMTP URL.'), from: Text({ minLength: 1 }), subject: Text({ minLength: 1 }) },
    closed,
  ),
  ObjectOf({ kind: Literal('webhook'), url: Text({ minLength: 1 }), privateNetworks: Optional(list) }, closed),
  ObjectOf(
    {
      kind: Literal('sms'),
      url: Text({ minLength: 1 }),
      as: Enum(['form', 'json']),
      fields: Unsafe<Readonly<Record<string, Json>>>(
        RecordOf(Text({ minLength: 1 }), Unknown(), {
          description: 'The body; `{phone}`, `{text}` and `{secret}` inside a text stand for what is sent.',
        }),
      ),
      headers: Optional(RecordOf(Text({ minLength: 1 }), Text())),
      secret: Optional(path('A file with what `{secret}` stands for.')),
      takenWhen: Optional(
        ObjectOf(
          { member: Text({ minLength: 1 }), is: Text() },
          { ...closed, description: 'The member of a JSON answer that says whether it was taken.' },
        ),
      ),
      privateNetworks: Optional(list),
    },
    closed,
  ),
]);

const address = ObjectOf({ host: Text({ minLength: 1 }), port: Integer({ minimum: 1, maximum: 65_535 }) }, closed);
const addresses = ArrayOf(address, { minItems: 1 });
const login = {
  username: Optional(Text({ minLength: 1 })),
  password: Optional(path('A file with the password.')),
};

/** Which of these belong together is said in `queue-section.ts`: a union of whole objects could not tell what is missing. */
const queue = ObjectOf(
  {
    backend: Enum(['postgres', 'redis']),
    url: Optional(path('A file with the URL of one Redis server.')),
    sentinel: Optional(
      ObjectOf(
        {
          name: Text({ minLength: 1, description: 'The name the sentinels watch the master under.' }),
          nodes: addresses,
          ...login,
        },
        closed,
      ),
    ),
    cluster: Optional(ObjectOf({ nodes: addresses }, closed)),
    ...login,
    tls: Optional(
      ObjectOf(
        {
          ca: Optional(path('PEM file of the authorities to believe. Without it the system’s own.')),
          cert: Optional(path('PEM file of the relay’s own certificate, where the servers ask for one.')),
          key: Optional(path('PEM file of its key.')),
        },
        closed,
      ),
    ),
    prefix: Optional(Text({ minLength: 1, description: 'Begins every key; it holds a hash tag such as `{zhida}`.' })),
  },
  closed,
);

const relay = ObjectOf(
  {
    ...place,
    profile,
    facilities: ArrayOf(Text({ minLength: 1 }), { minItems: 1, description: '统一社会信用代码 of the reporting facilities.' }),
    queue: Optional(queue),
    endpoints: Optional(
      RecordOf(
        Text({ pattern: '^(agency|relay):' }),
        ObjectOf(
          {
            concurrency: Optional(Integer({ minimum: 1 })),
            perSecond: Optional(Num({ exclusiveMinimum: 0 })),
            privateNetworks: Optional(list),
            via: Optional(Text({ pattern: '^relay:', description: 'Another relay that reaches this agency.' })),
            ferry: Optional(ObjectOf({ out: Text({ minLength: 1 }), in: Text({ minLength: 1 }) }, closed)),
          },
          closed,
        ),
      ),
    ),
    addressTable: Optional(path('CSV of standard addresses and their stations.')),
    calendar: Optional(path('JSON of days off and worked weekends (调休) by year, laid over the shipped calendar year by year.')),
    escalation: Optional(
      ObjectOf(
        {
          channels: Optional(ArrayOf(channel, { minItems: 1 })),
          fallbackContact: Optional(contact),
          upperContact: Optional(contact),
          locale: Optional(Enum(['zh-CN', 'en'])),
          repeatMinutes: Optional(Num({ exclusiveMinimum: 0 })),
        },
        closed,
      ),
    ),
  },
  closed,
);

const hl7 = Optional(
  ObjectOf(
    {
      zone: Optional(Text({ minLength: 1, description: 'IANA zone of times without an offset.' })),
      ignoreAuthorities: Optional(Flag({ description: 'Patient numbers are the same whoever assigns them.' })),
      identifierSystems: Optional(RecordOf(Text(), Text())),
      codes: Optional(
        ObjectOf(
          {
            patientClass: Optional(RecordOf(Text(), Enum([...ENCOUNTER_CLASSES]))),
            admitSource: Optional(RecordOf(Text(), Enum([...ARRIVALS]))),
            disposition: Optional(RecordOf(Text(), Enum([...DISPOSITIONS]))),
            section: Optional(RecordOf(Text(), Enum([...NOTE_SECTIONS]))),
          },
          closed,
        ),
      ),
    },
    closed,
  ),
);
const name = Text({ minLength: 1 });
const feed = Union([
  ObjectOf({ kind: Literal('mllp'), name, host: Optional(Text()), port: Integer({ minimum: 0, maximum: 65_535 }), hl7 }, closed),
  ObjectOf(
    {
      kind: Literal('folder'),
      name,
      path: path('The folder; it is read and never written to.'),
      format: Enum(['hl7v2', 'fhir', 'encounter', 'his', 'cda']),
      mapping: Optional(path('Mapping file of the rows.')),
      pollMs: Optional(Integer({ minimum: 1 })),
      hl7,
    },
    closed,
  ),
  ObjectOf(
    {
      kind: Literal('fhir-poll'),
      name,
      baseUrl: Text({ minLength: 1 }),
      token: Optional(path('A file with the bearer token; read again before each request.')),
      since: Optional(Text()),
      pollMs: Optional(Integer({ minimum: 1 })),
    },
    closed,
  ),
  ObjectOf({ kind: Literal('http'), name: Literal('http'), hl7, mappings: Optional(RecordOf(Text(), Text())) }, closed),
]);

const gateway = ObjectOf(
  {
    ...place,
    relayParty: Text({ pattern: '^relay:' }),
    facility: ObjectOf(
      {
        code: Text({ minLength: 1 }),
        name: Text({ minLength: 1 }),
        regionCode: Text({ pattern: '^[0-9]{6}$' }),
        address: Text(),
        dutyContact: ObjectOf({ title: Text({ minLength: 1 }), phone: Text({ minLength: 1 }) }, closed),
        securityContact: Optional(
          ObjectOf({ phone: Text({ minLength: 1 }) }, { ...closed, description: '保卫科, shown to a clinician who asks for help.' }),
        ),
        advisers: Optional(
          ArrayOf(
            ObjectOf(
              {
                kind: Enum(['safeguarding', 'senior-hospital', 'procuratorate']),
                name: Text({ minLength: 1 }),
                phone: Text({ minLength: 1 }),
              },
              closed,
            ),
          ),
        ),
      },
      closed,
    ),
    profile,
    pack: Optional(path('A rule pack file. Without it the national pack is used.')),
    overlay: Optional(
      path('The hospital’s own words, silent rules and moved levels over the pack (JSON, as `zhida pack lint` checks it).'),
    ),
    packKey: Optional(path('PEM file of the key the pack must be signed with.')),
    hisOrigins: Optional(list),
    feeds: Optional(ArrayOf(feed)),
  },
  closed,
);

const agency = ObjectOf(
  {
    keys: place.keys,
    inbox: Optional(path('A directory for the inbox, where the agency has no PostgreSQL.')),
    database: Optional(path('A file with the URL of the PostgreSQL database of the inbox.')),
    listen,
    fetchFrom: Optional(Text({ pattern: '^relay:', description: 'Fetch from this relay, where no call comes in from outside.' })),
    ferry: Optional(ObjectOf({ in: Text({ minLength: 1 }), out: Text({ minLength: 1 }) }, closed)),
  },
  closed,
);

const exercise = ObjectOf(
  {
    id: Text({ minLength: 1, description: 'Every report of the exercise names it.' }),
    facilities: ArrayOf(Text({ minLength: 1 }), { minItems: 1, description: '统一社会信用代码 of the facilities that take part.' }),
    from: Text({ minLength: 1, description: 'RFC 3339 with an offset.' }),
    until: Text({ minLength: 1, description: 'RFC 3339 with an offset; from then on nothing of it is taken.' }),
    patients: ArrayOf(
      ObjectOf(
        {
          name: Text({ minLength: 1 }),
          identifiers: ArrayOf(ObjectOf({ system: Text({ minLength: 1 }), value: Text({ minLength: 1 }) }, closed), {
            minItems: 1,
            description: 'All that the visits of the record name it by; a patient who has another identifier is none of the exercise.',
          }),
        },
        closed,
      ),
      { minItems: 1 },
    ),
  },
  closed,
);

/** The configuration file of the services. Secrets are never in it: they are files it names. */
export const CONFIGURATION_SCHEMA = ObjectOf(
  {
    embedded: Optional(path('Folder of the embedded PostgreSQL, for services that name no database.')),
    logLevel: Optional(Enum(['fatal', 'error', 'warn', 'info', 'debug'])),
    exercises: Optional(
      ArrayOf(exercise, {
        description: 'Exercises (演练) over the production lines: the same for the gateway and the relay of a hospital.',
      }),
    ),
    relay: Optional(relay),
    gateway: Optional(gateway),
    agency: Optional(agency),
  },
  closed,
);

export type Configuration = Static<typeof CONFIGURATION_SCHEMA>;
export type RelaySection = Static<typeof relay>;
export type QueueSection = Static<typeof queue>;
export type GatewaySection = Static<typeof gateway>;
export type AgencySection = Static<typeof agency>;
export type ChannelSection = Static<typeof channel>;
export type FeedSection = Static<typeof feed>;
