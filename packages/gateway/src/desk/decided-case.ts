import type { Kysely } from 'kysely';
import type { GatewayContext } from '../context.js';
import { eachReadable } from '../each-readable.js';
import type { OpenedVisit } from '../encounters/store.js';
import { sentAs } from '../exercises.js';
import { keptVisits } from '../prompts/answers.js';
import { openPromptEvent } from '../prompts/change.js';
import type { QuestionnaireResponse } from '../prompts/questionnaire.js';
import { evidenceNow, PATIENT_CHANGED } from '../prompts/upsert.js';
import type { GatewaySchema } from '../schema.js';
import type { StandingDecision } from './reviews.js';

/** A decision as it stands now, with whom and what it is about. */
export interface DecidedCase {
  /** The one that speaks first; none once they are erased, or where they are of an exercise and the prompt is not, or the reverse (INV-16). */
  readonly visits: readonly OpenedVisit[];
  /** What was written and answered then; nothing where that was of another child, or cannot be read. */
  readonly text: string;
  readonly answers: QuestionnaireResponse | undefined;
  /** The visit was another child's when the decision was made. */
  readonly ofAnother: boolean;
  /** The evidence is another than the one the decision was made on. */
  readonly changedSince: boolean;
  /** Another one as soon as there is another decision, or anything else to see: a verdict on what nobody has seen is none. */
  readonly stamp: string;
}

export async function decidedCase(
  db: Kysely<GatewaySchema>,
  context: GatewayContext,
  { prompt, event }: StandingDecision,
): Promise<DecidedCase> {
  const kept = await keptVisits(db, context, prompt);
  const isExercise = sentAs(context, kept[0]?.snapshot.patient).mode === 'exercise';
  const visits = isExercise === prompt.exercise ? kept : [];
  const patientId = visits[0]?.snapshot.patient?.id ?? '';
  const turned = await db
    .selectFrom('prompt_events')
    .select('id')
    .where('prompt_id', '=', prompt.id)
    .where('id', '>', event.id)
    .where('code', '=', PATIENT_CHANGED)
    .limit(1)
    .executeTakeFirst();
  const ofAnother = turned !== undefined;
  const [said] = ofAnother ? [] : await eachReadable(context, 'decisions', [event], (row) => openPromptEvent(context, row));
  return {
    visits,
    text: said?.text ?? '',
    answers: said?.answers?.subject.identifier.value === patientId ? said.answers : undefined,
    ofAnother,
    changedSince: event.evidence_sha256 !== (await evidenceNow(db, prompt.id)),
    stamp: [event.id, prompt.version, ...visits.map(({ inputSha256 }) => inputSha256)].join('.'),
  };
}
