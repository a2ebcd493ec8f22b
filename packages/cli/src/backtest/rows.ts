/** Four numbers a row, 32 bytes: what a back-test holds of every visit of a child, so that a year of records fits into memory. */
export interface Rows {
  add(patient: number, visit: number, start: number, end: number): number;
  /** Rows of the patients for whom `wanted` says yes, by patient and then by time; rows of one instant as they came. */
  sorted(wanted: (patient: number) => boolean): readonly Row[];
  patientOf(row: number): number;
}

export interface Row {
  readonly row: number;
  readonly patient: number;
  readonly visit: number;
  readonly start: number;
  readonly end: number;
}

const WIDTH = 4;
const FIRST_ROWS = 4_096;

export function createRows(): Rows {
  let numbers = new Float64Array(FIRST_ROWS * WIDTH);
  let count = 0;
  const at = (row: number): Row => {
    const [patient = 0, visit = 0, start = 0, end = 0] = numbers.subarray(row * WIDTH, (row + 1) * WIDTH);
    return { row, patient, visit, start, end };
  };
  return {
    add(...values) {
      if ((count + 1) * WIDTH > numbers.length) {
        const wider = new Float64Array(numbers.length * 2);
        wider.set(numbers);
        numbers = wider;
      }
      numbers.set(values, count * WIDTH);
      count += 1;
      return count - 1;
    },
    sorted(wanted) {
      const rows: Row[] = [];
      for (let row = 0; row < count; row += 1) if (wanted(numbers[row * WIDTH] ?? 0)) rows.push(at(row));
      return rows.toSorted((a, b) => a.patient - b.patient || a.start - b.start || a.row - b.row);
    },
    patientOf: (row) => at(row).patient,
  };
}
