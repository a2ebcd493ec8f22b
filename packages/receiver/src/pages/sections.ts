import { type Html, html, type HtmlValue, isRecord, type Json, wordFor } from '@zhida/core';
import { listAt, textAt, textsAt } from '../body.js';
import { ageText, codeText, type PageContext, timeText } from './format.js';

/** A label and what stands behind it; an empty value leaves the line out. */
type Line = readonly [label: string, value: HtmlValue];

/** Facts of a view in the order an officer needs them, after {@link contactSection}; a section without a fact is not shown. */
export function sections(context: PageContext, body: Json): Html {
  const { sections: titles } = context.texts.report;
  return html`${section('where', titles.where, whereLines(context, body))}
${section('who', titles.who, whoLines(context, body))}
${section('what', titles.what, whatLines(context, body))}
${section('danger', titles.danger, dangerLines(context, body))}
${evidenceSection(context, body)}
${section('clinical', titles.clinical, clinicalLines(context, body))}
${section('alleged', titles.alleged, allegedLines(context, body))}
${section('needs', titles.needs, [['', chips(textsAt(body, 'needs').map((need) => codeText(context, 'needs', need)))]])}`;
}

/** A number that a telephone understands can be pressed; anything else stays text. */
export function phoneLink(phone: string): Html {
  const dialled = phone.replaceAll(/[\s()（）-]/g, '');
  return /^\+?\d{3,20}$/.test(dialled)
    ? html`<a class="phone num" href="tel:${dialled}">${phone}</a>`
    : html`<b class="phone">${phone}</b>`;
}

export function section(id: string, title: string, lines: readonly Line[]): Html | '' {
  const shown = lines.filter(
    ([, value]) => value !== '' && value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0),
  );
  if (shown.length === 0) return '';
  return html`<section class="card" id="${id}"><h2>${title}</h2><dl>${shown.map(
    ([label, value]) => html`<div>${label === '' ? '' : html`<dt>${label}</dt>`}<dd>${value}</dd></div>`,
  )}</dl></section>`;
}

/** Before anything else: who may be called and who must not. A wrong call can reach the abuser. */
export function contactSection(context: PageContext, body: Json): Html {
  const { contact, sections: titles } = context.texts.report;
  const title = textAt(body, 'facility.dutyContact.title');
  const phone = textAt(body, 'facility.dutyContact.phone');
  const duty = phone === '' ? title : html`${title} ${phoneLink(phone)}`;
  const doNot = listAt(body, 'contactPlan.doNotContact').map((item) => join([textAt(item, 'phone'), textAt(item, 'reason')]));
  const approach = textsAt(body, 'contactPlan.approach').map((code) => codeText(context, 'approaches', code));
  const lines: readonly Line[] = [
    [contact.duty, duty],
    [contact.doNot, doNot.length === 0 ? '' : html`<strong class="forbidden">${doNot.join(context.texts.marks.semicolon)}</strong>`],
    [contact.approach, chips(approach)],
    [contact.safe, person(context, recordAt(body, 'contactPlan.safeContact'))],
  ];
  return html`${section('contact', titles.contact, lines) || html`<section class="card" id="contact"><h2>${titles.contact}</h2><p>${contact.none}</p></section>`}`;
}

function whereLines(context: PageContext, body: Json): readonly Line[] {
  const { texts } = context;
  const { where } = texts.report;
  return [
    [where.status, wordFor(texts.whereabouts, textAt(body, 'whereabouts.status'))],
    [where.place, textAt(body, 'whereabouts.place')],
    [where.since, timeText(context, textAt(body, 'whereabouts.since'))],
    [where.destination, textAt(body, 'whereabouts.destination')],
    [where.withWhom, textAt(body, 'whereabouts.withWhom')],
    [where.leaveAt, timeText(context, textAt(body, 'whereabouts.expectedLeaveAt'))],
    [where.facility, textAt(body, 'facility.name')],
    [where.address, textAt(body, 'facility.address')],
    [where.department, textAt(body, 'department')],
  ];
}

function whoLines(context: PageContext, body: Json): readonly Line[] {
  const { who } = context.texts.report;
  const patient = recordAt(body, 'patient') ?? {};
  const identifiers = listAt(patient, 'identifiers').map((item) =>
    join([codeText(context, 'identifierTypes', textAt(item, 'system')), textAt(item, 'value')]),
  );
  const age = { birthDate: textAt(patient, 'birthDate'), statedAge: textAt(patient, 'statedAge'), ageBand: textAt(patient, 'ageBand') };
  return [
    [who.name, textAt(patient, 'name')],
    [who.sex, codeText(context, 'sex', textAt(patient, 'sex'))],
    [who.age, ageText(context, age)],
    [who.birthDate, age.birthDate],
    [who.identifiers, lines(identifiers)],
    [who.phone, textAt(patient, 'phone')],
    [who.address, textAt(patient, 'address.text')],
    [who.school, join([textAt(patient, 'school.name'), textAt(patient, 'school.grade')])],
    [who.disability, textsAt(patient, 'disability').join(context.texts.marks.comma)],
    [who.communication, textsAt(patient, 'communication').join(context.texts.marks.comma)],
    [who.companions, lines(listAt(body, 'companions').map((item) => person(context, item)))],
    [who.guardians, lines(listAt(body, 'guardians').map((item) => person(context, item)))],
  ];
}

function whatLines(context: PageContext, body: Json): readonly Line[] {
  const { texts } = context;
  const { what } = texts.report;
  const statements = listAt(body, 'suspicion.statements').map((item) => {
    const verbatim = textAt(item, 'verbatim');
    return verbatim === '' ? '' : html`${wordFor(what.speaker, textAt(item, 'speaker'))}${texts.marks.colon}<q>${verbatim}</q>`;
  });
  const situations = textsAt(body, 'suspicion.situations').map((code) => codeText(context, 'situations', code));
  const local = textsAt(body, 'suspicion.localSituations').map((code) => codeText(context, 'localSituations', code));
  return [
    [what.situations, lines([...situations, ...local])],
    [what.harmTypes, chips(textsAt(body, 'suspicion.harmTypes').map((code) => codeText(context, 'harmTypes', code)))],
    [what.observed, textAt(body, 'suspicion.observed')],
    [what.statements, lines(statements.filter((statement) => statement !== ''))],
    [what.inference, textAt(body, 'suspicion.inference')],
    [what.occurredAt, timeText(context, textAt(body, 'suspicion.event.occurredAt'))],
    [
      what.place,
      join([wordFor(texts.eventPlaces, textAt(body, 'suspicion.event.place.kind')), textAt(body, 'suspicion.event.place.text')]),
    ],
    [what.mechanism, textAt(body, 'suspicion.event.mechanismStated')],
  ];
}

function clinicalLines(context: PageContext, body: Json): readonly Line[] {
  const { texts } = context;
  const { clinical } = texts.report;
  const injuries = listAt(body, 'clinical.injuries').map((injury) =>
    join([
      texts.report.clinical.site(
        codeText(context, 'injurySides', textAt(injury, 'side')),
        codeText(context, 'injurySites', textAt(injury, 'site')),
      ),
      codeText(context, 'injuryKinds', textAt(injury, 'kind')),
      textAt(injury, 'size'),
      codeText(context, 'injuryPatterns', textAt(injury, 'pattern')),
    ]),
  );
  const coded = (path: string): HtmlValue =>
    lines(
      listAt(body, path).map((item) =>
        join([
          textAt(item, 'text') || textAt(item, 'name'),
          [textAt(item, 'value'), textAt(item, 'unit')].filter((part) => part !== '').join(' '),
          timeText(context, textAt(item, 'at')),
        ]),
      ),
    );
  return [
    [clinical.severity, wordFor(texts.severity, textAt(body, 'clinical.severity'))],
    [clinical.outcome, wordFor(texts.outcome, textAt(body, 'clinical.outcome'))],
    [clinical.conceivedBefore14, wordFor(texts.tri, textAt(body, 'clinical.pregnancy.conceivedBefore14'))],
    [clinical.injuries, lines(injuries)],
    [clinical.conditions, coded('clinical.conditions')],
    [clinical.observations, coded('clinical.observations')],
    [clinical.procedures, coded('clinical.procedures')],
  ];
}

function dangerLines({ texts }: PageContext, body: Json): readonly Line[] {
  const { danger } = texts.report;
  const answer = (path: string, alarm: string): HtmlValue => {
    const code = textAt(body, path);
    return code === alarm ? html`<b class="danger">${wordFor(texts.tri, code)}</b>` : wordFor(texts.tri, code);
  };
  return [
    [danger.immediate, answer('safety.immediateDanger', 'yes')],
    [danger.home, answer('safety.safeToGoHome', 'no')],
    [danger.others, join([textAt(body, 'safety.otherChildrenAtRisk.count'), textAt(body, 'safety.otherChildrenAtRisk.note')])],
  ];
}

function evidenceSection(context: PageContext, body: Json): Html | '' {
  const { texts, nowMs } = context;
  const { evidence, sections: titles } = texts.report;
  const items = listAt(body, 'evidence').filter(isRecord);
  if (items.length === 0) return '';
  return html`<section class="card" id="evidence"><h2>${titles.evidence}</h2><ul class="evidence">${items.map((item) => {
    const until = textAt(item, 'volatileUntil');
    const overdue = until !== '' && Date.parse(until) < nowMs;
    return html`<li><b>${codeText(context, 'evidenceKinds', textAt(item, 'kind'))}</b>
<span>${join([wordFor(texts.evidenceStatus, textAt(item, 'status')), textAt(item, 'place')])}</span>
${until === '' ? '' : html`<span class="${overdue ? 'danger' : 'deadline'} num">${evidence.until} ${timeText(context, until)}${overdue ? ` · ${evidence.overdue}` : ''}</span>`}</li>`;
  })}</ul></section>`;
}

function allegedLines(context: PageContext, body: Json): readonly Line[] {
  return [['', lines(listAt(body, 'allegedPersons').map((item) => person(context, item)))]];
}

/** A person in one line: relationship, name, telephone, and what the hospital noticed. */
function person(context: PageContext, value: Json | undefined): string {
  const { texts } = context;
  if (!isRecord(value)) return '';
  const involved = textAt(value, 'mayBeInvolved');
  const attitude = textAt(value, 'attitude');
  return join([
    codeText(context, 'relationships', textAt(value, 'relationship')),
    textAt(value, 'name'),
    textAt(value, 'statedAge'),
    textAt(value, 'phone'),
    textAt(value, 'address'),
    textAt(value, 'isGuardian') === 'yes' ? texts.report.who.isGuardian : '',
    involved === '' ? '' : `${texts.report.who.mayBeInvolved}${texts.marks.colon}${wordFor(texts.tri, involved)}`,
    attitude === '' ? '' : `${texts.report.who.attitude}${texts.marks.colon}${wordFor(texts.attitude, attitude)}`,
  ]);
}

function recordAt(body: Json, path: string): Json | undefined {
  return path
    .split('.')
    .reduce<Json | undefined>((value, key) => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined), body);
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('　');
}

function lines(items: readonly HtmlValue[]): HtmlValue {
  const shown = items.filter((item) => item !== '');
  return shown.length === 0 ? '' : html`<ul class="lines">${shown.map((item) => html`<li>${item}</li>`)}</ul>`;
}

function chips(items: readonly string[]): HtmlValue {
  return items.length === 0 ? '' : html`<span class="chips">${items.map((item) => html`<span class="chip">${item}</span>`)}</span>`;
}
