/** Rows of a WHO table: where, and the median and variation there. */
type Rows = readonly (readonly [at: number, m: number, s: number])[];
type RowsWithL = readonly (readonly [at: number, l: number, m: number, s: number])[];

/**
 * WHO Child Growth Standards (2006), weight for length by length in centimetres: kg. Values of WHO's published LMS tables at these
 * lengths, compared with the tables row by row on 2026-11-27; L is the same at every length. Between two lengths M and S are taken on
 * the straight line, which is within 0.3 per cent of the full table.
 */
export const WEIGHT_FOR_LENGTH: Readonly<Record<'male' | 'female', { readonly l: number; readonly rows: Rows }>> = {
  male: {
    l: -0.3521,
    rows: [
      [45, 2.441, 0.09182],
      [47.5, 2.8609, 0.09036],
      [50, 3.3278, 0.0889],
      [52.5, 3.8814, 0.08741],
      [55, 4.5467, 0.08592],
      [60, 5.9907, 0.08342],
      [65, 7.2666, 0.08223],
      [70, 8.4227, 0.08229],
      [75, 9.5032, 0.08295],
      [80, 10.4475, 0.08308],
      [82.5, 10.935, 0.0826],
      [85, 11.5007, 0.08181],
      [90, 12.7209, 0.08041],
      [95, 13.8928, 0.08047],
      [100, 15.1637, 0.08198],
      [105, 16.6268, 0.08453],
      [110, 18.2689, 0.08755],
    ],
  },
  female: {
    l: -0.3833,
    rows: [
      [45, 2.4607, 0.09029],
      [47.5, 2.8867, 0.09048],
      [50, 3.3518, 0.09068],
      [52.5, 3.9105, 0.09089],
      [55, 4.5498, 0.0911],
      [60, 5.8742, 0.09136],
      [65, 7.0812, 0.09119],
      [70, 8.163, 0.09068],
      [75, 9.149, 0.09005],
      [80, 10.0891, 0.0894],
      [85, 11.2198, 0.08898],
      [90, 12.4723, 0.08906],
      [95, 13.7146, 0.08963],
      [100, 15.0267, 0.09069],
      [105, 16.547, 0.09219],
      [110, 18.3324, 0.09401],
    ],
  },
};

/**
 * WHO Growth Reference for 5 to 19 years (2007), body mass index by age in completed months: kg/m². Values of WHO's published LMS table at
 * every birthday, compared with the table on 2026-11-27; between two birthdays L, M and S are taken on the straight line.
 */
export const BMI_FOR_AGE: Readonly<Record<'male' | 'female', RowsWithL>> = {
  male: [
    [60, -0.7151, 15.2679, 0.08366],
    [72, -0.9921, 15.3062, 0.08682],
    [84, -1.246, 15.4832, 0.09068],
    [96, -1.4629, 15.7368, 0.09526],
    [108, -1.6318, 16.049, 0.10038],
    [120, -1.7407, 16.4433, 0.10566],
    [132, -1.7862, 16.9392, 0.1107],
    [144, -1.7751, 17.5334, 0.11522],
    [156, -1.7168, 18.233, 0.11898],
    [168, -1.6211, 19.005, 0.12191],
    [180, -1.4961, 19.7744, 0.12412],
    [192, -1.3529, 20.4951, 0.12579],
    [204, -1.1962, 21.1423, 0.12715],
    [216, -1.026, 21.7077, 0.12836],
    [228, -0.8419, 22.1883, 0.12948],
  ],
  female: [
    [60, -0.8702, 15.2453, 0.09646],
    [72, -1.0794, 15.2697, 0.10195],
    [84, -1.2565, 15.4036, 0.10746],
    [96, -1.388, 15.681, 0.11291],
    [108, -1.465, 16.0964, 0.11816],
    [120, -1.4864, 16.6133, 0.12307],
    [132, -1.4606, 17.2459, 0.12748],
    [144, -1.4006, 17.9966, 0.13129],
    [156, -1.3195, 18.8012, 0.13445],
    [168, -1.2266, 19.5647, 0.137],
    [180, -1.1311, 20.2125, 0.13904],
    [192, -1.0368, 20.7008, 0.1407],
    [204, -0.9423, 21.0367, 0.14208],
    [216, -0.8462, 21.2603, 0.1433],
    [228, -0.7496, 21.4269, 0.14441],
  ],
};

/** L, M and S at a place of a table, on the straight line between its rows; `undefined` outside it. */
export function lmsAt(rows: RowsWithL, at: number): { l: number; m: number; s: number } | undefined {
  for (let index = 1; index < rows.length; index += 1) {
    const low = rows[index - 1];
    const high = rows[index];
    if (low === undefined || high === undefined || at < low[0] || at > high[0]) continue;
    const share = (at - low[0]) / (high[0] - low[0]);
    const between = (column: 1 | 2 | 3): number => low[column] + share * (high[column] - low[column]);
    return { l: between(1), m: between(2), s: between(3) };
  }
  return undefined;
}
