/** How a part of the hospital speaks to the outside. */
export type FeedName = 'snapshot' | 'hl7v2-gb18030' | 'hl7v2-utf8' | 'fhir' | 'rows';

export type VisitKind = 'outpatient' | 'emergency' | 'inpatient';

/** Where a visit stands in the doctor's list. */
export type VisitState = 'waiting' | 'seeing' | 'observing' | 'admitted' | 'seen';

/** One line of the laboratory's sheet. A `pending` one has been ordered and its value not looked at yet. */
export interface ChartResult {
  /** LOINC. */
  readonly code: string;
  readonly name: string;
  readonly value: string | number;
  readonly unit?: string;
  readonly flag?: 'H' | 'L' | 'A';
  readonly range?: string;
  readonly at: string;
}

export interface ChartDiagnosis {
  /** ICD-10 as the Chinese national edition writes it. */
  readonly code: string;
  readonly text: string;
}

/** The headings of a chart that hold written text. */
export const NOTE_FIELDS = ['complaint', 'present', 'past', 'family', 'exam', 'nursing', 'imaging', 'assessment', 'plan'] as const;
export type NoteField = (typeof NOTE_FIELDS)[number];

/** One visit as this HIS keeps it: its own model, as every vendor has one. What leaves the HIS is written from it in the words of a feed. */
export interface Chart extends Readonly<Partial<Record<NoteField, string>>> {
  readonly feed: FeedName;
  /** Unique in the hospital, for example `V261127013`. */
  readonly id: string;
  readonly visitNumber: string;
  readonly serial: number;
  /** Grows with every save. */
  readonly revision: number;
  readonly kind: VisitKind;
  readonly state: VisitState;
  readonly department: string;
  readonly room: string;
  /** The doctor who sees the patient. */
  readonly staff: string;
  readonly startedAt: string;
  readonly savedAt: string;
  readonly patient: {
    readonly number: string;
    readonly name: string;
    readonly sex: 'male' | 'female';
    readonly birthDate: string;
    readonly address: string;
    readonly school?: string;
  };
  /** Who came along in the words of the desk; null: alone. */
  readonly companion: string | null;
  readonly diagnoses: readonly ChartDiagnosis[];
  readonly orders: readonly string[];
  readonly results: readonly ChartResult[];
  readonly pending: readonly ChartResult[];
  readonly disposition?: 'home' | 'admitted' | 'transferred';
}
