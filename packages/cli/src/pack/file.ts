import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ZhidaError, isRecord } from '@zhida/core';
import { type Overlay, applyOverlay, createDetector } from '@zhida/detect';
import { type RulePack, nationalRulePack } from '@zhida/packs';
import type { Resolved } from './diff.js';
import { lintOverlay } from './lint-overlay.js';
import { wrongMembers } from './wrong-members.js';

/** Names the pack that ships with this command, where a file of a pack is asked for. */
export const NATIONAL = 'national';

/** A rule pack, or an overlay over the national one. */
export type PackFile = { readonly kind: 'pack'; readonly content: Record<string, unknown> } | OverlayFile;

export interface OverlayFile {
  readonly kind: 'overlay';
  readonly content: Record<string, unknown>;
}

/** @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` where the file is no JSON object */
export async function readPackFile(file: string): Promise<PackFile> {
  if (file === NATIONAL) return { kind: 'pack', content: { ...nationalRulePack } };
  const content = await jsonOf(file);
  return { kind: 'rules' in content || 'concepts' in content ? 'pack' : 'overlay', content };
}

/**
 * An overlay that can be used over a pack.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE`; `ZD_ERR_OPTION_INVALID` for the first thing that is wrong with it
 */
export async function readOverlay(file: string, pack: RulePack = nationalRulePack): Promise<Overlay> {
  const { kind, content } = await readPackFile(file);
  if (kind === 'pack') throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the file is a rule pack, not an overlay', { at: file });
  const [wrong] = lintOverlay(content, pack).filter(({ severity }) => severity === 'error');
  if (wrong !== undefined) throw new ZhidaError('ZD_ERR_OPTION_INVALID', wrong.message, { at: `${file} ${wrong.at}` });
  return content;
}

/** The rules a file comes to: a pack as it is, an overlay laid over the national pack. @throws ZhidaError as {@link readOverlay} */
export async function resolvedPack(file: string): Promise<Resolved> {
  const { kind, content } = await readPackFile(file);
  if (kind === 'overlay') {
    const overlay = await readOverlay(file);
    const name = `${nameOf(nationalRulePack)} + ${basename(file)}`;
    return { name, pack: applyOverlay(nationalRulePack, overlay), silent: overlay.silentRules ?? [] };
  }
  const pack = packOf(content, file);
  // Refuses what is no pack, so that nothing after it has to ask.
  if (file !== NATIONAL) createDetector({ pack });
  return { name: nameOf(pack), pack, silent: [] };
}

function nameOf({ id, version }: RulePack): string {
  return `${id} ${version}`;
}

/** @throws ZhidaError `ZD_ERR_PACK_INVALID` */
function packOf(content: Record<string, unknown>, file: string): RulePack {
  const [wrong] = wrongMembers(content);
  if (wrong !== undefined)
    throw new ZhidaError('ZD_ERR_PACK_INVALID', 'a member of the pack is missing or of the wrong form', { at: `${file} ${wrong}` });
  return content as unknown as RulePack;
}

async function jsonOf(file: string): Promise<Record<string, unknown>> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the file cannot be read as JSON', { at: file, cause });
  }
  if (!isRecord(content)) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the file holds no JSON object', { at: file });
  return content;
}
