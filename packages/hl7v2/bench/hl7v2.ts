import { createDetector } from '@zhida/detect';
import { ageAtMessage, applyMessage, messagesIn, readMessage } from '@zhida/hl7v2';
import { nationalRulePack } from '@zhida/packs';
import { HL7Message } from 'hl7v2';
import { adultMessages, minorMessages } from './messages.js';

/**
 * What reading a message costs: `pnpm bench hl7v2 [--quick]`. Rates are of CPU time beside the parser's own, so that a busy machine does
 * not change the ratio. `--quick` shows that it works and measures nothing worth reading.
 */
const BUDGETS = { minorsOfTheParser: { atLeast: 0.85 }, adultsOfTheParser: { atLeast: 5 } } as const;

const quick = process.argv.includes('--quick');
const MESSAGES = quick ? 20 : 600;
const ROUNDS = quick ? 1 : 30;
const SKIM = { adults: 'skim' } as const;

function bench(): void {
  const minors = minorMessages(MESSAGES);
  const adults = adultMessages(MESSAGES);
  const file = Buffer.concat(minors.flatMap((bytes) => [bytes, Buffer.from('\n\n')]));
  const perSecond = {
    ...rates('minors', [
      ['the parser alone', () => parse(minors)],
      ['message to snapshot', () => toSnapshots(minors)],
      ['message to Assessment', () => toAssessments(minors)],
      ['split a file', () => void [...messagesIn(file)]],
    ]),
    ...rates('adults', [
      ['the parser alone', () => parse(adults)],
      ['age from the bytes', () => adults.forEach((bytes) => void ageAtMessage(bytes))],
      ['message to snapshot', () => toSnapshots(adults)],
      ['message to Assessment', () => toAssessments(adults)],
    ]),
  };
  const ofParser = (who: string): number =>
    (perSecond[`message to Assessment, ${who}`] ?? Number.NaN) / (perSecond[`the parser alone, ${who}`] ?? Number.NaN);
  const figures: Record<keyof typeof BUDGETS, number> = { minorsOfTheParser: ofParser('minors'), adultsOfTheParser: ofParser('adults') };
  process.stdout.write(`${JSON.stringify({ figures, budgets: BUDGETS, perSecond }, undefined, 2)}\n`);
}

type Work = readonly [name: string, work: () => void];

/** Messages a second in the best of many rounds; the works take turns, so that what else the machine does falls on all alike. */
function rates(title: string, works: readonly Work[]): Record<string, number> {
  const best = works.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, [, work]] of works.entries()) {
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      best[index] = Math.min(best[index] ?? 0, user + system);
    }
  }
  return Object.fromEntries(works.map(([name], index) => [`${name}, ${title}`, Math.round((MESSAGES / (best[index] ?? 0)) * 1e6)]));
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
