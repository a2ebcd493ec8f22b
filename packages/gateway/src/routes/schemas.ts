import { SEXES, TRI_STATES } from '@zhida/core';
import {
  Array as ArrayOf,
  Boolean as Flag,
  Enum,
  Integer,
  Literal,
  Null,
  Object as ObjectOf,
  Optional,
  Record as RecordOf,
  String as Text,
  Union,
  Unknown,
} from 'typebox';
import { SETTLED_STATUSES } from '../prompts/settle.js';

const level = Enum(['red', 'orange', 'yellow', 'none']);
const texts = ArrayOf(Text());
const nullableText = Union([Text(), Null()]);

/** RFC 9457. */
export const problemSchema = ObjectOf(
  { type: Text(), title: Text(), status: Integer(), code: Text(), at: Optional(Text()) },
  { title: 'Problem', description: 'A stable code and a location, never a value' },
);

/** RFC 6749 §4.4.2 with RFC 7523 §2.2. */
export const tokenRequestSchema = ObjectOf({
  grant_type: Literal('client_credentials'),
  client_assertion_type: Literal('urn:ietf:params:oauth:client-assertion-type:jwt-bearer'),
  client_assertion: Text(),
  scope: Optional(Literal('encounter:write')),
});

export const feedTokenSchema = ObjectOf({ access_token: Text(), token_type: Literal('Bearer'), expires_in: Integer(), scope: Text() });

const issueSchema = ObjectOf({ code: Text(), severity: Enum(['information', 'warning', 'error']), at: Text() });

const evidenceSchema = ObjectOf({
  at: Text({ description: 'Path into the snapshot' }),
  start: Optional(Integer({ description: 'UTF-16 code units of the original text' })),
  end: Optional(Integer({ description: 'exclusive' })),
  text: Optional(Text()),
});

const indicationSchema = ObjectOf({
  ruleId: Text(),
  family: Text(),
  key: Text(),
  level,
  statutory: Flag(),
  silent: Flag(),
  situation: Integer(),
  legalBasis: texts,
  summary: ObjectOf({ zh: Text(), en: Text() }),
  evidence: ArrayOf(evidenceSchema),
  suppressedBy: texts,
  loweredFrom: Union([level, Null()]),
  asks: ArrayOf(Enum(['BIRTH_DATE_UNKNOWN', 'GESTATION_UNKNOWN', 'GESTATION_UNCERTAIN'])),
});

/** An Assessment, with the hash of what was assessed. */
export const assessmentSchema = ObjectOf(
  {
    schemaVersion: Literal('1'),
    encounterId: nullableText,
    revision: Union([Integer(), Null()]),
    rulePack: ObjectOf({ id: Text(), version: Text(), digest: Text(), overlay: Optional(Text()) }),
    minor: Enum([...TRI_STATES]),
    age: Union([
      ObjectOf({ years: Integer(), months: Union([Integer(), Null()]), basis: Enum(['birth-date', 'resident-id', 'stated', 'text']) }),
      Null(),
    ]),
    level,
    situations: ArrayOf(Integer()),
    indications: ArrayOf(indicationSchema),
    issues: ArrayOf(issueSchema),
    inputSha256: Text(),
  },
  { title: 'Assessment', description: 'Why a report may be due: it suggests, a person decides' },
);

/** The answer to a FHIR bundle: one Assessment for each Encounter. */
export const bundleAnswerSchema = ObjectOf({ assessments: ArrayOf(assessmentSchema), issues: ArrayOf(issueSchema) });

const reasonSchema = ObjectOf({
  ruleId: Text(),
  family: Text(),
  questionSet: Text(),
  found: Text(),
  why: Text(),
  doNow: Text(),
  preserve: ArrayOf(ObjectOf({ text: Text(), deadlineHours: Integer() })),
  legalSentences: ArrayOf(ObjectOf({ id: Text(), text: Text(), verified: Literal(true) })),
  evidence: ArrayOf(ObjectOf({ label: Text(), value: Text(), source: Text(), at: Text() })),
});

const questionSetSchema = ObjectOf({
  id: Text(),
  questions: ArrayOf(
    ObjectOf({
      id: Text(),
      text: Text(),
      normal: Text({ description: 'What 正常 says to it' }),
      abnormal: Text({ description: 'What 异常 says to it' }),
      line: Text({ description: 'What 异常 adds to 看到了什么; empty where the report has a field for it' }),
    }),
  ),
});

/** Answers by question; one that is not there was not asked (没问到). */
const answersByQuestion = RecordOf(Text(), Enum(['normal', 'abnormal']));

const givenAnswersSchema = ObjectOf({ savedAt: Text(), answers: answersByQuestion });

const phoneTemplateSchema = ObjectOf(
  {
    full: Text(),
    short: Text(),
    words: ObjectOf({
      numberFull: Text(),
      numberShort: Text(),
      submitted: Text(),
      danger: Text(),
      whereabouts: ObjectOf({ 'in-facility': Text(), left: Text(), transferred: Text(), deceased: Text(), unknown: Text() }),
      companion: ObjectOf({ yes: Text(), no: Text(), unknown: Text(), alone: Text() }),
    }),
    answers: ObjectOf({
      number: Text(),
      where: Enum(['in-facility', 'left', 'transferred', 'deceased', 'unknown']),
      danger: Flag(),
      companion: Enum(['yes', 'no', 'unknown', 'alone']),
    }),
  },
  { description: 'What is said on the telephone, with places that the page fills in' },
);

/** What a press goes out as. */
const sentMode = Enum(['production', 'exercise', 'test']);

/** A prompt as one clinician sees it. */
export const promptSchema = ObjectOf(
  {
    schemaVersion: Literal('1'),
    id: Text(),
    version: Integer(),
    state: Enum(['shown', 'opened', 'deferred', 'reported', 'decided', 'expired', 'closed']),
    mode: sentMode,
    level: Enum(['red', 'orange']),
    statutory: Flag(),
    occurrence: Integer(),
    deferrals: Integer(),
    dueAt: nullableText,
    correctedAt: nullableText,
    leftBeforeResult: Flag({ description: 'The result came when the child had left' }),
    leftAs: Union([Enum(['left', 'transferred', 'deceased']), Null()], {
      description: 'How the child has left while a report is open or a red unanswered, until somebody says so',
    }),
    toKeep: ArrayOf(ObjectOf({ kind: Text({ description: 'As `evidence[].kind` of a report' }), volatileUntil: Text() }), {
      description: 'What an order puts at risk, until somebody says whether it is kept',
    }),
    refusedAt: nullableText,
    encounter: ObjectOf({ id: Text(), revision: Integer(), visitNumber: Text(), location: Text() }),
    patient: ObjectOf({ id: Text(), maskedName: Text(), sex: Enum([...SEXES]), ageText: Text() }),
    reasons: ArrayOf(reasonSchema),
    questionSets: ArrayOf(questionSetSchema),
    answers: Union([givenAnswersSchema, Null()]),
    recipients: ArrayOf(ObjectOf({ kind: Text(), name: Text(), phone: Text() })),
    dutyContact: ObjectOf({ title: Text(), phone: Text() }),
    securityContact: Union([ObjectOf({ phone: Text() }), Null()], { description: '保卫科, where its number is configured' }),
    reports: ArrayOf(
      ObjectOf({
        number: Text(),
        at: Text(),
        sameChild: Flag({ description: 'The visit is still of the child it speaks of' }),
        addable: Flag({ description: 'A colleague’s, of this visit: this clinician may add to it, by its number' }),
      }),
    ),
    decisionCodes: texts,
    advisers: ArrayOf(ObjectOf({ kind: Enum(['safeguarding', 'senior-hospital', 'procuratorate']), name: Text(), phone: Text() })),
    operator: ObjectOf({ name: Text(), role: Text() }),
    reporterProtected: Flag(),
    phone: phoneTemplateSchema,
    draft: Union([ObjectOf({ savedAt: Text(), form: Unknown() }), Null()]),
    prefill: RecordOf(Text(), Unknown(), { description: 'The report as far as the visit fills it; it alone holds what names the child' }),
    pressId: Text({ description: 'The idempotency key of this clinician’s press' }),
    ticket: Text({ description: 'The press ticket' }),
  },
  { title: 'Prompt' },
);

export const manualRequestSchema = ObjectOf({
  encounterId: Optional(Text({ description: 'The visit of the open chart; with a token only' })),
  staffId: Optional(Text({ description: '工号; needed without a token' })),
  name: Optional(Text()),
});

/** What a report needs that a person begins. */
export const manualCaseSchema = ObjectOf(
  {
    mode: sentMode,
    pressId: Text(),
    ticket: Text(),
    prefill: RecordOf(Text(), Unknown()),
    recipients: ArrayOf(ObjectOf({ kind: Text(), name: Text(), phone: Text() })),
    dutyContact: ObjectOf({ title: Text(), phone: Text() }),
    securityContact: Union([ObjectOf({ phone: Text() }), Null()], { description: '保卫科, where its number is configured' }),
    operator: ObjectOf({ name: Text(), role: Text() }),
    phone: phoneTemplateSchema,
    patient: ObjectOf({ id: Text(), maskedName: Text(), sex: Enum([...SEXES]), ageText: Text() }),
    encounter: ObjectOf({ id: Text(), revision: Integer(), visitNumber: Text(), location: Text() }),
  },
  { title: 'ManualCase' },
);

export const promptListSchema = ObjectOf({ prompts: ArrayOf(promptSchema) });

export const decideSchema = ObjectOf({
  version: Integer({ description: 'The version that was on the screen' }),
  code: Enum(['wrong-patient', 'over-18', 'result-corrected', 'coding-error', 'clear-accident', 'assessed-not-now', 'known-to-police']),
  text: Optional(Text({ maxLength: 2_000 })),
});

export const deferSchema = ObjectOf({
  code: Optional(
    Enum(['treat-first', 'danger-110', 'consult'], {
      description: 'treat-first when missing; danger-110 does not count, nor does consult, which an orange prompt alone takes',
    }),
  ),
});

export const settledSchema = ObjectOf(
  {
    patientId: Text({ description: 'The patient who was on the screen; of another one’s prompt nothing is taken' }),
    whereabouts: Optional(
      ObjectOf({
        status: Enum([...SETTLED_STATUSES], { description: '`in-facility`: the child has not left' }),
        withWhom: Optional(Text({ maxLength: 200 })),
        destination: Optional(Text({ maxLength: 200 })),
        since: Optional(Text({ maxLength: 200 })),
      }),
    ),
    evidence: Optional(ObjectOf({ status: Enum(['kept', 'unavailable']), place: Optional(Text({ maxLength: 200 })) })),
  },
  { description: 'One of `whereabouts` and `evidence`' },
);

export const tickedSchema = ObjectOf({
  patientId: Text({ description: 'The patient who was on the screen; another one’s prompt is not answered' }),
  answers: RecordOf(Text(), Enum(['normal', 'abnormal', 'not-asked']), { description: 'By question; not-asked takes an answer back' }),
});

export const answersSavedSchema = ObjectOf({
  savedAt: Text(),
  answers: answersByQuestion,
  prefill: RecordOf(Text(), Unknown(), { description: 'The report as it is filled in with them' }),
});

export const callSchema = ObjectOf({
  callId: Text({ description: '`cal_` and a ULID; the same id is the same call' }),
  number: Text(),
  at: Text({ description: 'RFC 3339' }),
  outcome: Enum(['answered', 'no-answer', 'transferred']),
  answeredBy: Optional(Text()),
  incidentNumber: Optional(Text({ description: '警情编号' })),
});

export const promptAnsweredSchema = ObjectOf({ id: Text(), version: Integer(), state: Text() });

export const heldSchema = ObjectOf(
  { state: Literal('held'), pressId: Text() },
  { description: 'Kept by the gateway, not sent yet; the event stream brings the number' },
);

export const followUpSchema = ObjectOf(
  {
    kind: Enum(['follow-up', 'correction', 'error-notice'], { description: 'follow-up when it is none of these' }),
    errorReason: Optional(Enum(['wrong-patient', 'duplicate', 'entered-in-error', 'new-findings'])),
    createdAt: Text({ description: 'RFC 3339' }),
  },
  {
    title: 'FollowUp',
    description: 'Members of a report that are new or different; child, hospital and case are those of the first report',
    additionalProperties: true,
  },
);

export const followUpListSchema = ObjectOf({
  followUps: ArrayOf(
    ObjectOf({
      key: Text({ description: 'The idempotency key it was pressed with; how it stands is asked by it' }),
      kind: Text(),
      at: Text({ description: 'RFC 3339: when it was pressed' }),
      number: nullableText,
    }),
  ),
  reportedName: Text({ description: 'Whom the first report speaks of, masked' }),
  patientChanged: Flag({ description: 'The visit is another patient’s since: the prompt shows somebody else than the report speaks of' }),
});

export const refusedListSchema = ObjectOf({
  refused: ArrayOf(
    ObjectOf({ pressId: Text(), pressedAt: Text(), problem: Text({ description: '`status-401` and the like: what the relay answered' }) }),
  ),
});

export const relayAnswerSchema = RecordOf(Text(), Unknown(), { description: 'The relay’s answer, byte for byte' });

export const reportStatusSchema = RecordOf(Text(), Unknown(), {
  description: 'The relay’s status of the report; `{ headline: "held", pressId, refused?, lines: [] }` while the relay has not taken it',
});

export const idParameterSchema = ObjectOf({ id: Text() });
