/** The languages that pages are written in. */
export type ScreenLocale = 'zh-CN' | 'en';

/**
 * The language of a page: what the address asks for, else what was chosen before, else the first one of `Accept-Language`
 * (RFC 9110 §12.5.4, weights included) that there is, else Chinese.
 */
export function pickScreenLocale(asked: unknown, chosen: string | undefined, acceptLanguage: string | undefined): ScreenLocale {
  return screenLocaleOf(asked) ?? screenLocaleOf(chosen) ?? accepted(acceptLanguage ?? '') ?? 'zh-CN';
}

/** The locale of a language tag, or `undefined` for one there is no translation for. */
export function screenLocaleOf(tag: unknown): ScreenLocale | undefined {
  if (typeof tag !== 'string') return undefined;
  const primary = tag.trim().toLowerCase().split('-')[0];
  if (primary === 'zh') return 'zh-CN';
  return primary === 'en' ? 'en' : undefined;
}

function accepted(header: string): ScreenLocale | undefined {
  return header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';');
      const weight = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((q) => q !== undefined);
      return { locale: screenLocaleOf(tag), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((left, right) => right.weight - left.weight)
    .find(({ locale }) => locale !== undefined)?.locale;
}
