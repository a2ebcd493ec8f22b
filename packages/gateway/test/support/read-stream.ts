/** One server-sent event. */
export interface StreamEvent<Data> {
  readonly id: string;
  readonly event: string;
  readonly data: Data;
}

export interface OpenStream<Data> {
  readonly status: number;
  /** Everything received so far. */
  readonly events: StreamEvent<Data>[];
  /** True once the server has ended the stream. */
  ended(): boolean;
  close(): void;
}

/** Opens a stream over a real socket and collects what comes. */
export async function openStream<Data>(url: string, headers: Record<string, string>): Promise<OpenStream<Data>> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  const events: StreamEvent<Data>[] = [];
  let ended = false;
  const { body } = response;
  if (response.status === 200 && body !== null) void collect(body, events).finally(() => (ended = true));
  return { status: response.status, events, ended: () => ended, close: () => abort.abort() };
}

async function collect<Data>(body: AsyncIterable<Uint8Array>, events: StreamEvent<Data>[]): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of body) {
      rest += decoder.decode(chunk, { stream: true });
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = Object.fromEntries(
          block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        );
        if (fields['data'] !== undefined)
          events.push({ id: fields['id'] ?? '', event: fields['event'] ?? '', data: JSON.parse(fields['data']) as Data });
      }
    }
  } catch {
    // The line was cut, by the server or by `close`.
  }
}
