import { Array as ArrayOf, Enum, Object as ObjectOf, Optional, String as Text } from 'typebox';
import { contact, nullableText, place, text, texts, triState } from './parts.js';

export const patientSchema = ObjectOf({
  name: text,
  sex: text,
  birthDate: text,
  statedAge: text,
  ageBasis: Optional(Enum(['document', 'stated', 'estimated'])),
  ageBand: Optional(Enum(['<1', '1-3', '4-6', '7-13', '14-15', '16-17'])),
  identifiers: Optional(ArrayOf(ObjectOf({ system: Text(), value: Text() }))),
  nationality: text,
  ethnicity: text,
  address: Optional(place),
  registeredAddress: Optional(place),
  phone: text,
  school: Optional(ObjectOf({ name: text, grade: text })),
  disability: texts,
  communication: texts,
  maritalStatus: text,
});

export const whereaboutsSchema = ObjectOf({
  status: Optional(Enum(['in-facility', 'left', 'transferred', 'deceased', 'unknown'])),
  place: text,
  since: text,
  destination: text,
  withWhom: text,
  expectedLeaveAt: nullableText,
});

export const companionSchema = ObjectOf({
  relationship: text,
  name: text,
  phone: text,
  isGuardian: triState,
  mayBeInvolved: triState,
  attitude: Optional(Enum(['cooperative', 'refuses', 'asks-not-to-report', 'unknown'])),
});

export const contactPlanSchema = ObjectOf({
  safeContact: Optional(contact),
  doNotContact: Optional(ArrayOf(ObjectOf({ phone: text, reason: text }))),
  approach: texts,
});

export const allegedPersonSchema = ObjectOf({
  known: triState,
  name: text,
  relationship: text,
  sex: text,
  statedAge: text,
  address: text,
  phone: text,
  accessToChild: triState,
  specialDuty: Optional(Enum(['none', 'guardian', 'teacher', 'medical', 'official', 'employer', 'unknown'])),
});
