import { isZhidaError, problemOf, ZhidaError } from '@zhida/core';
import { phoneScript, type Report } from '@zhida/report';
import type { Viewer } from '@zhida/signing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Object as ObjectOf, String as Text } from 'typebox';
import type { GatewayContext } from '../context.js';
import { actingViewer, deskLocale, type DeskAccess } from '../desk/access.js';
import { type DeskRelay, deskRelay, type DeskReport, type DeskRoster } from '../desk/desk-relay.js';
import { pressedWhere } from '../desk/held.js';
import { DESK_TEXTS } from '../desk/locales/locale.js';
import { type DeskContent, type DeskFrame, deskLayout } from '../desk/pages/layout.js';
import { nameIn } from '../desk/pages/format.js';
import type { DeskNumber, ReportParts } from '../desk/pages/report.js';
import { problemPage, signInPage } from '../desk/pages/small.js';
import { type DeskRow, EMERGENCY, heldRows, rowOf, toldByPhone, waitingRows } from '../desk/rows.js';
import type { RelayClient } from '../relay-client.js';
import { DESK, documented, formBody, type Access } from './documented.js';

/** What the desk's routes work with. */
export interface DeskParts {
  readonly context: GatewayContext;
  readonly relay: RelayClient;
  readonly access: DeskAccess;
}

/**
 * What every page says to the browser: scripts and styles of this origin alone and none in the page, no frame, nothing kept on the disk. The
 * referrer stays within the site, because a browser that sends none also hides the origin of a form.
 */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; img-src 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
};

export function sendDesk(reply: FastifyReply, frame: DeskFrame, content: DeskContent): FastifyReply {
  return reply.headers(HEADERS).type('text/html; charset=utf-8').send(deskLayout(frame, content));
}

/** A page that is printed. Its styles stand in it, so they are let in; nothing else is. */
export function sendSheet(reply: FastifyReply, page: string): FastifyReply {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return reply
    .headers({ ...HEADERS, 'content-security-policy': policy })
    .type('text/html; charset=utf-8')
    .send(page);
}

/** The frame of a page at this address. */
export function frameOf({ context, access }: DeskParts, request: FastifyRequest, reply: FastifyReply, path = '/duty'): DeskFrame {
  const locale = deskLocale(access, request, reply);
  return { texts: DESK_TEXTS[locale], locale, nowMs: context.clock.now(), mode: context.mode, path };
}

export function sendSignIn(
  parts: DeskParts,
  request: FastifyRequest,
  reply: FastifyReply,
  note: 'failed' | 'ended' | undefined,
): FastifyReply {
  const frame = frameOf(parts, request, reply, '/duty/sign-in');
  return sendDesk(reply, frame, { still: signInPage(frame, note) });
}

/** A person stands before these answers, so a refusal is a page too. */
export async function showDeskProblem(
  parts: DeskParts,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): Promise<FastifyReply> {
  const statusCode = (error as { statusCode?: unknown }).statusCode;
  const foreign = typeof statusCode === 'number' && statusCode < 500 && !isZhidaError(error);
  const known = foreign ? new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the request cannot be read', { cause: error }) : error;
  const problem = problemOf(known);
  const about = { route: request.routeOptions.url, code: problem.code, at: problem.at };
  if (problem.status >= 500) request.log.warn(about, 'a page of the duty desk could not be made');
  else request.log.info(about, 'the duty desk was refused');
  // The keys may be what failed, so the viewer is not asked for again when the error is not the request's own.
  const viewer = problem.status >= 500 ? undefined : await parts.access.people.viewer(request);
  const frame = { ...frameOf(parts, request, reply), viewer };
  return sendDesk(reply.code(problem.status), frame, { still: problemPage(frame, problem.code) });
}

/** A signed-in person, and the relay as it is asked in their name. */
export interface AtDesk {
  readonly viewer: Viewer;
  readonly asked: DeskRelay;
}

/** `undefined` for whoever has to sign in first. */
export async function atDesk({ access, relay }: DeskParts, request: FastifyRequest): Promise<AtDesk | undefined> {
  const viewer = await access.people.viewer(request);
  return viewer === undefined ? undefined : { viewer, asked: deskRelay(relay, viewer.officer.id) };
}

/** Who acts by a form. @throws ZhidaError `ZD_ERR_TOKEN_INVALID` for a form of no session, or of another one */
export async function acting({ access, relay }: DeskParts, request: FastifyRequest): Promise<AtDesk> {
  const viewer = await actingViewer(access, request);
  return { viewer, asked: deskRelay(relay, viewer.officer.id) };
}

/** What the relay said, or that it did not answer: the page is shown all the same, with what the gateway knows by itself. */
export async function unlessAway<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    // A relay of the version before does not know what is asked.
    const isAway = isZhidaError(error) && (error.code === 'ZD_ERR_HTTP' || error.code === 'ZD_ERR_NOT_FOUND' || error.status >= 500);
    if (isAway) return undefined;
    throw error;
  }
}

/** The page of one report: how it stands, whom to call, and what to say, which names nobody. */
export async function reportParts(
  context: GatewayContext,
  frame: DeskFrame,
  report: DeskReport,
  roster?: DeskRoster,
): Promise<ReportParts> {
  const pressed = (await pressedWhere(context, [report.reportId])).get(report.reportId);
  return {
    report,
    row: rowOf(context, report, pressed),
    numbers: numbersOf(context, frame, report),
    script: scriptOf(context, frame, report, roster),
  };
}

function numbersOf(context: GatewayContext, frame: DeskFrame, report: DeskReport): DeskNumber[] {
  const own = toldByPhone(context, report).map(({ name, phone }) => ({ name: nameIn(frame, name), phone }));
  return [...own, { name: frame.texts.emergency, phone: EMERGENCY }];
}

/** The short script: whoever is on duty now is whom the police call back. */
function scriptOf({ facility }: GatewayContext, { locale }: DeskFrame, { number, mode }: DeskReport, roster?: DeskRoster): string {
  const phone = roster?.now?.phone ?? facility.dutyContact.phone;
  const dutyContact = { title: facility.dutyContact.title, phone };
  const report = { mode, number, facility: { name: facility.name, dutyContact } } as Report;
  return phoneScript(report, { locale, short: true });
}

/** What the desk answers for now. */
export interface OpenRows {
  /** The longest waiting first. */
  readonly rows: readonly DeskRow[];
  readonly more: boolean;
  /** The relay did not answer: only what waits in the gateway is there. */
  readonly away: boolean;
}

/** What waits for the police, in the ledger and here, the longest first. */
export async function openRows({ context }: DeskParts, { asked }: AtDesk): Promise<OpenRows> {
  const [waiting, held] = await Promise.all([unlessAway(waitingRows(context, asked)), heldRows(context)]);
  const rows = [...held, ...(waiting?.rows ?? [])].toSorted((one, other) => one.pressedAtMs - other.pressedAtMs);
  return { rows, more: waiting?.more ?? false, away: waiting === undefined };
}

/** What a page says of itself in the API's description. */
export function pageOf(summary: string, access: Access = DESK) {
  return documented({ summary, tags: ['pages'], access, answer: Text(), produces: 'text/html' });
}

/** As {@link pageOf}, for a form and its fields; one of a signed-in person carries the token of the page besides. */
export function formOfPage(summary: string, fields: readonly string[], access: Access = DESK) {
  const body = formBody(
    ObjectOf(Object.fromEntries([...fields, ...(access === DESK ? ['formToken'] : [])].map((field) => [field, Text()]))),
  );
  return documented({ summary, tags: ['pages'], access, body, answer: Text(), produces: 'text/html' });
}

/** After a form, so that a reload sends nothing twice. */
export function redirect(reply: FastifyReply, address: string): FastifyReply {
  return reply.headers(HEADERS).redirect(address, 303);
}
