import { canonicalJson, fingerprint, type Json } from '@zhida/core';
import { createDetector, type Detector, type RulesUsed } from '@zhida/detect';
import { packValidity, type RulePack } from '@zhida/packs';
import { recordAudit } from './audit.js';
import type { GatewayContext } from './context.js';
import type { GatewayOptions } from './options.js';

/** As long as an id of the log may be, with the digest of the pack in front. */
const OVERLAY_DIGITS = 32;

/** A pack takes a third of a second to compile and tens of megabytes; the gateways of a process share what it compiles to. */
const compiled = new WeakMap<RulePack, Detector>();

/** @throws ZhidaError `ZD_ERR_PACK_INVALID`; `ZD_ERR_OPTION_INVALID` for an overlay that chooses what it may not */
export async function detectorOf({ pack, overlay }: Pick<GatewayOptions, 'pack' | 'overlay'>): Promise<Detector> {
  if (overlay !== undefined) return createDetector({ pack, overlay, overlayDigest: await fingerprint(overlay) });
  const detector = compiled.get(pack) ?? createDetector({ pack });
  compiled.set(pack, detector);
  return detector;
}

/** What rows and the audit log name the rules of an assessment by: another overlay is another set of rules. */
export function rulesDigest({ digest, overlay }: RulesUsed): string {
  return overlay === undefined ? digest : `${digest}.${overlay.slice(0, OVERLAY_DIGITS)}`;
}

/** Puts a hospital's own choices on record, with the reasons it gives for a silent rule; and says by which rules this gateway runs, loudly where they are outside their days. */
export async function recordRules(context: GatewayContext, { pack, overlay }: Pick<GatewayOptions, 'pack' | 'overlay'>): Promise<void> {
  const { id, version, digest, overlay: overlayDigest } = context.detector.rulePack;
  context.logger.info({ pack: id, version, digest, overlayDigest }, 'the rules of this gateway');
  const validity = packValidity(pack, context.clock.now());
  if (validity !== 'in-force') {
    const { effectiveFrom, effectiveTo } = pack;
    context.logger.warn(
      { pack: id, version, validity, effectiveFrom, effectiveTo },
      'the rule pack is outside the days it is meant for, and goes on being used',
    );
  }
  if (overlay === undefined || overlayDigest === undefined) return;
  await context.database.db.transaction().execute((trx) =>
    recordAudit(trx, context, {
      actor: 'gateway',
      action: 'overlay.used',
      subject: { packDigest: digest, overlayDigest },
      detail: JSON.parse(canonicalJson(overlay)) as Json,
    }),
  );
}
