import type { ScreenLocale } from '@zhida/core';
import {
  createPageSignIn,
  createSessions,
  type OfficerDirectory,
  openOfficers,
  type PageSignIn,
  SESSION_SECONDS,
  type Viewer,
} from '@zhida/signing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayContext } from '../context.js';
import { formOf } from '../routes/body.js';

/** Who may use the duty desk: people in `officers.json` of the gateway's key directory, as at an agency's inbox. */
export interface DeskAccess {
  readonly officers: OfficerDirectory;
  readonly people: PageSignIn;
}

/** A session lasts one shift. */
export function createDeskAccess({ keys, clock }: GatewayContext): DeskAccess {
  const officers = openOfficers(keys.directory);
  const sessions = createSessions(keys, officers, clock, SESSION_SECONDS);
  return { officers, people: createPageSignIn(sessions, { path: '/duty', seconds: SESSION_SECONDS }) };
}

/** Who acts by a form of the desk. @throws ZhidaError `ZD_ERR_TOKEN_INVALID` */
export async function actingViewer({ people }: DeskAccess, request: FastifyRequest): Promise<Viewer> {
  return people.actingViewer(request, formOf(request));
}

/** Picks the language, and keeps one that was asked for. */
export function deskLocale({ people }: DeskAccess, request: FastifyRequest, reply: FastifyReply): ScreenLocale {
  const { locale, cookie } = people.locale(request, (request.query as { lang?: unknown }).lang);
  if (cookie !== undefined) void reply.header('set-cookie', cookie);
  return locale;
}
