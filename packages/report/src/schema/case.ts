import { Array as ArrayOf, Boolean as Bool, Enum, Null, Number as Num, Object as ObjectOf, Optional, String as Text, Union } from 'typebox';
import { flag, nullableText, nullableWhole, text, texts, triState } from './parts.js';

const status = Optional(Enum(['final', 'preliminary', 'corrected', 'entered-in-error']));

export const suspicionSchema = ObjectOf({
  situations: texts,
  localSituations: texts,
  harmTypes: texts,
  observed: text,
  statements: Optional(
    ArrayOf(ObjectOf({ speaker: Optional(Enum(['child', 'companion', 'other'])), verbatim: text, at: text, prompted: flag })),
  ),
  inference: text,
  event: Optional(
    ObjectOf({
      occurredAt: text,
      place: Optional(
        ObjectOf({ text, regionCode: text, kind: Optional(Enum(['home', 'school', 'online', 'work', 'public', 'unknown'])) }),
      ),
      repeated: triState,
      mechanismStated: text,
      mechanismFits: triState,
      careDelayed: triState,
      schoolRelated: triState,
    }),
  ),
});

const conditionSchema = ObjectOf({
  code: text,
  system: text,
  text,
  role: Optional(Enum(['main', 'other', 'external-cause', 'admission', 'history'])),
  certainty: Optional(Enum(['confirmed', 'suspected', 'ruled-out'])),
  status,
});

const observationSchema = ObjectOf({
  code: text,
  system: text,
  name: text,
  value: Optional(Union([Text(), Num(), Bool(), Null()])),
  unit: nullableText,
  interpretation: text,
  specimen: text,
  performer: text,
  status,
  at: text,
});

const procedureSchema = ObjectOf({
  code: text,
  system: text,
  text,
  at: text,
  consentBy: Optional(ObjectOf({ relationship: text })),
  status,
});

export const clinicalSchema = ObjectOf({
  conditions: Optional(ArrayOf(conditionSchema)),
  injuries: Optional(ArrayOf(ObjectOf({ site: text, side: text, kind: text, size: text, ageOfInjury: text, pattern: text }))),
  observations: Optional(ArrayOf(observationSchema)),
  procedures: Optional(ArrayOf(procedureSchema)),
  plannedProcedureAt: nullableText,
  pregnancy: Optional(
    ObjectOf({
      gestationalAgeDays: nullableWhole,
      conceptionFrom: text,
      conceptionTo: text,
      conceivedBefore14: triState,
      outcome: text,
    }),
  ),
  severity: Optional(Enum(['mild', 'moderate', 'severe', 'critical'])),
  outcome: Optional(Enum(['alive', 'critical', 'dead'])),
});

export const safetySchema = ObjectOf({
  immediateDanger: triState,
  safeToGoHome: triState,
  otherChildrenAtRisk: Optional(ObjectOf({ count: nullableWhole, note: text })),
});

export const evidenceSchema = ObjectOf({
  kind: text,
  status: Optional(Enum(['kept', 'handed-over', 'at-risk', 'unavailable'])),
  collectedAt: text,
  place: text,
  sealNumber: text,
  hash: text,
  volatileUntil: text,
  handedTo: text,
});
