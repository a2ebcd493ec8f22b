import type { Chart } from '../chart.js';

/**
 * What the gateway calls a visit, for `visit-id` of the widget. HL7 v2 carries no id of a visit that is unique by itself: the gateway makes it of
 * the patient's number (PID-3) and the visit's (PV1-19).
 */
export function visitIdOf({ feed, id, visitNumber, patient }: Chart): string {
  return feed === 'hl7v2-gb18030' || feed === 'hl7v2-utf8' ? `${patient.number}-${visitNumber}` : id;
}
