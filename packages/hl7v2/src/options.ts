import {
  type Arrival,
  DEFAULT_ZONE,
  type Disposition,
  type EncounterClass,
  type Facility,
  type NoteSection,
  zoneOffsetMs,
} from '@zhida/core';

/** How the messages of one feed are read. Everything is optional. */
export interface Hl7Options {
  /** IANA zone of times without an offset. @defaultValue `Asia/Shanghai` */
  readonly zone?: string;
  /** Whose feed this is. Where it is not said, MSH-4 names the facility. */
  readonly facility?: Facility;
  /**
   * `skim`: of a message about somebody who is certainly an adult only who, where and when is read, no fact and no name.
   * @defaultValue `read`
   */
  readonly adults?: 'read' | 'skim';
  /** Patient numbers are the same whoever assigns them (CX-4). Say so only where two numberings never meet. @defaultValue `false` */
  readonly ignoreAuthorities?: boolean;
  /** What a snapshot calls the identifiers of an assigning authority (CX-4.1) or of an identifier type (CX-5). */
  readonly identifierSystems?: Readonly<Record<string, string>>;
  /** A hospital's own codes, asked before the built-in tables. */
  readonly codes?: {
    /** PV1-2. */
    readonly patientClass?: Readonly<Record<string, EncounterClass>>;
    /** PV1-14. */
    readonly admitSource?: Readonly<Record<string, Arrival>>;
    /** PV1-36. */
    readonly disposition?: Readonly<Record<string, Disposition>>;
    /** TXA-2, OBX-3, OBR-4 and OBR-24. */
    readonly section?: Readonly<Record<string, NoteSection>>;
  };
}

/** Options with their defaults, tables as maps. */
export interface Settings {
  readonly zone: string;
  readonly facility: Facility | undefined;
  readonly skimAdults: boolean;
  readonly ignoreAuthorities: boolean;
  readonly identifierSystems: ReadonlyMap<string, string>;
  readonly patientClasses: ReadonlyMap<string, EncounterClass>;
  readonly admitSources: ReadonlyMap<string, Arrival>;
  readonly dispositions: ReadonlyMap<string, Disposition>;
  readonly sections: ReadonlyMap<string, NoteSection>;
}

const resolved = new WeakMap<Hl7Options, Settings>();
const DEFAULTS: Hl7Options = {};

/** Checks the options once; an object passed again is not checked again. @throws ZhidaError `ZD_ERR_OPTION_INVALID` for an unknown zone. */
export function settingsOf(options: Hl7Options = DEFAULTS): Settings {
  const known = resolved.get(options);
  if (known !== undefined) return known;
  const zone = options.zone ?? DEFAULT_ZONE;
  zoneOffsetMs(0, zone);
  const settings: Settings = {
    zone,
    facility: options.facility,
    skimAdults: options.adults === 'skim',
    ignoreAuthorities: options.ignoreAuthorities ?? false,
    identifierSystems: new Map(Object.entries(options.identifierSystems ?? {})),
    patientClasses: new Map(Object.entries(options.codes?.patientClass ?? {})),
    admitSources: new Map(Object.entries(options.codes?.admitSource ?? {})),
    dispositions: new Map(Object.entries(options.codes?.disposition ?? {})),
    sections: new Map(Object.entries(options.codes?.section ?? {})),
  };
  resolved.set(options, settings);
  return settings;
}
