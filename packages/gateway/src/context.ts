import type { Clock, Exercise } from '@zhida/core';
import type { OpenDatabase } from '@zhida/database';
import type { Detector } from '@zhida/detect';
import type { JurisdictionProfile } from '@zhida/packs';
import type { KeyDirectory, KeyMode } from '@zhida/signing';
import type { FastifyBaseLogger } from 'fastify';
import type { GatewayFacility } from './options.js';
import type { PromptChanges } from './prompts/changes.js';
import type { RowKeys } from './row-keys.js';
import type { GatewaySchema } from './schema.js';
import type { Sealing } from './sealing.js';
import type { GatewaySettings } from './settings.js';

/** What every part of the gateway is handed once, at start. */
export interface GatewayContext {
  readonly database: OpenDatabase<GatewaySchema>;
  readonly keys: KeyDirectory;
  readonly relayParty: string;
  readonly facility: GatewayFacility;
  readonly profile: JurisdictionProfile;
  readonly detector: Detector;
  readonly clock: Clock;
  readonly logger: FastifyBaseLogger;
  readonly fetch: typeof fetch;
  readonly settings: GatewaySettings;
  readonly sealing: Sealing;
  readonly rowKeys: RowKeys;
  readonly mode: KeyMode;
  /** Those of this facility. */
  readonly exercises: readonly Exercise[];
  readonly changes: PromptChanges;
  readonly hisOrigins: readonly string[];
}
