import type { ChannelSection } from './configuration-schema.js';

/** What of an SMS gateway does not go together: where, and why. The relay refuses the same at its start. */
export function smsProblems(channel: ChannelSection): [steps: string[], why: string][] {
  if (channel.kind !== 'sms') return [];
  const { url, as, fields, headers = {}, secret } = channel;
  const problems: [string[], string][] = [];
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) problems.push([['url'], 'begins with http: or https:']);
  const written = JSON.stringify(fields);
  if (!written.includes('{phone}') || !written.includes('{text}'))
    problems.push([['fields'], 'needs a place for {phone} and one for {text}']);
  if (as === 'form' && Object.values(fields).some((value) => typeof value !== 'string'))
    problems.push([['fields'], 'a form takes texts alone']);
  if (secret === undefined && `${written}${JSON.stringify(headers)}`.includes('{secret}'))
    problems.push([['secret'], 'a {secret} needs a secret']);
  return problems;
}
