import { isRecord, isoNow, ZhidaError } from '@zhida/core';
import type { Kysely, Transaction } from 'kysely';
import type { Clinician } from '../access/clinician.js';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import { eachReadable } from '../each-readable.js';
import { type OpenedVisit, openVisits } from '../encounters/store.js';
import type { GatewaySchema, PromptAnswersTable } from '../schema.js';
import { jsonBytes, textOf } from '../sealing.js';
import { lockAddressed } from './addressed.js';
import { withAnswers } from './answers-in-report.js';
import type { PromptRow } from './change.js';
import { type PrefilledReport, prefillReport } from './prefill.js';
import { type Answer, ANSWERS, answersIn, type Answers, type QuestionnaireResponse, questionnaireResponse } from './questionnaire.js';
import { questionSetsOf } from './questions.js';
import { refuseAnswered } from './states.js';
import { toldOf } from './told.js';

/** What one person has answered of one prompt. */
export interface GivenAnswers {
  readonly savedAt: string;
  readonly answers: Answers;
}

/** Answers of one child: to a prompt that is another's by now they are none. */
export interface StoredAnswers extends GivenAnswers {
  readonly patientId: string;
}

export interface AnswersSaved extends GivenAnswers {
  /** The report as it is filled in with them. */
  readonly prefill: PrefilledReport;
}

/** What a person ticks; `not-asked` (没问到) takes an answer back. */
export interface Ticked {
  /** The patient who was on the screen. */
  readonly patientId: string;
  readonly answers: Readonly<Record<string, Answer | 'not-asked'>>;
}

interface Whose {
  readonly promptId: string;
  readonly account: string;
}

type AnswersRow = Pick<PromptAnswersTable, 'prompt_id' | 'wrapped_key' | 'sealed_response'>;

const placeOf = (promptId: string): string => `prompt-answers ${promptId}`;

/**
 * Lays what was ticked over what the same person has answered before, in this page or another, and keeps it sealed as a FHIR
 * QuestionnaireResponse. Questions this prompt does not ask are passed over.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND`; `ZD_ERR_CONFLICT` once the prompt is answered, or when it is another patient's than the one on
 * the screen.
 */
export async function saveAnswers(context: GatewayContext, promptId: string, clinician: Clinician, ticked: Ticked): Promise<AnswersSaved> {
  return context.database.db.transaction().execute(async (trx) => {
    const prompt = await lockAddressed(trx, context, promptId, clinician);
    refuseAnswered(prompt);
    const visits = await visitsOf(trx, context, prompt);
    const [main] = visits;
    if (ticked.patientId !== (main.snapshot.patient?.id ?? ''))
      throw new ZhidaError('ZD_ERR_CONFLICT', 'the prompt is another patient’s than the one who was on the screen', { at: 'patientId' });
    const sets = questionSetsOf(visits, 'zh');
    const whose = { promptId, account: clinician.account };
    const before = await responseOf(trx, context, whose);
    const answers = laidOver(before === undefined ? {} : answersIn(before), ticked.answers);
    const response = questionnaireResponse(sets, answers, {
      patientId: ticked.patientId,
      encounterId: main.snapshot.id,
      account: clinician.account,
      pack: context.detector.rulePack,
      at: isoNow(context.clock),
    });
    await putResponse(trx, context, whose, response);
    const kept = answersIn(response);
    const told = (await toldOf(trx, context, [promptId])).get(promptId) ?? {};
    return {
      savedAt: response.authored,
      answers: kept,
      prefill: withAnswers(prefillReport(context, prompt, main, { visits, reports: [], told }), sets, kept),
    };
  });
}

function laidOver(before: Answers, ticked: Ticked['answers']): Answers {
  const all = Object.entries({ ...before, ...ticked });
  return Object.fromEntries(all.filter((entry): entry is [string, Answer] => entry[1] !== 'not-asked'));
}

async function visitsOf(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  prompt: PromptRow,
): Promise<readonly [OpenedVisit, ...OpenedVisit[]]> {
  const [main, ...rest] = await keptVisits(trx, context, prompt);
  if (main === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'the visits of this prompt are not kept any more', { at: 'id' });
  return [main, ...rest];
}

/** The visits that give the prompt its reasons, the one that speaks for it first; none once they are erased. */
export async function keptVisits(
  trx: Kysely<GatewaySchema>,
  context: GatewayContext,
  prompt: Pick<PromptRow, 'id' | 'encounter_key'>,
): Promise<OpenedVisit[]> {
  const rows = await trx
    .selectFrom('prompt_encounters')
    .select('encounter_key')
    .where('prompt_id', '=', prompt.id)
    .where('level', '<>', 'none')
    .orderBy('updated_at', 'desc')
    .execute();
  const keys = [...new Set([prompt.encounter_key, ...rows.map(({ encounter_key: key }) => key)])];
  const opened = await openVisits(trx, context, keys);
  return keys.flatMap((key) => opened.get(key) ?? []);
}

async function putResponse(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  { promptId, account }: Whose,
  response: QuestionnaireResponse,
): Promise<void> {
  const { wrapped, seal } = context.sealing.create();
  const row = {
    wrapped_key: Buffer.from(wrapped),
    sealed_response: Buffer.from(seal(jsonBytes(response), placeOf(promptId))),
    saved_at: new Date(context.clock.now()),
  };
  await trx
    .insertInto('prompt_answers')
    .values({ facility: context.facility.code, prompt_id: promptId, account, revision: 1, ...row })
    .onConflict((conflict) =>
      conflict
        .columns(['facility', 'prompt_id', 'account'])
        .doUpdateSet((set) => ({ ...row, revision: set('prompt_answers.revision', '+', 1) })),
    )
    .execute();
  await recordAudit(trx, context, { actor: 'clinician', action: 'answers.saved', subject: { promptId }, detail: { account } });
}

/** What a person has answered, as it stands with their decision or press; nothing where they were asked nothing. */
export async function answersGiven(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  whose: Whose,
): Promise<QuestionnaireResponse | undefined> {
  const response = await responseOf(trx, context, whose);
  return response === undefined ? undefined : { ...response, status: 'completed' };
}

/** A row that cannot be read holds up no press: it is told to operators, and what was answered is answered anew. */
async function responseOf(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  { promptId, account }: Whose,
): Promise<QuestionnaireResponse | undefined> {
  const rows = await rowsOf(trx, context, [promptId], account);
  const [response] = await eachReadable(context, 'answers', rows, (row) => openResponse(context, row));
  return response;
}

/** This person's own answers to these prompts. */
export async function answersOf(
  context: GatewayContext,
  promptIds: readonly string[],
  account: string,
): Promise<Map<string, StoredAnswers>> {
  if (promptIds.length === 0) return new Map();
  const rows = await rowsOf(context.database.db, context, promptIds, account);
  const given = await eachReadable(context, 'answers', rows, (row): [string, StoredAnswers] => {
    const response = openResponse(context, row);
    const { authored: savedAt, subject } = response;
    return [row.prompt_id, { savedAt, answers: answersIn(response), patientId: subject.identifier.value }];
  });
  return new Map(given);
}

async function rowsOf(
  db: Kysely<GatewaySchema>,
  { facility }: GatewayContext,
  promptIds: readonly string[],
  account: string,
): Promise<AnswersRow[]> {
  return db
    .selectFrom('prompt_answers')
    .select(['prompt_id', 'wrapped_key', 'sealed_response'])
    .where('facility', '=', facility.code)
    .where('account', '=', account)
    .where('prompt_id', 'in', promptIds)
    .execute();
}

function openResponse({ sealing }: GatewayContext, row: AnswersRow): QuestionnaireResponse {
  return JSON.parse(textOf(sealing.open(row.wrapped_key, row.sealed_response, placeOf(row.prompt_id)))) as QuestionnaireResponse;
}

/** @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` for anything but a patient and known answers by question. */
export function readTicked({ patientId, answers }: Readonly<Record<string, unknown>>): Ticked {
  if (typeof patientId !== 'string') throw unreadable('patientId');
  if (!isRecord(answers)) throw unreadable('answers');
  const entries = Object.entries(answers);
  if (!entries.every((entry): entry is [string, Answer | 'not-asked'] => isAnswer(entry[1]))) throw unreadable('answers');
  return { patientId, answers: Object.fromEntries(entries) };
}

function isAnswer(value: unknown): boolean {
  return value === 'not-asked' || ANSWERS.some((answer) => answer === value);
}

function unreadable(at: string): ZhidaError {
  return new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'this member of the answers is missing or wrong', { at });
}
