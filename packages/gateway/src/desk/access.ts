import { type ScreenLocale, pickScreenLocale, screenLocaleOf, ZhidaError } from '@zhida/core';
import {
  cookieValue,
  createSessions,
  LOCALE_COOKIE,
  type Officer,
  type OfficerDirectory,
  openOfficers,
  SESSION_COOKIE,
  SESSION_SECONDS,
  type Sessions,
  setCookie,
} from '@zhida/signing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayContext } from '../context.js';
import { formOf } from '../routes/body.js';
import type { DeskViewer } from './pages/layout.js';

/** Where the pages are, and where their cookies go. */
const PATH = '/duty';
const LOCALE_SECONDS = 365 * 24 * 3600;

/** Who may use the duty desk: people in `officers.json` of the gateway's key directory, as at an agency's inbox. */
export interface DeskAccess {
  readonly officers: OfficerDirectory;
  readonly sessions: Sessions;
}

export function createDeskAccess({ keys, clock }: GatewayContext): DeskAccess {
  const officers = openOfficers(keys.directory);
  return { officers, sessions: createSessions(keys, officers, clock, SESSION_SECONDS) };
}

/** Keeps a person signed in for one shift. */
export function signIn({ sessions }: DeskAccess, request: FastifyRequest, reply: FastifyReply, officer: Officer): void {
  keep(request, reply, SESSION_COOKIE, sessions.issue(officer).token, SESSION_SECONDS);
}

export function signOut(request: FastifyRequest, reply: FastifyReply): void {
  keep(request, reply, SESSION_COOKIE, '', 0);
}

/** True where somebody was signed in, so that a sign-in page says that it has ended. */
export function hadSession(request: FastifyRequest): boolean {
  return cookieValue(request.headers.cookie, SESSION_COOKIE) !== undefined;
}

export async function viewerOf({ sessions }: DeskAccess, request: FastifyRequest): Promise<DeskViewer | undefined> {
  const token = cookieValue(request.headers.cookie, SESSION_COOKIE);
  const officer = await sessions.read(token);
  return officer === undefined || token === undefined ? undefined : { officer, formToken: sessions.formToken(token) };
}

/** Who acts by a form: signed in, and the form came from a page of this session. @throws ZhidaError `ZD_ERR_TOKEN_INVALID` */
export async function actingViewer(access: DeskAccess, request: FastifyRequest): Promise<DeskViewer> {
  const viewer = await viewerOf(access, request);
  if (viewer === undefined || formOf(request).get('formToken') !== viewer.formToken) {
    throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'the form is not of this session', { at: 'formToken' });
  }
  return viewer;
}

/** A sign-in form has no session to be bound to; the browser itself says where it came from. @throws ZhidaError `ZD_ERR_TOKEN_INVALID` */
export function requireOwnOrigin({ headers, host }: FastifyRequest): void {
  const { origin } = headers;
  if (origin === undefined) return;
  if (!URL.canParse(origin) || new URL(origin).host !== host) {
    throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'the form came from another site', { at: 'origin' });
  }
}

/** Picks the language, and keeps one that was asked for. */
export function deskLocale(request: FastifyRequest, reply: FastifyReply): ScreenLocale {
  const asked = screenLocaleOf((request.query as { lang?: unknown }).lang);
  if (asked !== undefined) keep(request, reply, LOCALE_COOKIE, asked, LOCALE_SECONDS);
  return pickScreenLocale(asked, cookieValue(request.headers.cookie, LOCALE_COOKIE), request.headers['accept-language']);
}

function keep(request: FastifyRequest, reply: FastifyReply, name: string, value: string, seconds: number): void {
  void reply.header('set-cookie', setCookie(name, value, { path: PATH, seconds, secure: request.protocol === 'https' }));
}
