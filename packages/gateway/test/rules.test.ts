import { nationalRulePack } from '@zhida/packs';
import { expect, test } from 'vitest';
import { detectorOf } from '../src/rules.js';

test('gateways share what one pack compiles to, and neither with another pack nor with a hospital’s own choices', async () => {
  const detector = await detectorOf({ pack: nationalRulePack });
  expect(await detectorOf({ pack: nationalRulePack })).toBe(detector);
  const other = await detectorOf({ pack: { ...nationalRulePack, version: '9.9.9' } });
  expect(other.rulePack.version).toBe('9.9.9');
  const { rulePack } = await detectorOf({ pack: nationalRulePack, overlay: {} });
  expect([rulePack.overlay, detector.rulePack.overlay]).toEqual([expect.any(String), undefined]);
});
