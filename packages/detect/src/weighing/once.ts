import { twice } from '../text/scan.js';

const FIRST_CAPACITY = 1024;
const ROUND_MAX = 0x7fffffff;

/** Tells the first time a number is met from every other time, round after round, with nothing to clear between two rounds. */
export class Once {
  /** By number the round it was last met in. */
  #metIn: Int32Array = new Int32Array(FIRST_CAPACITY);
  #round = 0;

  begin(): void {
    if (this.#round === ROUND_MAX) {
      this.#metIn.fill(0);
      this.#round = 0;
    }
    this.#round += 1;
  }

  isFirst(number: number): boolean {
    while (number >= this.#metIn.length) this.#metIn = twice(this.#metIn);
    if (this.#metIn[number] === this.#round) return false;
    this.#metIn[number] = this.#round;
    return true;
  }
}
