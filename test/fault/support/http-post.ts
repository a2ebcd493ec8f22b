import { Agent, type IncomingHttpHeaders, request, type RequestOptions } from 'node:http';

/** What a server answered; its connection is kept for the next. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const agent = new Agent({ keepAlive: true });

interface Posted {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly withinMs: number;
}

/** Posts over real HTTP for a third of what `fetch` costs. @throws what the connection says, or that no whole answer came within `withinMs`. */
export function httpPost(url: string, { headers, body, withinMs }: Posted): Promise<HttpAnswer> {
  const length = { 'content-length': Buffer.byteLength(body) };
  return ask(url, { method: 'POST', headers: { ...headers, ...length }, signal: AbortSignal.timeout(withinMs) }, body);
}

/** Gets in the same way. */
export function httpGet(url: string, { headers, withinMs }: Omit<Posted, 'body'>): Promise<HttpAnswer> {
  return ask(url, { method: 'GET', headers, signal: AbortSignal.timeout(withinMs) });
}

function ask(url: string, options: RequestOptions, body?: string | Uint8Array): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { ...options, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }),
      );
      // An answer that breaks off has no end.
      response.once('error', reject);
    });
    asking.once('error', reject);
    asking.end(body);
  });
}
