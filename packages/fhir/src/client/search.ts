import { ZhidaError } from '@zhida/core';
import { type Node, child, children, textAt } from '../node.js';
import type { SourceSettings } from './options.js';
import type { Requester } from './request.js';

/** One page of a search. */
export interface SearchPage {
  /** The resources of the page, those it was searched for and those included. */
  readonly resources: readonly Node[];
  /** Entries as the server sent them, for a bundle. */
  readonly entries: readonly unknown[];
}

export type SearchParameters = Readonly<Record<string, string | readonly string[]>>;

/**
 * The pages of a search, by the server's own next links (R4 §3.1.0.5): a link to another origin is refused by the requester,
 * one that was followed before ends the search with an error, since it would never end. `interaction` is `/_history` for the history of the type.
 */
export async function* searchPages(
  requester: Requester,
  type: string,
  parameters: SearchParameters,
  settings: Pick<SourceSettings, 'pageSize'>,
  signal: AbortSignal | undefined,
  interaction = '',
): AsyncGenerator<SearchPage> {
  const followed = new Set<string>();
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(parameters)) for (const value of [values].flat()) query.append(name, value);
  query.append('_count', String(settings.pageSize));
  for (let path: string | undefined = `${type}${interaction}?${query.toString()}`; path !== undefined; ) {
    if (followed.has(path)) throw new ZhidaError('ZD_ERR_HTTP', 'the pages of a search lead in a circle', { at: type });
    followed.add(path);
    const bundle: Node = { value: await requester.get(path, type, signal), at: '' };
    if (textAt(bundle, 'resourceType') !== 'Bundle')
      throw new ZhidaError('ZD_ERR_HTTP', 'the answer to a search is no Bundle', { at: type });
    const entries = children(bundle, 'entry');
    yield { entries: entries.map(({ value }) => value), resources: entries.map((entry) => child(entry, 'resource')) };
    path = children(bundle, 'link')
      .filter((link) => textAt(link, 'relation') === 'next')
      .map((link) => textAt(link, 'url'))
      .find(Boolean);
  }
}
