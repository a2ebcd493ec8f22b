/** S1 and S5: the bar, the reasons, and the answers other than a report. */
export const promptScript = String.raw`
const FINAL = ['reported', 'decided', 'closed', 'expired'];

function reasonNodes(reason) {
  return [
    el('h2', { textContent: reason.found }), el('div', { textContent: reason.why }),
    el('h3', { textContent: texts.evidence }),
    el('ul', { testid: 's1-evidence' }, reason.evidence.map((item) => {
      const origin = [item.source, item.at ? clockTime(item.at) : ''].filter(Boolean).join(' ');
      return el('li', { textContent: item.label + texts.space + item.value + (origin ? '（' + origin + '）' : '') });
    })),
    el('h3', { textContent: texts.doNow }), el('div', { textContent: reason.doNow }),
    reason.preserve.length === 0 ? null : el('details', {}, el('summary', { className: 'quiet', textContent: texts.preserve }),
      el('ul', {}, reason.preserve.map((item) => el('li', { textContent: item.text + '（' + fill(texts.deadline, { hours: item.deadlineHours }) + '）' })))),
    el('details', {}, el('summary', { className: 'quiet', textContent: texts.legalBasis }), reason.legalSentences.map((sentence) => el('blockquote', { textContent: sentence.text }))),
  ];
}

function reasonsPanel(prompt, card) {
  const said = el('p', { className: 'notice', hidden: true, role: 'alert' });
  const tell = (text) => { said.textContent = text; said.hidden = false; };
  const closed = ['closed', 'expired', 'decided'].includes(prompt.state);
  const report = el('button', { className: 'primary', textContent: prompt.reports.length > 0 ? texts.reportAnyway : texts.report, testid: 's1-report', onclick: () => confirmPanel(prompt, card) });
  const defer = el('button', { textContent: fill(texts.defer, { minutes: deferMinutes }), testid: 's1-defer', onclick: async () => {
    const { ok, at } = await say(prompt, 'defer').catch(() => ({ ok: false }));
    if (ok) card.close(); else tell(at === 'deferrals' ? texts.deferredTwice : texts.failed);
  } });
  const acts = [
    report,
    el('button', { textContent: texts.dialFirst, testid: 's1-dial', onclick: () => tell(fill(texts.dialAdvice, dutyValues(prompt))) }),
    FINAL.includes(prompt.state) ? null : defer,
    FINAL.includes(prompt.state) ? null : el('button', { textContent: texts.notThis, testid: 's1-decide', onclick: () => decidePanel(prompt, card) }),
  ];
  const panel = el('div', { className: 'panel', testid: 's1-panel' },
    el('div', { className: 'patient facts', textContent: patientLine(prompt) }),
    prompt.occurrence > 1 ? el('p', { className: 'quiet', textContent: fill(texts.again, { count: prompt.occurrence }) }) : null,
    closed ? el('p', { className: 'notice', textContent: fill(texts.states[prompt.state], {}) }) : null,
    prompt.reports.map((item) => el('p', { className: 'notice', textContent: fill(texts.alreadyReported, { number: item.number, time: clockTime(item.at) }) })),
    prompt.reasons.flatMap(reasonNodes), el('p', { className: 'quiet', textContent: texts.unitReports }), said,
    el('div', { className: 'acts' }, acts));
  return { panel, focus: () => report.focus() };
}

function decidePanel(prompt, card) {
  const said = el('p', { className: 'notice', hidden: true, role: 'alert' });
  const codes = Object.fromEntries(prompt.decisionCodes.map((code) => [code, texts.decisions[code]]));
  const code = choice(texts.decideTitle, codes, undefined, 's5-code');
  const text = el('textarea', { rows: 2, maxLength: 2000, testid: 's5-text' });
  const record = el('button', { className: 'primary', textContent: texts.record, testid: 's5-record' });
  record.onclick = async () => {
    record.disabled = true;
    const { ok, at } = await say(prompt, 'decide', { version: prompt.version, code: code.select.value, text: text.value }).catch(() => ({ ok: false }));
    if (ok) return card.close();
    if (at === 'version' || at === 'state') return card.open(texts.changed);
    record.disabled = false;
    said.textContent = texts.failed;
    said.hidden = false;
  };
  card.fix('decide', el('div', { className: 'panel', testid: 's5-panel' }, el('div', { className: 'patient facts', textContent: patientLine(prompt) }), code.field,
    el('label', { textContent: texts.decisionText }, text), said, el('div', { className: 'acts' }, record, el('button', { textContent: texts.back, onclick: () => card.open() }))));
  code.select.focus();
}

// One card per prompt. What a person is filling in is never drawn over by what the stream brings.
function createCard(prompt) {
  const word = el('span', { className: 'quiet' });
  // Room and state, nothing of the child: the bar is read over shoulders.
  const place = el('span', {});
  const bar = el('button', { className: 'bar', testid: 's1-bar' }, place, word);
  const node = el('article', { testid: 's1-prompt' }, bar);
  const card = {
    node, prompt, mode: 'closed',
    draw(panel) {
      node.replaceChildren(...[bar, panel].filter(Boolean));
      bar.setAttribute('aria-expanded', String(panel !== undefined));
    },
    fix(mode, panel) { card.mode = mode; card.draw(panel); },
    close() { card.fix('closed'); bar.focus(); },
    open(message) {
      const { panel, focus } = reasonsPanel(card.prompt, card);
      if (message) panel.prepend(el('p', { className: 'notice', textContent: message, role: 'alert' }));
      card.fix('open', panel);
      focus();
    },
    update(next) {
      card.prompt = next;
      const done = FINAL.includes(next.state);
      node.classList.toggle('done', done);
      place.textContent = [texts.bar, next.encounter.location].filter(Boolean).join(texts.space);
      // Said to be reported only once the relay has answered for it (INV-1).
      const state = next.state === 'reported' && next.reports.length === 0 ? 'held' : next.state;
      word.textContent = fill(texts.states[state], { time: next.dueAt ? clockTime(next.dueAt) : '' });
      if (card.mode === 'open') card.draw(reasonsPanel(next, card).panel);
    },
  };
  bar.onclick = async () => {
    if (card.mode !== 'closed') return card.mode === 'sent' ? undefined : card.close();
    if (['shown', 'deferred'].includes(card.prompt.state)) void say(card.prompt, 'open').catch(() => undefined);
    if (card.prompt.state === 'reported' && (await isOwnReport(card.prompt))) {
      const panel = statusPanel(card.prompt);
      card.fix('sent', panel.node);
      return followReport(card.prompt, panel);
    }
    card.open();
  };
  return card;
}

async function isOwnReport(prompt) {
  const response = await fetch('/v1/reports/' + prompt.pressId, { headers: authorized }).catch(() => undefined);
  return response?.ok === true || response?.status === 502;
}

function place(prompt) {
  const known = cards.get(prompt.id);
  const card = known ?? createCard(prompt);
  if (known === undefined) {
    cards.set(prompt.id, card);
    root.append(card.node);
    void say(prompt, 'seen').catch(() => undefined);
  }
  card.update(prompt);
  const open = [...cards.values()].filter(({ prompt }) => !FINAL.includes(prompt.state)).length;
  document.getElementById('count').textContent = open === 0 ? '' : fill(texts.items, { count: open });
  document.getElementById('empty').hidden = cards.size > 0;
}
`;
