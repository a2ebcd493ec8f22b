import { ZhidaError } from '@zhida/core';

/** How many presses this process works on at once. What is refused was not begun, so its sender brings it again whole. */
export interface Admission {
  readonly underWay: number;
  /** @throws ZhidaError `ZD_ERR_BUSY` while there is no place: looked at before a body is read, and again by `run` after it. */
  refuseWhenFull(): void;
  /** Works on one press in a place of its own. @throws ZhidaError `ZD_ERR_BUSY` while there is none, and what `work` throws. */
  run<Value>(work: () => Promise<Value>): Promise<Value>;
}

/**
 * Presses wait in memory while a process has no CPU left for them, and nothing else ends that. A bound on how many, and none on how many
 * in a time: whoever is refused may come again at once, and no report is limited away. No place is held while a body is on its way, because
 * senders that are slow would hold up the others.
 */
export function createAdmission(underWayMax: number, refused: () => void): Admission {
  let underWay = 0;
  const refuseWhenFull = (): void => {
    if (underWay < underWayMax) return;
    refused();
    throw new ZhidaError('ZD_ERR_BUSY', 'as many presses are under way as this process works on');
  };
  return {
    get underWay() {
      return underWay;
    },
    refuseWhenFull,
    async run(work) {
      refuseWhenFull();
      underWay += 1;
      try {
        return await work();
      } finally {
        underWay -= 1;
      }
    },
  };
}
