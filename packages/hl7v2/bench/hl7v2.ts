import { ageAtMessage, applyMessage, messagesIn, readMessage } from '@zhida/hl7v2';
import { HL7Message } from 'hl7v2';
import { adultMessages, minorMessages } from './messages.js';

// Run on the built package: pnpm build && node --import tsx packages/hl7v2/bench/hl7v2.ts
// (from source tsx names every closure, which costs more than half of the rate).
// Budgets (design): a minor's message to its snapshot at 85 % of the parser's own rate or more, an adult's at five times that
// rate. Rates are of CPU time, so that a busy machine does not change the ratio.

const MESSAGES = 600;
const ROUNDS = 30;
const SKIM = { adults: 'skim' } as const;

function bench(): void {
  const minors = minorMessages(MESSAGES);
  const adults = adultMessages(MESSAGES);
  const parserMinors = rate(() => parse(minors));
  const parserAdults = rate(() => parse(adults));
  line('the parser alone, minors', parserMinors, parserMinors);
  line(
    'message to snapshot, minors',
    rate(() => toSnapshots(minors)),
    parserMinors,
  );
  line('the parser alone, adults', parserAdults, parserAdults);
  line(
    'age from the bytes, adults',
    rate(() => adults.forEach((bytes) => void ageAtMessage(bytes))),
    parserAdults,
  );
  line(
    'message to snapshot, adults',
    rate(() => toSnapshots(adults)),
    parserAdults,
  );
  const file = Buffer.concat(minors.flatMap((bytes) => [bytes, Buffer.from('\n\n')]));
  line(
    'split a file',
    rate(() => void [...messagesIn(file)]),
    parserMinors,
  );
}

function parse(messages: readonly Buffer[]): void {
  for (const bytes of messages) HL7Message.parse(bytes.toString('utf8'));
}

function toSnapshots(messages: readonly Buffer[]): void {
  for (const bytes of messages) {
    const { message } = readMessage(bytes, SKIM);
    if (message !== undefined) applyMessage([], message);
  }
}

/** Messages per second of CPU time, the best of many rounds. */
function rate(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, user + system);
  }
  return (MESSAGES / best) * 1e6;
}

function line(name: string, perSecond: number, parser: number): void {
  const ratio = (perSecond / parser).toFixed(2);
  process.stdout.write(`${name.padEnd(30)} ${Math.round(perSecond).toLocaleString('en').padStart(10)}/s  ${ratio} × the parser\n`);
}

bench();
