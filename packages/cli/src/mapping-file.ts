import { readFile } from 'node:fs/promises';
import { ZhidaError } from '@zhida/core';
import { type HisMapping, type MappingProblem, readMapping } from '@zhida/his';

/** Reads a mapping file. @throws ZhidaError `ZD_ERR_MAPPING_INVALID` naming every problem by line and path. */
export async function readMappingFile(name: string): Promise<HisMapping> {
  const text = await readFile(name, 'utf8').catch((cause: unknown) => {
    throw new ZhidaError('ZD_ERR_MAPPING_INVALID', 'the mapping file cannot be read', { at: name, cause });
  });
  const { mapping, problems } = readMapping(text);
  if (mapping === undefined) throw new ZhidaError('ZD_ERR_MAPPING_INVALID', problems.map(problemLine).join('\n'), { at: name });
  return mapping;
}

function problemLine({ at, line, why }: MappingProblem): string {
  return `${line === undefined ? '' : `line ${line}: `}${at === '' ? '' : `${at}: `}${why}`;
}
