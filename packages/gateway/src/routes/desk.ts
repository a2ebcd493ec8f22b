import { toldAtOnce } from '@zhida/packs';
import { requireOwnOrigin } from '@zhida/signing';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { String as Text } from 'typebox';
import type { GatewayContext } from '../context.js';
import { actingViewer, createDeskAccess } from '../desk/access.js';
import { drillsOf } from '../desk/drills.js';
import type { DeskRoad } from '../desk/desk-relay.js';
import { lastHandover } from '../desk/handover.js';
import { unansweredPrompts } from '../desk/held.js';
import { alarmsTab } from '../desk/pages/alarms.js';
import { exercisesTab } from '../desk/pages/exercises.js';
import type { DeskContent, DeskFrame, DeskTab } from '../desk/pages/layout.js';
import { waitingList } from '../desk/pages/list.js';
import { deskScript } from '../desk/pages/script.js';
import { deskStyle } from '../desk/pages/style-sheet.js';
import { handoverTab, linesTab, promptsTab, rosterTab } from '../desk/pages/tabs.js';
import { reviewTab } from '../desk/pages/review.js';
import { decisionsToReview } from '../desk/reviews.js';
import type { RelayClient } from '../relay-client.js';
import { formOf } from './body.js';
import { deskActRoutes } from './desk-acts.js';
import { deskAlarmRoutes } from './desk-alarms.js';
import { deskReviewRoutes } from './desk-reviews.js';
import {
  type AtDesk,
  atDesk,
  type DeskParts,
  formOfPage,
  frameOf,
  type OpenRows,
  openRows,
  pageOf,
  redirect,
  sendDesk,
  sendSignIn,
  showDeskProblem,
  unlessAway,
} from './desk-page.js';
import { documented, OPEN } from './documented.js';

const FILE_SECONDS = 300;

/** S9, 总值班台: what the police have not accepted, whom to call, and what else a person at the desk answers for. */
export function deskRoutes(app: FastifyInstance, context: GatewayContext, relay: RelayClient): void {
  const parts: DeskParts = { context, relay, access: createDeskAccess(context) };
  void app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => showDeskProblem(parts, request, reply, error));
    fileRoutes(scope);
    signInRoutes(scope, parts);
    tabRoutes(scope, parts);
    deskActRoutes(scope, parts);
    deskAlarmRoutes(scope, parts);
    deskReviewRoutes(scope, parts);
  });
}

function fileRoutes(app: FastifyInstance): void {
  const file = (path: string, produces: string, text: string): void => {
    app.get(
      path,
      documented({ summary: 'A file of the duty desk', tags: ['pages'], access: OPEN, answer: Text(), produces }),
      (_request, reply) => reply.header('cache-control', `public, max-age=${FILE_SECONDS}`).type(`${produces}; charset=utf-8`).send(text),
    );
  };
  file('/duty/style.css', 'text/css', deskStyle);
  file('/duty/desk.js', 'text/javascript', deskScript);
}

function signInRoutes(app: FastifyInstance, parts: DeskParts): void {
  const { access } = parts;
  app.get('/duty/sign-in', pageOf('Where a person signs in to the duty desk', OPEN), async (request, reply) =>
    sendSignIn(parts, request, reply, access.people.hadSession(request) ? 'ended' : undefined),
  );
  app.post('/duty/sign-in', formOfPage('Signs a person in for one shift', ['officer', 'code'], OPEN), async (request, reply) => {
    requireOwnOrigin(request);
    const form = formOf(request);
    const officer = await access.officers.signIn(form.get('officer')?.trim() ?? '', form.get('code') ?? '');
    if (officer === undefined) return sendSignIn(parts, request, reply.code(401), 'failed');
    void reply.header('set-cookie', access.people.sessionCookie(request, officer));
    return redirect(reply, '/duty');
  });
  app.post('/duty/sign-out', formOfPage('Signs out', []), async (request, reply) => {
    await actingViewer(access, request);
    void reply.header('set-cookie', access.people.endingCookie(request));
    return redirect(reply, '/duty/sign-in');
  });
}

interface TabContent {
  readonly tab: DeskTab;
  readonly summary: string;
  readonly make: (at: AtDesk & { readonly open: OpenRows }, frame: DeskFrame) => Promise<DeskContent & { readonly unreachable?: boolean }>;
}

function tabRoutes(app: FastifyInstance, parts: DeskParts): void {
  const { context } = parts;
  const tabs: readonly TabContent[] = [
    alarmsContent(context),
    {
      tab: 'prompts',
      summary: '未处置提示: prompts nobody has answered',
      make: async (_at, frame) => ({ live: promptsTab(frame, await unansweredPrompts(context)) }),
    },
    {
      tab: 'review',
      summary: '待复核: reasons against a prompt',
      make: async (_at, frame) => ({ live: reviewTab(frame, await decisionsToReview(context)) }),
    },
    {
      tab: 'roster',
      summary: '值班表: who is on duty, and when nobody is',
      make: async (_at, frame) => ({ live: rosterTab(frame, frame.roster, context.facility.dutyContact) }),
    },
    {
      tab: 'exercises',
      summary: '演练: exercises planned, running and past, and when each agency signed and accepted',
      make: async ({ asked, open: { rows } }, frame) => {
        const exercised = await unlessAway(asked.exercised());
        const held = rows.filter(({ mode, number }) => mode === 'exercise' && number === null);
        const drills = await drillsOf(context, exercised?.reports ?? [], held);
        return {
          live: exercisesTab(frame, context.facility.name, { drills, more: exercised?.more ?? false, known: exercised !== undefined }),
          unreachable: exercised === undefined,
        };
      },
    },
    {
      tab: 'lines',
      summary: '线路: how the road to each recipient stands',
      make: async ({ asked }, frame) => {
        const roads = await unlessAway(asked.roads());
        return { live: linesTab(frame, ownRoads(context, roads ?? [])), unreachable: roads === undefined };
      },
    },
  ];
  app.get('/duty', pageOf('总值班台: reports the police have not accepted'), (request, reply) =>
    show(parts, request, reply, {
      tab: 'waiting',
      make: async ({ open: { rows, more } }, frame) => ({ live: waitingList(frame, rows, more) }),
    }),
  );
  for (const content of tabs) {
    app.get(`/duty/${content.tab}`, pageOf(content.summary), (request, reply) => show(parts, request, reply, content));
  }
  // Two forms stand in it, and a page that renews itself under a finger is pressed wrongly: it stands still.
  app.get('/duty/handover', pageOf('交班: what is open, and who takes over'), (request, reply) =>
    show(parts, request, reply, {
      tab: 'handover',
      make: async ({ viewer, open: { rows } }, frame) => ({
        still: handoverTab(frame, viewer, { rows, last: await lastHandover(context) }),
      }),
    }),
  );
}

function alarmsContent({ profile: { recipients } }: GatewayContext): TabContent {
  return {
    tab: 'alarms',
    summary: '待确认: alarms nobody has acknowledged',
    make: async ({ asked }, frame) => {
      const told = await unlessAway(asked.alarms());
      return { live: alarmsTab({ ...frame, recipients }, told ?? { alarms: [], more: false }), unreachable: told === undefined };
    },
  };
}

/** Roads that an ordinary report takes, and any other on which something waits or that is down: a county has dozens that are never used. */
function ownRoads({ profile, facility }: GatewayContext, roads: readonly DeskRoad[]): DeskRoad[] {
  const usual = new Set<string>(toldAtOnce(profile, facility.code).map(({ party }) => party));
  return roads.filter((road) => usual.has(road.party) || road.open > 0 || road.disabledSince !== null || road.breakerSince !== null);
}

/** One tab for a signed-in person; who is not goes to the sign-in page. */
async function show(
  parts: DeskParts,
  request: FastifyRequest,
  reply: FastifyReply,
  { tab, make }: Pick<TabContent, 'tab' | 'make'>,
): Promise<FastifyReply> {
  const at = await atDesk(parts, request);
  if (at === undefined) return redirect(reply, '/duty/sign-in');
  const path = tab === 'waiting' ? '/duty' : `/duty/${tab}`;
  const [roster, open] = await Promise.all([unlessAway(at.asked.roster()), openRows(parts, at)]);
  const waiting = open.rows.filter(({ mode }) => mode !== 'exercise').length;
  const frame: DeskFrame = { ...frameOf(parts, request, reply, path), viewer: at.viewer, tab, roster, waiting };
  const { unreachable = false, ...content } = await make({ ...at, open }, frame);
  return sendDesk(reply, { ...frame, unreachable: unreachable || open.away || roster === undefined }, content);
}
