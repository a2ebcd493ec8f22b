import { createDetector } from '@zhida/detect';
import { ageAtMessage, applyMessage, messagesIn, readMessage } from '@zhida/hl7v2';
import { nationalRulePack } from '@zhida/packs';
import { HL7Message } from 'hl7v2';
import { adultMessages, minorMessages } from './messages.js';

// Run as `pnpm bench hl7v2`.
// Budgets (design): a minor's message to its Assessment at 85 % of the parser's own rate or more, an adult's at five times that
// rate. Rates are of CPU time, so that a busy machine does not change the ratio.

const MESSAGES = 600;
const ROUNDS = 30;
const SKIM = { adults: 'skim' } as const;

function bench(): void {
  const minors = minorMessages(MESSAGES);
  const adults = adultMessages(MESSAGES);
  const file = Buffer.concat(minors.flatMap((bytes) => [bytes, Buffer.from('\n\n')]));
  print('minors', [
    ['the parser alone', () => parse(minors)],
    ['message to snapshot', () => toSnapshots(minors)],
    ['message to Assessment', () => toAssessments(minors)],
    ['split a file', () => void [...messagesIn(file)]],
  ]);
  print('adults', [
    ['the parser alone', () => parse(adults)],
    ['age from the bytes', () => adults.forEach((bytes) => void ageAtMessage(bytes))],
    ['message to snapshot', () => toSnapshots(adults)],
    ['message to Assessment', () => toAssessments(adults)],
  ]);
}

type Work = readonly [name: string, work: () => void];

/** Best CPU time of each of many rounds; the works take turns, so that what else the machine does falls on all alike. */
function print(title: string, works: readonly Work[]): void {
  const best = works.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, [, work]] of works.entries()) {
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      best[index] = Math.min(best[index] ?? 0, user + system);
    }
  }
  const [parser = 0] = best;
  for (const [index, [name]] of works.entries()) {
    const micros = best[index] ?? 0;
    const perSecond = Math.round((MESSAGES / micros) * 1e6).toLocaleString('en');
    process.stdout.write(`${`${name}, ${title}`.padEnd(32)} ${perSecond.padStart(10)}/s  ${(parser / micros).toFixed(2)} × the parser\n`);
  }
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

const detector = createDetector({ pack: nationalRulePack });
const NOW = Date.UTC(2026, 4, 3, 14);

/** As the gateway does: a message about a certain adult, of whom nothing is known, is assessed by its age alone. */
function toAssessments(messages: readonly Buffer[]): void {
  for (const bytes of messages) {
    const { message } = readMessage(bytes, SKIM);
    if (message === undefined || message.skimmed) continue;
    for (const { snapshot } of applyMessage([], message).changes) detector.assess(snapshot, { now: NOW });
  }
}

bench();
