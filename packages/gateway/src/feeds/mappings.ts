import { readFile } from 'node:fs/promises';
import { ZhidaError } from '@zhida/core';
import { type HisMapping, readMapping } from '@zhida/his';

/**
 * Reads the mapping file of a feed of rows.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` with the place in the mapping, for a file that is not there or says what cannot be.
 */
export async function openMapping(path: string, at: string): Promise<HisMapping> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the mapping file cannot be read', { at, cause });
  });
  const { mapping, problems } = readMapping(text);
  if (mapping !== undefined) return mapping;
  const [first] = problems;
  const place = first === undefined ? at : `${at}:${first.line ?? 1} ${first.at}`.trim();
  throw new ZhidaError('ZD_ERR_OPTION_INVALID', `the mapping cannot be used: ${first?.why ?? 'empty'}`, { at: place });
}
