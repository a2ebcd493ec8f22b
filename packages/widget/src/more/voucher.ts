import type { MoreTexts } from '../locales/texts.js';
import type { PressProgress } from '../machine/headline.js';
import type { ViewContext } from '../view/context.js';
import type { Kit } from './kit.js';

type VoucherKit = Pick<Kit, 'headlineOf' | 'fill' | 'clockTime'>;

/**
 * 履职凭证: what the doctor may keep. Number, times and what each recipient has proved; nothing of the child, of the
 * department or of anybody else.
 */
function voucherText(
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
    press.status?.createdAt || '',
    fill(texts.headline[key], { number, agencyNumber, time: clockTime(at, now) }),
    ...lines.map((line) =>
      [line.recipient.name[language], line.storedAt || '', line.acceptedAt || '', line.agencyNumber || '', line.deliveryId]
        .filter((part) => part !== '')
        .join('  '),
    ),
    words.voucherCheck,
  ]
    .filter((part) => part !== '')
    .join('\r\n');
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
