import { isRecord, type Json, ZhidaError } from '@zhida/core';
import { networksIn } from '../../delivery/addresses.js';
import type { Post } from '../../delivery/egress.js';
import type { SmsGateway } from './sms.js';

/** How an SMS gateway takes a message over HTTP: every provider names and nests its fields in its own way, so the fields are data. */
export interface HttpSmsOptions {
  /** Nothing is put into it: addresses are logged on the way. */
  readonly url: string;
  readonly as: 'form' | 'json';
  /** The body. `{phone}`, `{text}` and `{secret}` inside a text stand for what is sent; a form takes texts alone. */
  readonly fields: Readonly<Record<string, Json>>;
  /** `{secret}` inside stands for the secret. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly secret?: string;
  /** What a JSON answer says of a message that was taken, where the status alone does not tell: the member, and its value as text. */
  readonly takenWhen?: { readonly member: string; readonly is: string };
  /** The relay's egress, so that the gateway's address is checked like an agency's. */
  readonly post: Post;
  /** Networks outside of the public internet the gateway may be in. */
  readonly privateNetworks?: readonly string[];
  /** @defaultValue 10 000 */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
const PLACE = /\{(phone|text|secret)\}/g;

/**
 * An SMS gateway that is asked by POST. What goes there is the telephone of a desk and the fixed words of a notice.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` for an address or network that is none, fields without `{phone}` and `{text}`, or a
 * `{secret}` without a secret. Its `send` throws `ZD_ERR_HTTP` for a message that was not taken, which is then tried again.
 */
export function smsOverHttp(options: HttpSmsOptions): SmsGateway {
  const [first] = smsProblems(options);
  if (first !== undefined) {
    const [at, why] = first;
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', why, { at });
  }
  const { url, as, fields, headers = {}, secret = '', takenWhen, post, timeoutMs = TIMEOUT_MS } = options;
  const permitted = networksIn(options.privateNetworks ?? [], 'privateNetworks');
  const ownHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value, { secret })]));
  return {
    async send(phone, text) {
      // People write 138 0000 0000 and 0751-1234567; a gateway takes digits.
      const body = filledIn(fields, { phone: phone.replace(/[\s-]/g, ''), text, secret });
      const form = as === 'form';
      const answer = await post(
        {
          url,
          headers: { 'content-type': form ? 'application/x-www-form-urlencoded; charset=utf-8' : 'application/json', ...ownHeaders },
          body: form ? new URLSearchParams(body as Record<string, string>).toString() : JSON.stringify(body),
          permitted,
        },
        AbortSignal.timeout(timeoutMs),
      );
      if (answer.status < 200 || answer.status > 299)
        throw new ZhidaError('ZD_ERR_HTTP', 'the SMS gateway did not take the message', { at: 'status' });
      if (takenWhen !== undefined && memberOf(answer.body, takenWhen.member) !== takenWhen.is)
        throw new ZhidaError('ZD_ERR_HTTP', 'the SMS gateway says that it did not take the message', { at: 'takenWhen' });
    },
  };
}

/** What of an SMS gateway's options does not go together: the option, and why. */
export function smsProblems({ url, as, fields, headers = {}, secret }: Omit<HttpSmsOptions, 'post'>): [at: string, why: string][] {
  const problems: [string, string][] = [];
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) problems.push(['url', 'begins with http: or https:']);
  const written = JSON.stringify(fields);
  if (!written.includes('{phone}') || !written.includes('{text}'))
    problems.push(['fields', 'needs a place for {phone} and one for {text}']);
  if (as === 'form' && Object.values(fields).some((value) => typeof value !== 'string'))
    problems.push(['fields', 'a form takes texts alone']);
  if (secret === undefined && `${written}${JSON.stringify(headers)}`.includes('{secret}'))
    problems.push(['secret', 'a {secret} needs a secret']);
  return problems;
}

type Values = Readonly<Partial<Record<'phone' | 'text' | 'secret', string>>>;

/** In one pass: what is filled in is never looked at again for places. */
function filled(template: string, values: Values): string {
  return template.replace(PLACE, (place, name: keyof Values) => values[name] ?? place);
}

function filledIn(value: Json, values: Values): Json {
  if (typeof value === 'string') return filled(value, values);
  if (Array.isArray(value)) return value.map((item: Json) => filledIn(item, values));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value as Readonly<Record<string, Json>>).map(([name, item]) => [name, filledIn(item, values)]));
}

/** A member of a JSON answer as text, its steps parted by dots; undefined where there is none. */
function memberOf(body: Buffer | undefined, member: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body?.toString('utf8') ?? '');
  } catch {
    return undefined;
  }
  for (const step of member.split('.'))
    value = isRecord(value) || Array.isArray(value) ? (value as Record<string, unknown>)[step] : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
