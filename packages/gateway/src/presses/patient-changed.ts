import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely';
import { PATIENT_CHANGED } from '../prompts/upsert.js';
import type { GatewaySchema } from '../schema.js';

/** Of a row of `presses`: the visit of its prompt turned out to be another patient's after it. */
export function patientChangedSince(
  press: ExpressionBuilder<GatewaySchema, 'presses'>,
): ExpressionWrapper<GatewaySchema, 'presses', SqlBool> {
  return press.exists(
    press
      .selectFrom('prompt_events')
      .select('prompt_events.id')
      .whereRef('prompt_events.prompt_id', '=', 'presses.prompt_id')
      .where('prompt_events.code', '=', PATIENT_CHANGED)
      .whereRef('prompt_events.at', '>', 'presses.pressed_at'),
  );
}
