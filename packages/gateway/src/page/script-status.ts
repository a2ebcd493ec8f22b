/** S3: what became of the press. `stored` is never shown as `accepted`, nor a hand-over by a person as either (INV-5). */
export const statusScript = String.raw`
const STAGES = ['open', 'attested', 'stored', 'accepted'];

function statusPanel(prompt) {
  const headline = el('div', { className: 'headline', testid: 's3-headline', role: 'status' });
  const retrying = el('p', { className: 'quiet', textContent: texts.retrying, hidden: true });
  const script = el('p', { className: 'script', testid: 's3-script', hidden: true });
  const lines = el('ul', { className: 'lines', testid: 's3-lines' });
  const show = (key, values) => { headline.textContent = fill(texts.headline[key], values ?? {}).trim(); };
  return {
    node: el('div', { className: 'panel' }, el('div', { className: 'patient facts', textContent: patientLine(prompt) }), headline, retrying, script, lines),
    show,
    retry: (on) => { retrying.hidden = !on; },
    numbered(number) {
      script.textContent = fill(number === undefined ? texts.scriptWithoutNumber : texts.script, { number, ...dutyValues(prompt) });
      script.hidden = false;
    },
    status(status) {
      if (status.number === undefined) { this.numbered(); return show('held'); }
      this.numbered(status.number);
      const police = status.lines.filter((line) => line.recipient.kind === 'police');
      const deciding = police.length > 0 ? police : status.lines;
      const furthest = deciding.reduce((best, line) => (STAGES.indexOf(line.state) > STAGES.indexOf(best.state) ? line : best), deciding[0] ?? { state: 'open' });
      const at = furthest.state === 'accepted' ? furthest.acceptedAt : furthest.storedAt;
      const numbered = furthest.state === 'accepted' && furthest.agencyNumber ? 'acceptedAs' : furthest.state;
      show(numbered === 'open' ? 'submitted' : numbered, { number: status.number, time: at ? clockTime(at) : '', agencyNumber: furthest.agencyNumber ?? '' });
      lines.replaceChildren(
        el('li', {}, el('span', { textContent: texts.number }), el('span', { textContent: status.number })),
        ...status.lines.map((line) => {
          const at = line.acceptedAt ?? line.storedAt;
          const state = [texts.state[line.state], at ? clockTime(at) : '', line.agencyNumber ?? ''].filter(Boolean).join(texts.space);
          return el('li', {}, el('span', { textContent: line.recipient.name[texts.lang === 'en' ? 'en' : 'zh'] }), el('span', { textContent: state }));
        }),
      );
    },
  };
}

function followReport(prompt, panel) {
  void follow('/v1/reports/' + prompt.pressId + '/events', (status) => panel.status(status));
}

// The same bytes under the same key until somebody answers: the press is kept in memory and never made twice.
async function sendReport(prompt, report, card) {
  const panel = statusPanel(prompt);
  const body = JSON.stringify(report);
  panel.show('sending');
  card.fix('sent', panel.node);
  for (;;) {
    const answer = await pressOnce(prompt, body);
    if (answer.status === 200 || answer.status === 202) { panel.numbered(answer.number); panel.show('submitted', answer); break; }
    if (answer.status === 201) { panel.numbered(); panel.show('held'); break; }
    // Somebody pressed before with the same account: the first report stands, and its state is what counts.
    if (answer.status === 409) { if (answer.number) panel.numbered(answer.number); break; }
    if (answer.status >= 400 && answer.status < 500) { panel.numbered(); panel.retry(false); return panel.show('refused', { code: answer.code }); }
    panel.numbered();
    panel.show('unreachable');
    panel.retry(true);
    await pause(5000);
  }
  panel.retry(false);
  followReport(prompt, panel);
}

async function pressOnce(prompt, body) {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), 10000);
  try {
    const response = await fetch('/v1/reports', {
      method: 'POST', body, signal: deadline.signal,
      headers: { 'content-type': 'application/json', 'press-ticket': prompt.ticket, 'idempotency-key': prompt.pressId },
    });
    return { ...(await response.json()), status: response.status };
  } catch {
    return { status: 0 };
  } finally {
    clearTimeout(timer);
  }
}
`;
