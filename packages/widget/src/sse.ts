/** One server-sent event (WHATWG HTML §9.2) that carries data. */
export interface ServerEvent {
  readonly id: string | undefined;
  readonly data: string;
}

/**
 * Cuts a stream of text into events. Only what the gateway sends is understood: `id`, `data` and comments.
 *
 * @returns a function that takes the next piece of text and gives the events it completes.
 */
export function createEventParser(): (text: string) => ServerEvent[] {
  let rest = '';
  return (text) => {
    const blocks = (rest + text).replace(/\r\n/g, '\n').split('\n\n');
    rest = blocks.pop() ?? '';
    const events: ServerEvent[] = [];
    for (const block of blocks) {
      const event = eventIn(block);
      if (event !== undefined) events.push(event);
    }
    return events;
  };
}

function eventIn(block: string): ServerEvent | undefined {
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    const field = line.slice(0, colon);
    if (field === 'id') id = value;
    if (field === 'data') data.push(value);
  }
  return data.length === 0 ? undefined : { id, data: data.join('\n') };
}
