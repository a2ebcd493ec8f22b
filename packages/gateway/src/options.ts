import type { Clock, Exercise } from '@zhida/core';
import type { OpenDatabase } from '@zhida/database';
import type { Overlay } from '@zhida/detect';
import type { JurisdictionProfile, RulePack } from '@zhida/packs';
import type { KeyDirectory } from '@zhida/signing';
import type { FastifyBaseLogger } from 'fastify';
import type { FeedConfig } from './feeds/config.js';
import type { GatewaySchema } from './schema.js';
import type { GatewaySettings } from './settings.js';

/** Whom a clinician may ask before deciding (想先请教): 保护专员, 上级医院, 检察联络员. */
export interface Adviser {
  readonly kind: 'safeguarding' | 'senior-hospital' | 'procuratorate';
  readonly name: string;
  readonly phone: string;
}

/** The hospital this gateway speaks for. */
export interface GatewayFacility {
  /** 统一社会信用代码 (GB 32100). */
  readonly code: string;
  readonly name: string;
  /** GB/T 2260, six digits. */
  readonly regionCode: string;
  readonly address: string;
  /** Who answers for the hospital day and night; the report is made in the hospital's name. */
  readonly dutyContact: { readonly title: string; readonly phone: string };
  /** The security office (保卫科), for a clinician who is threatened. @defaultValue none: the screen names it without a number */
  readonly securityContact?: { readonly phone: string } | undefined;
  /** @defaultValue the procuratorates the profile names with a telephone */
  readonly advisers?: readonly Adviser[];
}

export interface GatewayOptions {
  readonly database: OpenDatabase<GatewaySchema>;
  readonly keys: KeyDirectory;
  /** The party name of the relay behind this gateway, for example `relay:440299-01`; presses wait until its trust file is added. */
  readonly relayParty: string;
  readonly facility: GatewayFacility;
  readonly profile: JurisdictionProfile;
  readonly pack: RulePack;
  /** The hospital's own words, silent rules and moved levels over the pack. @defaultValue none */
  readonly overlay?: Overlay;
  /** Where the audit log's files go, under `audit/`. */
  readonly dataDirectory: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Exercises over the production lines, as the relay has them; those of other facilities are passed over. @defaultValue none */
  readonly exercises?: readonly Exercise[];
  /** Where visits come from besides `POST /v1/encounters`. @defaultValue none */
  readonly feeds?: readonly FeedConfig[];
  /** Origins of the HIS pages that embed the widget, for example `https://his.hospital.local`. @defaultValue none: only the gateway's own pages */
  readonly hisOrigins?: readonly string[];
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
  /** @defaultValue a pino logger at level `info`; credentials and bodies are redacted whichever logger is given */
  readonly logger?: FastifyBaseLogger;
  /** Used to speak to the relay. @defaultValue the platform's `fetch` */
  readonly fetch?: typeof fetch;
  /** @defaultValue GATEWAY_DEFAULTS */
  readonly settings?: Partial<GatewaySettings>;
}
