import { type Clock, isZhidaError } from '@zhida/core';
import { packValidity } from '@zhida/packs';
import type { GatewaySection } from '../serve/configuration-schema.js';
import { rulePackOf } from '../serve/rule-pack.js';
import { type CheckLine, look, right, wrong } from './check.js';

/** Which rules the gateway uses, whether they are whole and signed as the configuration wants, and whether today is one of their days. */
export async function packLine(section: GatewaySection, path: (written: string) => string, clock: Clock): Promise<CheckLine> {
  try {
    const pack = await rulePackOf(section, path);
    const { id, version, effectiveFrom, effectiveTo = '' } = pack;
    const validity = packValidity(pack, clock.now());
    if (validity === 'not-yet') return look('packNotYet', 'packOutside', { id, version, day: effectiveFrom });
    if (validity === 'over') return look('packOver', 'packOutside', { id, version, day: effectiveTo });
    return right('pack', { id, version, rules: pack.rules.length });
  } catch (error) {
    if (!isZhidaError(error)) throw error;
    return wrong('packWrong', 'packWrong', { at: error.at ?? 'gateway.pack', why: error.message });
  }
}
