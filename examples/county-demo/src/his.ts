import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@zhida/core';
import { openKeyDirectory } from '@zhida/signing';
import { runChild } from './child.js';
import { createChannels } from './his/channels.js';
import { createFhirStore } from './his/fhir-store.js';
import { createGatewayClient } from './his/gateway.js';
import { createHis } from './his/server.js';
import { openCharts } from './his/store.js';
import { HOST } from './layout.js';

export interface HisConfig {
  readonly keys: string;
  readonly data: string;
  readonly port: number;
  readonly gatewayUrl: string;
  readonly mllp: { readonly gb18030: number; readonly utf8: number };
  readonly dropFolder: string;
  readonly fhirCode: string;
}

export interface HisReady {
  /** Opens the demo HIS in a browser; the same at every start, so that an open page can be reloaded. */
  readonly signInUrl: string;
  readonly code: string;
}

/** The code of an earlier start of this folder, or a new one. */
function keptCode(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const code = randomBytes(12).toString('base64url');
  // A kill leaves the whole file or none.
  writeFileSync(`${file}.new`, code, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return code;
}

runChild(async (config: HisConfig) => {
  const { port, gatewayUrl, fhirCode } = config;
  const gateway = createGatewayClient(await openKeyDirectory(config.keys), gatewayUrl);
  const charts = openCharts(config.data, systemClock);
  const fhir = createFhirStore(systemClock);
  const channels = createChannels({ gateway, fhir, mllp: { host: HOST, ...config.mllp }, dropFolder: config.dropFolder });
  const code = keptCode(join(config.data, 'sign-in-code'));
  const app = await createHis({ charts, channels, gateway, fhir, gatewayUrl, code, fhirCode, clock: systemClock });
  await app.listen({ host: HOST, port });
  const ready: HisReady = { signInUrl: `http://${HOST}:${port}/?code=${code}`, code };
  return {
    ready,
    async stop() {
      channels.close();
      await app.close();
    },
  };
});
