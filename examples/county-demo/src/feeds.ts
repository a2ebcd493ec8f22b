import type { FeedName } from './his/chart.js';

/** One interface of the demo hospital: which part of it speaks, in what, and how the gateway calls it. */
export interface DemoFeed {
  readonly feed: FeedName;
  readonly gatewayName: string;
  readonly title: string;
}

export const DEMO_FEEDS: readonly DemoFeed[] = [
  { feed: 'snapshot', gatewayName: 'http', title: 'emergency: snapshot JSON over HTTP' },
  { feed: 'hl7v2-gb18030', gatewayName: 'mllp-paediatrics', title: 'paediatrics: HL7 v2.4 in GB18030 over MLLP' },
  { feed: 'hl7v2-utf8', gatewayName: 'mllp-surgery-obstetrics', title: 'surgery, obstetrics: HL7 v2.5.1 in UTF-8 over MLLP' },
  { feed: 'fhir', gatewayName: 'fhir-campus', title: 'women and children: FHIR R4, polled' },
  { feed: 'rows', gatewayName: 'rows-branch', title: 'branch: CSV rows in GB18030 by a mapping, from a folder' },
];
