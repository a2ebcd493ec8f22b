import { ZhidaError } from '@zhida/core';
import type { Clinician } from '../access/clinician.js';
import type { GatewayContext } from '../options.js';
import { type Locale, type PromptView, viewPrompt } from './view.js';

const RECENT_MS = 72 * 3_600_000;
const LIMIT = 200;

/** Prompts of the last 72 hours, red first, newest first. */
export async function listPrompts(context: GatewayContext, clinician: Clinician, locale: Locale): Promise<PromptView[]> {
  const rows = await recentPrompts(context).selectAll().execute();
  const views = await Promise.all(rows.map((row) => viewPrompt(context, row, clinician, locale)));
  return views.filter((view) => view !== undefined);
}

export async function readPrompt(context: GatewayContext, id: string, clinician: Clinician, locale: Locale): Promise<PromptView> {
  const row = await context.database.db
    .selectFrom('prompts')
    .selectAll()
    .where('facility', '=', context.facility.code)
    .where('id', '=', id)
    .executeTakeFirst();
  const view = row === undefined ? undefined : await viewPrompt(context, row, clinician, locale);
  if (view === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such prompt', { at: 'id' });
  return view;
}

export async function promptVersions(context: GatewayContext): Promise<{ id: string; version: number }[]> {
  return recentPrompts(context).select(['id', 'version']).execute();
}

function recentPrompts(context: GatewayContext) {
  return context.database.db
    .selectFrom('prompts')
    .where('facility', '=', context.facility.code)
    .where('updated_at', '>=', new Date(context.clock.now() - RECENT_MS))
    .orderBy('level', 'desc')
    .orderBy('created_at', 'desc')
    .limit(LIMIT);
}
