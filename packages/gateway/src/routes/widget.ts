import { readWidgetFiles, type WidgetFile } from '@zhida/widget/files';
import type { FastifyInstance } from 'fastify';
import { String as Text } from 'typebox';
import { documented, OPEN } from './documented.js';

const NAMES = ['widget.js', 'widget.mjs', 'widget-more.js', 'widget-en.js'] as const;
const MAX_AGE_SECONDS = 300;

/** The files a page loads. They hold nothing of anybody, so any page may take them. */
export function widgetRoutes(app: FastifyInstance): void {
  let files: Promise<ReadonlyMap<string, Buffer>> | undefined;
  const fileNamed = async (name: string): Promise<Buffer | undefined> => {
    files ??= readWidgetFiles().then(byName);
    return (await files.catch(forget)).get(name);
  };
  // A disk that was away once is read again at the next request.
  const forget = (error: unknown): never => {
    files = undefined;
    throw error;
  };
  for (const name of NAMES) {
    app.get(
      `/${name}`,
      documented({ summary: 'A file of the widget', tags: ['pages'], access: OPEN, answer: Text(), produces: 'text/javascript' }),
      async (_request, reply) =>
        reply
          .header('cache-control', `public, max-age=${MAX_AGE_SECONDS}`)
          .header('access-control-allow-origin', '*')
          .header('cross-origin-resource-policy', 'cross-origin')
          .type('text/javascript; charset=utf-8')
          .send(await fileNamed(name)),
    );
  }
}

function byName(files: readonly WidgetFile[]): ReadonlyMap<string, Buffer> {
  return new Map(files.map(({ name, bytes }) => [name, Buffer.from(bytes)]));
}
