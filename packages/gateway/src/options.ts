import type { Clock, EncounterSnapshot, Mode } from '@zhida/core';
import type { OpenDatabase } from '@zhida/database';
import type { JurisdictionProfile, RulePack } from '@zhida/packs';
import type { KeyDirectory } from '@zhida/signing';
import type { FastifyBaseLogger } from 'fastify';
import type { GatewaySchema } from './schema.js';

/** The hospital this gateway speaks for. */
export interface GatewayFacility {
  readonly code: string;
  readonly name: string;
  readonly regionCode: string;
  readonly address: string;
  readonly dutyContact: { readonly title: string; readonly phone: string };
}

export interface GatewayOptions {
  readonly database: OpenDatabase<GatewaySchema>;
  readonly keys: KeyDirectory;
  /** The party name of the relay behind this gateway, for example `relay:440299-01`; its trust file must have been added. */
  readonly relayParty: string;
  readonly facility: GatewayFacility;
  readonly profile: JurisdictionProfile;
  readonly pack: RulePack;
  readonly dataDirectory: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly clock?: Clock;
  readonly logger?: FastifyBaseLogger;
  readonly fetch?: typeof fetch;
  readonly settings?: Partial<GatewaySettings>;
}

/** Durations and limits, all with a stated unit. */
export interface GatewaySettings {
  /** How long a press waits for the relay's 202 before the page is told `held`. */
  readonly relayAnswerMs: number;
  /** Pauses between attempts to hand a held press to the relay; the last one repeats for ever. */
  readonly outboxLadderMs: readonly number[];
  readonly outboxSweepMs: number;
  /** A press ticket's life; past it the press is still taken and flagged. At most 72 h (design 4.4). */
  readonly ticketHours: number;
  readonly accessTokenSeconds: number;
  /** 先救治: how long a deferred prompt stays quiet. */
  readonly deferMinutes: number;
  readonly maxDeferrals: number;
  /** Gap that ends an episode. */
  readonly episodeGapHours: number;
  /** How long a snapshot that led to nothing is kept. */
  readonly keepSnapshotDays: number;
  readonly maxBodyBytes: number;
  readonly maxReportBytes: number;
}

export const GATEWAY_DEFAULTS: GatewaySettings = {
  relayAnswerMs: 3_000,
  outboxLadderMs: [1_000, 2_000, 5_000, 10_000, 30_000, 60_000],
  outboxSweepMs: 500,
  ticketHours: 72,
  accessTokenSeconds: 900,
  deferMinutes: 15,
  maxDeferrals: 2,
  episodeGapHours: 72,
  keepSnapshotDays: 90,
  maxBodyBytes: 16 * 1024 * 1024,
  maxReportBytes: 1024 * 1024,
};

/** What every part of the gateway is handed once, at start. */
export interface GatewayContext {
  readonly database: OpenDatabase<GatewaySchema>;
  readonly keys: KeyDirectory;
  readonly relayParty: string;
  readonly facility: GatewayFacility;
  readonly profile: JurisdictionProfile;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly settings: GatewaySettings;
  readonly sealing: Sealing;
  readonly mode: Mode;
  readonly changes: PromptChanges;
}

/** Seals and opens what the gateway stores about people. */
export interface Sealing {
  /** A new data key, wrapped for storage, and a sealer bound to it. */
  create(): { wrapped: Uint8Array; seal(text: string, purpose: string): Uint8Array };
  open(wrapped: Uint8Array, sealed: Uint8Array, purpose: string): string;
  /** Seals bytes under a key of their own that travels wrapped in front of them. */
  sealWhole(bytes: Uint8Array, purpose: string): Uint8Array;
}

/** Tells open streams of this process that a prompt changed; other processes are found by polling rows. */
export interface PromptChanges {
  publish(promptId: string): void;
  subscribe(listener: (promptId: string) => void): () => void;
}

export interface StoredEncounter {
  readonly snapshot: EncounterSnapshot;
  readonly revision: number;
}
