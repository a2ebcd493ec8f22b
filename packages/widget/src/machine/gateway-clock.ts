import type { Pressed } from './form.js';

/** The gateway's clock as far as the page knows it; a workstation's own may be hours off. */
export interface GatewayClock {
  /** When a press is made, by the gateway's clock. */
  readonly pressed: () => Pressed;
  /** When the gateway answered, by its own clock, milliseconds since 1970. */
  readonly heardTime: (gateway: number) => void;
}

export function createGatewayClock(now: () => number): GatewayClock {
  let clockOffsetMs = 0;
  return {
    pressed: () => ({ createdAt: new Date(now() - clockOffsetMs).toISOString(), clockOffsetMs }),
    heardTime(gateway) {
      clockOffsetMs = Math.round(now() - gateway);
    },
  };
}
