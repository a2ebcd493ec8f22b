import { DEFAULT_ZONE } from '@zhida/core';
import type { MoreTexts, Texts } from '../locales/texts.js';
import type { PressProgress } from '../machine/headline.js';
import type { StatusLine } from '../wire.js';
import type { ViewContext } from '../view/context.js';
import type { Kit } from './kit.js';

type VoucherKit = Pick<Kit, 'headlineOf' | 'fill' | 'clockTime'>;

/**
 * 履职凭证: what the doctor may keep. Number, times and what each recipient has proved; nothing of the child, of the
 * department or of anybody else.
 */
export function voucherText(
  { headlineOf, fill, clockTime }: VoucherKit,
  words: MoreTexts,
  { texts, now, pressCase }: Pick<ViewContext, 'texts' | 'now' | 'pressCase'>,
  press: PressProgress,
): string {
  const { key, number, agencyNumber, at } = headlineOf(press);
  const language = texts.lang === 'en' ? 'en' : 'zh';
  const lines = press.status === undefined ? [] : press.status.lines;
  return [
    words.voucherTitle,
    pressCase.prefill.facility?.name || '',
    fill(texts.number, { number }),
    dateAndTime(press.status?.createdAt),
    fill(texts.headline[key], { number, agencyNumber, time: clockTime(at, now) }),
    ...lines.map((line) =>
      [line.recipient.name[language], ...provedBy(line, texts), line.agencyNumber || '', line.deliveryId]
        .filter((part) => part !== '')
        .join('  '),
    ),
    words.voucherCheck,
  ]
    .filter((part) => part !== '')
    .join('\r\n');
}

/** Each stage a recipient has reached, with its own time. */
function provedBy({ storedAt, acceptedAt, attestedAt }: StatusLine, { line }: Texts): string[] {
  const stages = [
    [line.attested, attestedAt],
    [line.stored, storedAt],
    [line.accepted, acceptedAt],
  ] as const;
  return stages.filter(([, at]) => at).map(([words, at]) => `${words.replace('{time}', '').trim()} ${dateAndTime(at)}`);
}

/** `2026-11-22 21:05:07`, by the hospital's wall clock. */
function dateAndTime(time: string | null | undefined): string {
  const instant = Date.parse(time || '');
  return instant > 0 ? new Date(instant).toLocaleString('sv-SE', { timeZone: DEFAULT_ZONE }) : '';
}

/** Hands the text to the browser as a file, by the person's own press. */
export function saveVoucher(kit: VoucherKit, words: MoreTexts, context: ViewContext, press: PressProgress): void {
  const { number } = kit.headlineOf(press);
  const address = URL.createObjectURL(new Blob(['\ufeff', voucherText(kit, words, context, press)], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${number}.txt`;
  link.click();
  URL.revokeObjectURL(address);
}
