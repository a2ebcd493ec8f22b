import { ZhidaError } from '@zhida/core';
import type { FHIR_SOURCE_DEFAULTS, FhirSourceOptions } from '@zhida/fhir/client';
import type { Hl7Options } from '@zhida/hl7v2';
import type { MllpLimits } from '@zhida/hl7v2/mllp';

/** Where visits come from. Its name is how operators, logs and rows speak of it. */
export type FeedConfig = MllpFeedConfig | FolderFeedConfig | FhirPollFeedConfig | HttpFeedConfig;

/** How HL7 v2 messages of a feed are read; facility, mode and what is done with adults are the gateway's. */
export type Hl7FeedOptions = Omit<Hl7Options, 'facility' | 'adults'>;

/** HL7 v2 messages over MLLP. */
export interface MllpFeedConfig {
  readonly kind: 'mllp';
  /** Lower-case letters, digits and hyphens, at most 40; unique, and kept when the gateway moves: rows carry it. */
  readonly name: string;
  /** Address to listen on. @defaultValue `127.0.0.1` */
  readonly host?: string;
  /** 0 takes a free one; `gateway.feeds` says which. */
  readonly port: number;
  readonly hl7?: Hl7FeedOptions;
  /** @defaultValue `MLLP_LIMITS` of `@zhida/hl7v2/mllp` */
  readonly limits?: Partial<MllpLimits>;
}

export type FolderFormat = 'hl7v2' | 'fhir' | 'encounter' | 'his' | 'cda';

/** Files of a folder, which is read and never written to. */
export interface FolderFeedConfig {
  readonly kind: 'folder';
  readonly name: string;
  readonly path: string;
  /** `hl7v2`: messages; `fhir`: a Bundle, or one a line; `encounter`: a snapshot, a list of them, or one a line; `his`: rows; `cda`: documents. */
  readonly format: FolderFormat;
  /** Path of the mapping file (YAML) of the rows; format `his` needs it. */
  readonly mapping?: string;
  /** Pause between two looks. A file is read once two looks have found it the same. @defaultValue 1 000 ms */
  readonly pollMs?: number;
  readonly hl7?: Hl7FeedOptions;
}

/** A FHIR server that is asked for what has changed. */
export interface FhirPollFeedConfig {
  readonly kind: 'fhir-poll';
  readonly name: string;
  /** Service base URL, without credentials in it. */
  readonly baseUrl: string;
  /** Gives the bearer token of the next request, where the server wants one. */
  readonly bearerToken?: () => Promise<string>;
  /** RFC 3339; where to begin when nothing was read yet. @defaultValue when the feed is first started */
  readonly since?: string;
  /** Pause between two questions. @defaultValue 10 000 ms */
  readonly pollMs?: number;
  /** @defaultValue `FHIR_SOURCE_DEFAULTS` of `@zhida/fhir/client` */
  readonly limits?: FhirPollLimits;
}

/** Sizes, time-outs and retries of the requests to a FHIR server. */
export type FhirPollLimits = Partial<Pick<FhirSourceOptions, keyof typeof FHIR_SOURCE_DEFAULTS>>;

/** How `POST /v1/encounters` reads what is not a snapshot or a Bundle. The door is open without it. */
export interface HttpFeedConfig {
  readonly kind: 'http';
  readonly name: typeof HTTP_FEED;
  readonly hl7?: Hl7FeedOptions;
  /** Paths of mapping files by the name a request asks for: `?mapping=NAME`. */
  readonly mappings?: Readonly<Record<string, string>>;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** The feed of `POST /v1/encounters`. */
export const HTTP_FEED = 'http';

/**
 * Checks the feeds once, at start.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming the place, for example `feeds[1].path`.
 */
export function checkFeeds(feeds: readonly FeedConfig[] = []): readonly FeedConfig[] {
  const names = new Set<string>();
  for (const [index, feed] of feeds.entries()) {
    const refuse = (key: string, why: string): never => {
      throw new ZhidaError('ZD_ERR_OPTION_INVALID', why, { at: `feeds[${index}].${key}` });
    };
    if (!NAME.test(feed.name)) refuse('name', 'a feed’s name is lower-case letters, digits and hyphens, at most 40');
    if ((feed.name === HTTP_FEED) !== (feed.kind === 'http')) refuse('name', 'the feed of the HTTP door, and no other, is called http');
    if (names.has(feed.name)) refuse('name', 'two feeds have this name');
    names.add(feed.name);
    const wrong = wrongKeyOf(feed);
    if (wrong !== undefined) refuse(...wrong);
  }
  return feeds;
}

function wrongKeyOf(feed: FeedConfig): [key: string, why: string] | undefined {
  if (feed.kind === 'mllp') return isWholeNumber(feed.port, 0, 65_535) ? undefined : ['port', 'a port is a number from 0 to 65535'];
  if (feed.kind === 'http') return undefined;
  if (feed.pollMs !== undefined && !isWholeNumber(feed.pollMs, 1, Number.MAX_SAFE_INTEGER)) {
    return ['pollMs', 'a pause is a whole number of milliseconds above 0'];
  }
  if (feed.kind === 'fhir-poll') return isBaseUrl(feed.baseUrl) ? undefined : ['baseUrl', 'an http(s) address without credentials'];
  if (feed.path === '') return ['path', 'a folder feed needs a folder'];
  if ((feed.format === 'his') !== (feed.mapping !== undefined)) return ['mapping', 'rows need a mapping, and nothing else has one'];
  return undefined;
}

function isWholeNumber(value: number, from: number, to: number): boolean {
  return Number.isSafeInteger(value) && value >= from && value <= to;
}

function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}
