import type { PromptView } from '@zhida/gateway';
import type { County } from './county.js';
import type { DemoFeed } from './feeds.js';
import { type ExpectedVisit, expectedVisits } from './his/expected.js';
import type { SentDay, SentVisit } from './his/routes/driver.js';

/** Answers each visit before the HIS sends the next: nothing is left to wait for. */
const HTTP = 'http';
const DEADLINE_MS = 60_000;
const POLL_MS = 100;
/** Whose prompts are everybody's. */
const DUTY_OFFICE = 'D0001';

/** What one feed brought in. */
export interface Arrival {
  readonly visits: readonly SentVisit[];
  readonly messages: number;
  readonly setAside: number;
  readonly red: number;
  readonly orange: number;
}

interface FeedMessage {
  readonly id: string;
  readonly status: 'received' | 'processed' | 'set-aside' | 'refused';
  readonly receivedAt: string;
}

/**
 * Has the HIS send the day of one feed, waits until the gateway has worked on all of it, and holds every visit against what is
 * expected of it: the children who should be looked at are, and nobody else is.
 */
export async function bringIn(county: County, { feed, gatewayName }: DemoFeed): Promise<Arrival> {
  const sent = await county.hisCall<SentDay>(`/feeds/${feed}/send`);
  const messages = gatewayName === HTTP ? [] : await settled(county, gatewayName, sent);
  const setAside = messages.filter(({ status }) => status === 'set-aside' || status === 'refused').length;
  // Nothing this HIS sends is broken: what was not taken is a fault of ours.
  if (setAside > 0) throw new Error(`of ${messages.length} messages of ${gatewayName} ${setAside} were not taken`);
  const prompts = await promptsOf(county, sent);
  checkLevels(sent, prompts);
  const levels = [...prompts.values()].map(({ level }) => level);
  return {
    visits: sent.visits,
    messages: Math.max(messages.length, sent.messages),
    setAside,
    red: levels.filter((level) => level === 'red').length,
    orange: levels.filter((level) => level === 'orange').length,
  };
}

/** The messages of this hospital day, once none of them waits. */
async function settled(county: County, name: string, { since, messages: wanted }: SentDay): Promise<readonly FeedMessage[]> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const messages = await messagesSince(county, name, since);
    if (messages.length >= wanted && messages.every(({ status }) => status !== 'received')) return messages;
    if (performance.now() > deadline) throw new Error(`of ${wanted} messages the feed ${name} has worked on ${messages.length}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function messagesSince(county: County, name: string, since: string): Promise<FeedMessage[]> {
  const { token } = await county.hisCall<{ token: string }>('/administrator/token');
  const found: FeedMessage[] = [];
  for (let before: string | undefined; ; before = found.at(-1)?.id) {
    const url = new URL(`/ops/feeds/${name}/messages`, county.layout.url('gateway'));
    if (before !== undefined) url.searchParams.set('before', before);
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`the gateway answered ${response.status} to how a feed stands`);
    const { messages } = (await response.json()) as { messages: FeedMessage[] };
    const ofToday = messages.filter(({ receivedAt }) => Date.parse(receivedAt) >= Date.parse(since));
    found.push(...ofToday);
    if (messages.length === 0 || ofToday.length < messages.length) return found;
  }
}

async function promptsOf(county: County, { visits }: SentDay): Promise<ReadonlyMap<string, PromptView>> {
  const { token } = await county.hisCall<{ token: string }>(`/clinicians/${DUTY_OFFICE}/token`);
  const response = await fetch(new URL('/v1/prompts', county.layout.url('gateway')), { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`the gateway answered ${response.status} to the list of prompts`);
  const { prompts } = (await response.json()) as { prompts: PromptView[] };
  const own = new Set(visits.map(({ visitNumber }) => visitNumber));
  return new Map(prompts.filter(({ encounter }) => own.has(encounter.visitNumber)).map((prompt) => [prompt.encounter.visitNumber, prompt]));
}

/** A chart that a person has changed since says whatever it says. */
function checkLevels({ visits }: SentDay, prompts: ReadonlyMap<string, PromptView>): void {
  const expected = new Map<number, ExpectedVisit>(expectedVisits().map((visit) => [visit.serial, visit]));
  for (const { serial, visitNumber, edited } of visits) {
    const { level = 'none', rules = [] } = expected.get(serial) ?? {};
    const prompt = prompts.get(visitNumber);
    const found = (prompt?.reasons ?? []).map(({ ruleId }) => ruleId);
    const isAsExpected = (prompt?.level ?? 'none') === level && rules.every((rule) => found.includes(rule));
    if (!edited && !isAsExpected) {
      throw new Error(
        `visit ${serial}: expected ${level} ${rules.join(' ')}, the gateway says ${prompt?.level ?? 'none'} ${found.join(' ')}`,
      );
    }
  }
}
