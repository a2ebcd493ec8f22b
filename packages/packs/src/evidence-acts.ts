/** An order or procedure after which evidence is thrown away or washed unless somebody is told in time. */
export interface EvidenceAct {
  readonly id: string;
  /** What is to be kept: codes of the report's kinds of evidence. */
  readonly kinds: readonly string[];
  /** How long what was kept stays of use, in hours from the order. */
  readonly deadlineHours: number;
  /** Lower case; one of them in the text of an order, a procedure or a medication makes it this act. */
  readonly terms: readonly string[];
  /** Lower case; what is taken out of the text first: a history, an aftercare, a material. */
  readonly unless: readonly string[];
  /** Beginnings of ICD-9-CM-3 codes of procedures. */
  readonly codes: readonly string[];
}
