export type { ZhidaChangeDetail, ZhidaPromptElement } from './element.js';
export { type TokenProvider, type Answer, type Credential, type GatewayClient, createGatewayClient } from './gateway-client.js';
export { type Headline, type HeadlineKey, type PressProgress, headlineOf } from './machine/headline.js';
export { type CallLog, createCallLog } from './machine/calls.js';
export { type Machine, type MachineDeps, createMachine } from './machine/machine.js';
export type { Chart, Session, View, WidgetState } from './machine/state.js';
export type {
  Adviser,
  Call,
  Draft,
  GivenAnswers,
  LegalSentence,
  PressCase,
  Prompt,
  PromptState,
  Question,
  QuestionAnswer,
  QuestionSet,
  Reason,
  ReportStatus,
  StatusLine,
} from './wire.js';
