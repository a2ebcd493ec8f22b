import { confirmScript } from './script-confirm.js';
import { promptScript } from './script-prompt.js';
import { statusScript } from './script-status.js';

/**
 * The press page's own script: plain DOM, no library. It keeps the token and the child's data in memory alone, writes
 * nothing to disk, and shows `submitted` only after the gateway passed on the relay's 202.
 */
const coreScript = String.raw`
const { token, texts, clinician, deferMinutes, zone } = JSON.parse(document.getElementById('session').textContent);
const root = document.querySelector('main');
const cards = new Map();
const authorized = { authorization: 'Bearer ' + token, 'accept-language': texts.lang };
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
// The hospital's wall clock, wherever the browser thinks it is.
const clockTime = (iso) => new Date(iso).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false, timeZone: zone });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const dutyValues = (prompt) => ({ title: prompt.dutyContact.title, phone: prompt.dutyContact.phone });

function el(tag, props, ...children) {
  const { testid, ...own } = props ?? {};
  const node = Object.assign(document.createElement(tag), own);
  if (testid) node.dataset.testid = testid;
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

function notice(text) {
  const line = document.getElementById('notice');
  line.textContent = text;
  line.hidden = text === '';
}

function eventIn(block) {
  const event = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1).replace(/^ /, '');
  }
  return event.data === undefined ? undefined : event;
}

// Follows a stream for ever; what is asked of the server again is only what the last id does not cover.
async function follow(path, onData) {
  for (let last; ; await pause(1000)) {
    try {
      const response = await fetch(path, { headers: last === undefined ? authorized : { ...authorized, 'last-event-id': last } });
      if (response.status === 401) return notice(texts.sessionEnded);
      if (!response.ok) continue;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ''; ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        const blocks = (rest + value).split('\n\n');
        rest = blocks.pop();
        for (const event of blocks.map(eventIn).filter(Boolean)) {
          last = event.id ?? last;
          onData(JSON.parse(event.data));
        }
      }
    } catch { /* opened again below */ }
  }
}

async function say(prompt, act, body) {
  const response = await fetch('/v1/prompts/' + prompt.id + '/' + act, {
    method: 'POST', body: body === undefined ? undefined : JSON.stringify(body),
    headers: body === undefined ? authorized : { ...authorized, 'content-type': 'application/json' },
  });
  const answer = await response.json();
  if (response.status === 401) notice(texts.sessionEnded);
  return { ok: response.ok, code: answer.code, at: answer.at };
}
`;

const startScript = String.raw`
void follow('/v1/prompts/events', place);
`;

export const pageScript = [coreScript, statusScript, confirmScript, promptScript, startScript].join('');
