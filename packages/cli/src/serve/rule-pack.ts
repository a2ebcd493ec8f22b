import { readFile } from 'node:fs/promises';
import { ZhidaError } from '@zhida/core';
import { nationalRulePack, type RulePack } from '@zhida/packs';
import { loadRulePack } from '@zhida/packs/load';
import type { GatewaySection } from './configuration-schema.js';

/** The rules a gateway is configured with. @throws ZhidaError `ZD_ERR_PACK_INVALID`, `ZD_ERR_OPTION_INVALID` for a key that cannot be read */
export async function rulePackOf({ pack, packKey }: GatewaySection, path: (written: string) => string): Promise<RulePack> {
  if (pack === undefined) return nationalRulePack;
  if (packKey === undefined) return loadRulePack(path(pack));
  const publicKey = await readFile(path(packKey), 'utf8').catch((cause: unknown) => {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the file it names cannot be read', { at: 'gateway.packKey', cause });
  });
  return loadRulePack(path(pack), { publicKey });
}
