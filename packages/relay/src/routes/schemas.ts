import { Type } from 'typebox';

const nullableText = Type.Union([Type.String(), Type.Null()]);
const recipient = Type.Object({ party: Type.String(), kind: Type.String(), name: Type.Object({ zh: Type.String(), en: Type.String() }) });
const issue = Type.Object({
  code: Type.String(),
  severity: Type.Union([Type.Literal('information'), Type.Literal('warning'), Type.Literal('error')]),
  at: Type.String(),
});

/** RFC 9457. */
export const problemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    at: Type.Optional(Type.String()),
    reportId: Type.Optional(Type.String()),
    number: Type.Optional(Type.String()),
  },
  { description: 'RFC 9457 problem: a stable code and no value' },
);

/** The answer to a press. */
export const reportAnswerSchema = Type.Object({
  reportId: Type.String(),
  number: Type.String(),
  receivedAt: Type.String(),
  deliveries: Type.Array(Type.Object({ deliveryId: Type.String(), recipient })),
  issues: Type.Array(issue),
});

const stateSchema = Type.Union([Type.Literal('open'), Type.Literal('attested'), Type.Literal('stored'), Type.Literal('accepted')]);
const statusLine = {
  deliveryId: Type.String(),
  recipient,
  state: stateSchema,
  storedAt: nullableText,
  acceptedAt: nullableText,
  attestedAt: nullableText,
  agencyNumber: nullableText,
  attempts: Type.Integer(),
  lastOutcome: Type.Union([Type.Literal('receipted'), Type.Literal('refused'), Type.Literal('unknown'), Type.Null()]),
  holdReason: nullableText,
  nextDueAt: nullableText,
};
const status = {
  reportId: Type.String(),
  number: Type.String(),
  kind: Type.String(),
  sequence: Type.Integer(),
  createdAt: Type.String(),
  version: Type.Integer(),
  headline: Type.Union([Type.Literal('submitted'), Type.Literal('attested'), Type.Literal('stored'), Type.Literal('accepted')]),
};
const statusCalls = Type.Array(Type.Object({ callId: Type.String(), outcome: Type.String(), at: Type.String() }));

/** `ReportStatus` as it goes over the wire. */
export const reportStatusSchema = Type.Object({ ...status, lines: Type.Array(Type.Object(statusLine)), calls: statusCalls });

const waitingReport = Type.Object({
  ...status,
  mode: Type.String(),
  exerciseId: nullableText,
  lines: Type.Array(Type.Object({ ...statusLine, attestable: Type.Boolean() })),
  calls: statusCalls,
});

/** Reports of the duty desk; `more` says that older ones wait too. */
export const waitingListSchema = Type.Object({ reports: Type.Array(waitingReport), more: Type.Boolean() });
export const waitingSchema = waitingReport;

const phoneWords = Type.Object({ full: Type.String(), short: Type.String() });

/** A case the duty desk has opened. */
export const openedCaseSchema = Type.Object({
  number: Type.String(),
  case: Type.Unknown(),
  script: Type.Object({ zh: phoneWords, en: phoneWords }),
});

export const lineListSchema = Type.Object({
  lines: Type.Array(
    Type.Object({
      party: Type.String(),
      kind: Type.String(),
      name: recipient.properties.name,
      system: Type.String(),
      phone: nullableText,
      trusted: Type.Boolean(),
      disabledSince: nullableText,
      disabledReason: nullableText,
      breakerSince: nullableText,
      failures: Type.Integer(),
      open: Type.Integer(),
      oldestOpenAt: nullableText,
      held: Type.Array(Type.Object({ reason: Type.String(), count: Type.Integer() })),
    }),
  ),
});

export const recordedSchema = Type.Object({ recorded: Type.Boolean(), repeat: Type.Boolean() });

export const deliveryListSchema = Type.Object({
  deliveries: Type.Array(
    Type.Object({
      deliveryId: Type.String(),
      reportId: Type.String(),
      number: Type.String(),
      party: Type.String(),
      kind: Type.String(),
      state: Type.String(),
      priority: Type.String(),
      attempts: Type.Integer(),
      lastOutcome: nullableText,
      lastDetail: nullableText,
      waitsFor: nullableText,
      holdReason: nullableText,
      heldBy: nullableText,
      heldSince: nullableText,
      nextDueAt: nullableText,
      createdAt: Type.String(),
    }),
  ),
  next: nullableText,
});

export const attestedSchema = Type.Object({ attestationId: Type.String() });

export const alarmListSchema = Type.Object({
  alarms: Type.Array(
    Type.Object({
      escalationId: Type.String(),
      rung: Type.String(),
      deliveryId: nullableText,
      reportId: nullableText,
      number: nullableText,
      party: nullableText,
      mode: nullableText,
      dueAt: Type.String(),
      raisedAt: Type.String(),
      sent: Type.Integer(),
      silenceable: Type.Boolean(),
      why: nullableText,
      day: nullableText,
      from: nullableText,
    }),
  ),
  next: nullableText,
});

export const rosterSchema = Type.Object({
  shifts: Type.Integer(),
  kept: Type.Boolean(),
  issues: Type.Array(issue),
  gaps: Type.Array(Type.Object({ from: Type.String(), to: Type.String() })),
  now: Type.Union([Type.Object({ title: Type.String(), phone: nullableText }), Type.Null()]),
  ahead: Type.Array(Type.Object({ from: Type.String(), to: Type.String(), title: Type.String(), phone: nullableText })),
});

export const redeliverSchema = Type.Object({ deliveryId: Type.String() });

const attachment = { attachmentId: Type.String(), sha256: Type.String(), size: Type.Integer() };

export const attachmentStoredSchema = Type.Object(attachment);

export const attachmentListSchema = Type.Object({
  attachments: Type.Array(
    Type.Object({
      ...attachment,
      contentType: Type.String(),
      receivedAt: Type.String(),
      recipients: Type.Array(Type.Object({ party: Type.String(), receivedAt: nullableText })),
    }),
  ),
});

export const attachmentPageSchema = Type.Object({
  attachments: Type.Array(
    Type.Object({ attachmentId: Type.String(), deliveryId: Type.String(), reportId: Type.String(), size: Type.Integer() }),
  ),
  next: nullableText,
});

export const paperBlockSchema = Type.Object({
  first: Type.String(),
  last: Type.String(),
  count: Type.Integer(),
  handedTo: Type.String(),
  handedOutAt: Type.String(),
  entered: Type.Integer(),
  void: Type.Integer(),
  gaps: Type.Array(Type.String()),
});

export const paperBlocksSchema = Type.Object({ blocks: Type.Array(paperBlockSchema) });

export const paperNumberSchema = Type.Object({
  number: Type.String(),
  state: Type.Union([Type.Literal('open'), Type.Literal('entered'), Type.Literal('void')]),
  reportId: nullableText,
  reportNumber: nullableText,
});

export const deadLetterListSchema = Type.Object({
  deadLetters: Type.Array(
    Type.Object({
      deliveryId: Type.String(),
      reportId: Type.String(),
      number: Type.String(),
      party: Type.String(),
      fault: Type.String(),
      since: Type.String(),
      lastAt: Type.String(),
      times: Type.Integer(),
    }),
  ),
  next: nullableText,
});

export const replayedSchema = Type.Object({ deliveryId: Type.String(), payloadSha256: nullableText });

export const exchangedSchema = Type.Object({ recorded: Type.Boolean(), repeat: Type.Boolean(), statement: Type.String() });

export const exchangeListSchema = Type.Object({
  exchanges: Type.Array(
    Type.Object({
      party: Type.String(),
      day: Type.String(),
      agrees: Type.Boolean(),
      agencyCount: Type.Integer(),
      ownCount: Type.Integer(),
      missingHere: Type.Array(Type.String()),
      missingThere: Type.Array(Type.String()),
      checkedAt: Type.String(),
    }),
  ),
});

export const forwardTakenSchema = Type.Object({ taken: Type.Boolean() });

export const inboxSchema = Type.Object({
  deliveries: Type.Array(Type.Object({ deliveryId: Type.String(), envelope: Type.String() })),
  next: nullableText,
});
