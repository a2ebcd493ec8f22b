import { type EnvelopeClaims, type KeyDirectory, sealEnvelope, sealRestricted, webhookHeaders } from '@zhida/signing';
import { canonicalBytes, createId, type Json } from '@zhida/core';
import { readReport, type RecipientKind, renderView } from '@zhida/report';
import { canaries } from '@zhida/testkit';
import type { Pair } from './keys.js';

/** A report in which every name, number and place is a canary. Nobody in it exists. */
export const canaryReport = {
  schemaVersion: '1',
  mode: 'test',
  kind: 'initial',
  priority: 'urgent',
  createdAt: '2026-05-03T21:07:00+08:00',
  facility: {
    code: '91440299MA5DEMO011',
    name: '云溪县人民医院',
    regionCode: '440299',
    dutyContact: { title: '总值班', phone: '0000-1200000' },
  },
  department: '急诊科',
  patient: {
    name: canaries.childName,
    sex: 'female',
    birthDate: '2013-03-18',
    identifiers: [{ system: 'cn-resident-id', value: canaries.childResidentId }],
    phone: canaries.childPhone,
    address: { text: canaries.address, regionCode: '440299101' },
    school: { name: canaries.school },
  },
  whereabouts: { status: 'in-facility', place: '急诊2诊室' },
  companions: [{ relationship: 'father', name: canaries.guardianName, phone: canaries.guardianPhone, mayBeInvolved: 'unknown' }],
  contactPlan: {
    safeContact: { relationship: '姑姑', phone: '00000770081' },
    doNotContact: [{ phone: canaries.guardianPhone, reason: '可能在场' }],
    approach: ['plain-clothes', 'female-officer', 'via-duty-office'],
  },
  suspicion: {
    situations: ['opinion-2020:4.2'],
    observed: canaries.doctorsNote,
    statements: [{ speaker: 'child', verbatim: canaries.freeText, prompted: false }],
  },
  safety: { immediateDanger: 'yes', safeToGoHome: 'no' },
  evidence: [{ kind: 'clothing', status: 'kept', volatileUntil: '2026-05-04T09:00:00+08:00' }],
};

export const reporterIdentity = {
  name: canaries.reporterName,
  phone: canaries.reporterPhone,
  staffId: canaries.reporterStaffId,
  role: 'doctor',
};

export interface Letter {
  readonly claims: EnvelopeClaims;
  readonly payload: Uint8Array;
}

export interface Push {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Renders a payload as a relay does at intake: once, with the restricted groups sealed to the agency. */
export async function writeLetter(
  { relay, agency }: Pair,
  nowMs: number,
  options: { report?: object; view?: RecipientKind; claims?: Partial<EnvelopeClaims>; unread?: Json } = {},
): Promise<Letter> {
  const recipient = relay.trusted.party(agency.party)!;
  const { report } = readReport(options.report ?? canaryReport);
  const view = renderView(report, options.view ?? 'police', { reporterIdentity, unread: options.unread })!;
  const restricted: Record<string, string> = {};
  for (const [group, value] of Object.entries(view.restricted)) restricted[group] = await sealRestricted(value, recipient, nowMs);
  const claims: EnvelopeClaims = {
    v: '1',
    mode: 'test',
    iss: relay.party,
    aud: agency.party,
    deliveryId: createId('dlv'),
    reportId: createId('rpt'),
    number: '440299-260503-010001-1',
    sequence: 1,
    kind: report.kind ?? 'initial',
    view: options.view ?? 'police',
    createdAt: canaryReport.createdAt,
    body: view.body,
    restricted,
    ...options.claims,
  };
  return { claims, payload: canonicalBytes(claims) };
}

/** One attempt: the same payload bytes, encrypted and signed anew. */
export async function push({ relay, agency }: Pair, { claims, payload }: Letter, nowMs: number, timestampMs = nowMs): Promise<Push> {
  const body = await sealEnvelope({ payload, signer: relay, recipient: relay.trusted.party(agency.party)!, now: nowMs });
  return signed(relay, claims.deliveryId, body, timestampMs);
}

/** Signs the headers of any body. */
export async function signed(keys: KeyDirectory, id: string, body: string | Uint8Array, timestampMs: number): Promise<Push> {
  const headers = await webhookHeaders({ id, timestampSeconds: Math.floor(timestampMs / 1000), body, keys });
  return { body: Buffer.from(body), headers };
}
