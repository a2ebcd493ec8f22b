/**
 * The key of an indication: 128 bits, 32 hex digits, of facility, patient and rule.
 *
 * Four 32-bit lanes of multiply-and-rotate over the UTF-16 units, mixed at the end (the construction of MurmurHash3).
 * It is a name to file by, not a secret and not a proof: it must only be the same on every machine and in every version.
 */
export function indicationKey(facility: string, patient: string, ruleId: string): string {
  // Lengths in front keep ("ab", "c") and ("a", "bc") apart without a separator that an id could hold.
  const text = `${facility.length}:${facility}${patient.length}:${patient}${ruleId}`;
  const lanes = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    for (let lane = 0; lane < 4; lane += 1) lanes[lane] = step(lanes[lane] ?? 0, unit + lane, MULTIPLIERS[lane] ?? 1);
  }
  const sum = lanes.reduce((total, lane) => (total + lane) | 0, text.length);
  return lanes.map((lane) => hex(finish((lane + sum) | 0))).join('');
}

const MULTIPLIERS = [0xcc9e2d51, 0x1b873593, 0x85ebca6b, 0xc2b2ae35];

function step(lane: number, unit: number, multiplier: number): number {
  const mixed = Math.imul(lane ^ unit, multiplier);
  return (mixed << 13) | (mixed >>> 19);
}

function finish(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function hex(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, '0');
}
