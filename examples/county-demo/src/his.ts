import { randomBytes } from 'node:crypto';
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
  /** Opens the demo HIS in a browser; new at every start. */
  readonly signInUrl: string;
  readonly code: string;
}

runChild(async (config: HisConfig) => {
  const { port, gatewayUrl, fhirCode } = config;
  const gateway = createGatewayClient(await openKeyDirectory(config.keys), gatewayUrl);
  const charts = openCharts(config.data, systemClock);
  const fhir = createFhirStore(systemClock);
  const channels = createChannels({ gateway, fhir, mllp: { host: HOST, ...config.mllp }, dropFolder: config.dropFolder });
  const code = randomBytes(12).toString('base64url');
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
