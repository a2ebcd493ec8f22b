/**
 * The press page's own script: plain DOM, no library. It keeps the token and the child's data in memory alone, writes
 * nothing to disk, and shows `submitted` only after the gateway passed on the relay's 202.
 */
export const pageScript = String.raw`
const { token, texts, clinician } = JSON.parse(document.getElementById('session').textContent);
const root = document.querySelector('main');
const prompts = new Map();
const authorized = { authorization: 'Bearer ' + token, 'accept-language': texts.lang };
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
const el = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
};
const clockTime = (iso) => new Date(iso).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false });

async function follow(path, onEvent) {
  for (let last; ; ) {
    try {
      const response = await fetch(path, { headers: last === undefined ? authorized : { ...authorized, 'last-event-id': last } });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = ''; ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        const blocks = (rest + value).split('\n\n');
        rest = blocks.pop();
        for (const block of blocks) {
          const fields = Object.fromEntries(block.split('\n').filter((line) => !line.startsWith(':')).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
          if (fields.data === undefined) continue;
          last = fields.id ?? last;
          onEvent(JSON.parse(fields.data));
        }
      }
    } catch { /* the stream is opened again below */ }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function patientLine(prompt) {
  const tail = prompt.encounter.visitNumber.slice(-4);
  return [prompt.patient.maskedName, texts.sex[prompt.patient.sex], prompt.patient.ageText, tail ? fill(texts.visitTail, { tail }) : '', prompt.encounter.location].filter(Boolean).join('　');
}

function showPrompt(prompt) {
  const done = prompt.reports.length > 0 || ['reported', 'decided', 'closed', 'expired'].includes(prompt.state);
  const card = el('article', { id: prompt.id });
  card.dataset.testid = 's1-prompt';
  card.append(el('div', { className: 'patient', textContent: patientLine(prompt) }));
  for (const reason of prompt.reasons) {
    card.append(el('h2', { textContent: reason.found }), el('div', { className: 'quiet', textContent: texts.evidence }),
      el('ul', {}, ...reason.evidence.map((item) => el('li', { textContent: item.label + '　' + item.value + (item.source ? '（' + item.source + '）' : '') }))),
      el('div', { textContent: reason.why }),
      el('details', {}, el('summary', { className: 'quiet', textContent: texts.legalBasis }), ...reason.legalSentences.map((sentence) => el('blockquote', { textContent: sentence.text }))));
  }
  card.append(el('p', { className: 'quiet', textContent: texts.unitReports }));
  const press = el('button', { className: 'primary', textContent: done ? texts.reported : texts.report, disabled: done, onclick: () => showConfirm(prompt, card) });
  press.dataset.testid = 's1-report';
  card.append(el('div', { className: 'acts' }, press), ...prompt.reports.map((report) => el('p', { className: 'quiet', textContent: texts.number + ' ' + report.number })));
  return card;
}

function choice(label, values, selected) {
  const select = el('select', {}, ...Object.entries(values).map(([value, text]) => el('option', { value, textContent: text, selected: value === selected })));
  return { select, field: el('label', { textContent: label }, select) };
}

function showConfirm(prompt, card) {
  const where = choice(texts.where, texts.whereabouts, prompt.prefill.whereabouts.status);
  const observed = el('textarea', { rows: 4, value: prompt.prefill.suspicion.observed });
  const verbatim = el('textarea', { rows: 2 });
  const danger = choice(texts.immediateDanger, texts.triState, 'unknown');
  const companion = choice(texts.companionInvolved, texts.triState, 'unknown');
  const home = choice(texts.unsafeHome, texts.triState, 'unknown');
  const confirm = el('button', { className: 'primary', textContent: texts.confirm });
  confirm.dataset.testid = 's2-confirm';
  confirm.onclick = () => {
    confirm.disabled = true;
    const report = structuredClone(prompt.prefill);
    report.createdAt = new Date().toISOString();
    report.whereabouts.status = where.select.value;
    report.suspicion.observed = observed.value;
    if (verbatim.value) report.suspicion.statements = [{ speaker: 'child', verbatim: verbatim.value, prompted: false }];
    report.safety.immediateDanger = danger.select.value;
    report.safety.safeToGoHome = { yes: 'no', no: 'yes', unknown: 'unknown' }[home.select.value];
    for (const person of report.companions) person.mayBeInvolved = companion.select.value;
    void send(prompt, report, card);
  };
  card.replaceChildren(el('h2', { textContent: texts.confirmTitle }), el('div', { textContent: texts.who + '：' + patientLine(prompt) }), where.field,
    el('label', { textContent: texts.observed }, observed), el('label', { textContent: texts.verbatim }, verbatim),
    el('div', { className: 'three' }, danger.field, companion.field, home.field), el('p', { className: 'advice', textContent: texts.advice }),
    el('p', { className: 'quiet', textContent: texts.recipients + '：' + prompt.recipients.map((recipient) => recipient.name).join('、') + '　' + texts.operator + '：' + clinician }),
    el('div', { className: 'acts' }, confirm, el('button', { textContent: texts.back, onclick: () => card.replaceWith(showPrompt(prompt)) })));
  confirm.focus();
}

async function send(prompt, report, card) {
  const headline = el('div', { className: 'headline', textContent: texts.headline.sending });
  headline.dataset.testid = 's3-headline';
  headline.setAttribute('role', 'status');
  const lines = el('ul', { className: 'lines' });
  card.dataset.sent = 'yes';
  card.replaceChildren(el('div', { className: 'patient', textContent: patientLine(prompt) }), headline, lines);
  try {
    const response = await fetch('/v1/reports', { method: 'POST', body: JSON.stringify(report), headers: { 'content-type': 'application/json', 'press-ticket': prompt.ticket, 'idempotency-key': prompt.pressId } });
    const answer = await response.json();
    if (response.status === 201) headline.textContent = texts.headline.held;
    else if (response.status === 202 || response.status === 200) headline.textContent = fill(texts.headline.submitted, { number: answer.number });
    else { headline.textContent = texts.headline.unreachable; return; }
  } catch { headline.textContent = texts.headline.unreachable; return; }
  void follow('/v1/reports/' + prompt.pressId + '/events', (status) => showStatus(status, headline, lines));
}

function showStatus(status, headline, lines) {
  if (status.number === undefined) return;
  const police = status.lines.find((line) => line.recipient.kind === 'police') ?? status.lines[0];
  const key = police && police.acceptedAt ? 'accepted' : police && police.storedAt ? 'stored' : 'submitted';
  headline.textContent = fill(texts.headline[key], { number: status.number, time: police && (police.acceptedAt || police.storedAt) ? clockTime(police.acceptedAt || police.storedAt) : '' });
  lines.replaceChildren(el('li', {}, el('span', { textContent: texts.number }), el('span', { textContent: status.number })),
    ...status.lines.map((line) => el('li', {}, el('span', { textContent: line.recipient.name }), el('span', { textContent: texts.state[line.state] + (line.agencyNumber ? '　' + line.agencyNumber : '') }))));
}

function place(prompt) {
  prompts.set(prompt.id, prompt);
  const old = document.getElementById(prompt.id);
  if (old && old.dataset.sent === 'yes') return;
  const card = showPrompt(prompt);
  if (old) old.replaceWith(card); else root.append(card);
  document.getElementById('count').textContent = fill(texts.items, { count: prompts.size });
  document.getElementById('empty').hidden = prompts.size > 0;
}

void follow('/v1/prompts/events', place);
`;
