/** An age somebody wrote down, as far as the words go. */
export interface StatedAge {
  /** Completed years the words say at least. */
  readonly years: number;
  /** Completed months the words say at least: 156 for "13岁". */
  readonly months: number;
  /** Days, only where the words count days, weeks or hours. */
  readonly days?: number;
  /** The smallest unit the words name. `years` leaves eleven months open, `months` thirty days. */
  readonly precision: 'years' | 'months' | 'days';
  /** The words themselves say it is a guess: 约, 左右, about, ?. */
  readonly approximate: boolean;
}

const TEXT_LENGTH_MAX = 40;
const YEARS_MAX = 150;
const DAYS_PER_MONTH = 30.44;

const UNITS: Readonly<Record<string, 'year' | 'month' | 'week' | 'day' | 'hour'>> = {
  岁: 'year',
  周岁: 'year',
  年: 'year',
  y: 'year',
  yr: 'year',
  yrs: 'year',
  yo: 'year',
  year: 'year',
  years: 'year',
  月: 'month',
  月龄: 'month',
  m: 'month',
  mo: 'month',
  mos: 'month',
  month: 'month',
  months: 'month',
  周: 'week',
  周龄: 'week',
  星期: 'week',
  w: 'week',
  wk: 'week',
  wks: 'week',
  week: 'week',
  weeks: 'week',
  天: 'day',
  日: 'day',
  日龄: 'day',
  d: 'day',
  day: 'day',
  days: 'day',
  小时: 'hour',
  时: 'hour',
  h: 'hour',
  hr: 'hour',
  hrs: 'hour',
  hour: 'hour',
  hours: 'hour',
};
// Longest first, so that 周岁 is not read as weeks.
const UNIT_PATTERN = Object.keys(UNITS)
  .sort((left, right) => right.length - left.length || (left < right ? -1 : 1))
  .join('|');
const PART = new RegExp(`^(\\d{1,3}(?:\\.\\d)?|半)(?:个)?(半)?(${UNIT_PATTERN})(半)?(?:零|又|and|,)?`);
const GUESS_BEFORE = /^(?:约|大约|大概|估计|近|about|approx|approximately|around|ca|~|～|\?)\.?/;
const GUESS_AFTER = /(?:左右|上下|许|大小|\?|？)$/;
const NOISE_BEFORE = /^(?:年龄|age|aged|出生后|生后|出生|满)[:：]?/;
const NOISE_AFTER = /(?:old|ofage|大)$/;
const DIGITS: Readonly<Record<string, number>> = { 零: 0, 〇: 0, 一: 1, 二: 2, 两: 2, 三: 3, 四: 4, 五: 5, 六: 6, 七: 7, 八: 8, 九: 9 };

/**
 * Reads an age as people write it: `13岁`, `8月`, `28天`, `1岁6月`, `3岁半`, `十四周岁`, `约8月`, `5 years`, `18 mo`, `about 15 years`.
 *
 * A guess marked as such (约, about) may leave out the unit in English, which means years. A bare number, a range (`2-3岁`),
 * 虚岁 (counted differently) and everything else give `undefined`: a wrong age is worse than none.
 */
export function parseStatedAge(text: string): StatedAge | undefined {
  if (text.length > TEXT_LENGTH_MAX) return undefined;
  const { words, approximate } = withoutFrame(normalise(text));
  if (approximate && /^\d{1,2}$/.test(words)) return stated({ year: Number(words) }, approximate);
  const amounts: Partial<Record<Unit, number>> = {};
  let rest = words;
  while (rest !== '') {
    const match = PART.exec(rest);
    const unit = UNITS[match?.[3] ?? ''];
    if (match === null || unit === undefined || unit in amounts) return undefined;
    const half = match[2] !== undefined || match[4] !== undefined ? 0.5 : 0;
    amounts[unit] = (match[1] === '半' ? 0.5 : Number(match[1])) + half;
    rest = rest.slice(match[0].length);
  }
  return stated(amounts, approximate);
}

type Unit = 'year' | 'month' | 'week' | 'day' | 'hour';

function stated(amounts: Partial<Record<Unit, number>>, approximate: boolean): StatedAge | undefined {
  const { year, month, week, day, hour } = amounts;
  if ([year, month, week, day, hour].every((amount) => amount === undefined)) return undefined;
  const smallDays = (week ?? 0) * 7 + (day ?? 0) + (hour ?? 0) / 24;
  const countsDays = week !== undefined || day !== undefined || hour !== undefined;
  const bigMonths = (year ?? 0) * 12 + (month ?? 0);
  const months = Math.floor(bigMonths + Math.floor(smallDays / DAYS_PER_MONTH));
  if (months > YEARS_MAX * 12) return undefined;
  const base = { years: Math.floor(months / 12), months, approximate };
  if (countsDays) return { ...base, days: Math.floor(bigMonths * DAYS_PER_MONTH + smallDays), precision: 'days' };
  return { ...base, precision: month === undefined && Number.isInteger(year) ? 'years' : 'months' };
}

function withoutFrame(text: string): { words: string; approximate: boolean } {
  let words = text.replace(NOISE_BEFORE, '');
  const guessed = words.replace(GUESS_BEFORE, '');
  const approximate = guessed !== words || GUESS_AFTER.test(words);
  words = guessed.replace(GUESS_AFTER, '').replace(NOISE_AFTER, '').replace(NOISE_BEFORE, '');
  return { words, approximate };
}

/** Half-width, lower case, no white space or hyphens between words, Chinese numerals up to 九十九 as digits. */
function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/([a-z0-9])-(?=[a-z])/g, '$1')
    .replace(/\s+/g, '')
    .replace(/[零〇一二两三四五六七八九十]+/g, (numeral) => chineseNumber(numeral) ?? numeral);
}

function chineseNumber(numeral: string): string | undefined {
  const match = /^([一二三四五六七八九])?(十)?([零〇一二两三四五六七八九])?$/.exec(numeral);
  if (match === null) return undefined;
  const [, tens, ten, ones] = match;
  if (ten === undefined) return tens !== undefined && ones !== undefined ? undefined : String(DIGITS[tens ?? ones ?? ''] ?? '');
  return String((tens === undefined ? 1 : (DIGITS[tens] ?? 0)) * 10 + (ones === undefined ? 0 : (DIGITS[ones] ?? 0)));
}
