/** S2: one page, everything filled in as far as the visit tells, nothing mandatory. */
export const confirmScript = String.raw`
function patientLine(prompt) {
  const tail = prompt.encounter.visitNumber.slice(-4);
  return [prompt.patient.maskedName, texts.sex[prompt.patient.sex], prompt.patient.ageText, tail ? fill(texts.visitTail, { tail }) : '', prompt.encounter.location]
    .filter(Boolean).join(texts.space);
}

function choice(label, values, selected, testid) {
  const select = el('select', { testid }, ...Object.entries(values).map(([value, text]) => el('option', { value, textContent: text, selected: value === selected })));
  return { select, field: el('label', { textContent: label }, select) };
}

function confirmPanel(prompt, card) {
  const { whereabouts, suspicion } = prompt.prefill;
  const where = choice(texts.where, texts.whereabouts, whereabouts.status, 's2-where');
  const observed = el('textarea', { rows: 4, value: suspicion.observed, testid: 's2-observed' });
  const verbatim = el('textarea', { rows: 2, testid: 's2-verbatim' });
  const speaker = choice(texts.speaker, texts.speakers, 'child', 's2-speaker');
  const answers = ['immediateDanger', 'companionInvolved', 'unsafeHome'].map((name) => choice(texts[name], texts.triState, 'unknown', 's2-' + name));
  const confirm = el('button', { className: 'primary', textContent: texts.confirm, testid: 's2-confirm' });
  confirm.onclick = () => {
    confirm.disabled = true;
    const [danger, companion, home] = answers.map(({ select }) => select.value);
    const report = structuredClone(prompt.prefill);
    report.createdAt = new Date().toISOString();
    if (where.select.value !== whereabouts.status) report.whereabouts = { status: where.select.value };
    report.suspicion.observed = observed.value;
    if (verbatim.value.trim()) report.suspicion.statements = [{ speaker: speaker.select.value, verbatim: verbatim.value.trim(), prompted: false }];
    report.safety = { immediateDanger: danger, safeToGoHome: { yes: 'no', no: 'yes', unknown: 'unknown' }[home] };
    if (companion !== 'unknown') report.companions = (report.companions?.length ? report.companions : [{}]).map((person) => ({ ...person, mayBeInvolved: companion }));
    void sendReport(prompt, report, card);
  };
  const panel = el('div', { className: 'panel', testid: 's2-panel' },
    el('h2', { textContent: texts.confirmTitle }), el('div', { className: 'quiet', textContent: texts.who }), el('div', { className: 'facts', textContent: patientLine(prompt) }),
    where.field, el('label', { textContent: texts.observed }, observed),
    el('label', { textContent: texts.verbatim }, verbatim), speaker.field,
    el('div', { className: 'three' }, answers.map(({ field }) => field)), el('p', { className: 'advice', textContent: texts.advice }),
    el('p', { className: 'quiet', textContent: [
      texts.recipients + '：' + prompt.recipients.map((recipient) => recipient.name).join(texts.comma),
      fill(texts.reporter, dutyValues(prompt)), fill(texts.operator, { name: clinician }),
    ].join(texts.space) }),
    el('div', { className: 'acts' }, confirm, el('button', { textContent: texts.back, onclick: () => card.open() })));
  panel.addEventListener('keydown', (event) => { if (event.ctrlKey && event.key === 'Enter' && !confirm.disabled) confirm.click(); });
  card.fix('confirm', panel);
  confirm.focus();
}
`;
