import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** What a server answered; its connection is kept for the next. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const agent = new Agent({ keepAlive: true });

/** Posts over real HTTP for a third of what `fetch` costs. @throws what the connection says, or that no whole answer came within `withinMs`. */
export function httpPost(
  url: string,
  { headers, body, withinMs }: { readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly withinMs: number },
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(withinMs);
    const length = { 'content-length': Buffer.byteLength(body) };
    const posting = request(url, { method: 'POST', agent, headers: { ...headers, ...length }, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }),
      );
      // An answer that breaks off has no end.
      response.once('error', reject);
    });
    posting.once('error', reject);
    posting.end(body);
  });
}
