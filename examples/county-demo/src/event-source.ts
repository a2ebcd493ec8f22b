/** One server-sent event. */
export interface ReceivedEvent {
  readonly id: string;
  readonly data: unknown;
}

/** Reads an event stream (WHATWG HTML §9.2) by `fetch`, because a token belongs in a header and not in an address. */
export async function* readEvents(url: URL, headers: Record<string, string>, signal: AbortSignal): AsyncGenerator<ReceivedEvent> {
  const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal });
  if (response.status !== 200 || response.body === null) throw new Error(`${url.pathname} answered ${response.status}`);
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== undefined) yield event;
    }
  }
}

function parseBlock(block: string): ReceivedEvent | undefined {
  let id = '';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('id: ')) id = line.slice(4);
    if (line.startsWith('data: ')) data.push(line.slice(6));
  }
  return data.length === 0 ? undefined : { id, data: JSON.parse(data.join('\n')) as unknown };
}
