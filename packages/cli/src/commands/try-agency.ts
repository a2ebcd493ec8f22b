import { canonicalBytes, createId, isoNow, systemClock, ZhidaError } from '@zhida/core';
import { type RecipientKind, readReport, renderView } from '@zhida/report';
import {
  type EnvelopeClaims,
  type KeyDirectory,
  openKeyDirectory,
  sha256Hex,
  type ReceiptClaims,
  sealEnvelope,
  sealRestrictedGroups,
  type TrustedParty,
  verifyReceipt,
  webhookHeaders,
} from '@zhida/signing';

/** As long as a relay waits by default. */
const ANSWER_TIMEOUT_MS = 15_000;

/** An invented child of an invented county; what a hospital would have pressed. */
const INVENTED_REPORT = {
  schemaVersion: '1',
  mode: 'test',
  kind: 'initial',
  facility: {
    code: '12440299MADEM0118M',
    name: '云溪县人民医院',
    regionCode: '440299',
    dutyContact: { title: '总值班', phone: '0000-5550100' },
  },
  department: '急诊科',
  patient: { name: '林小满', sex: 'female', birthDate: '2013-03-18' },
  whereabouts: { status: 'in-facility', place: '急诊2诊室' },
  contactPlan: { approach: ['plain-clothes', 'female-officer', 'via-duty-office'] },
  suspicion: { situations: ['opinion-2020:4.2'], observed: '虚构的接收自检：不满十四周岁女性，血HCG 12500 IU/L。' },
  safety: { immediateDanger: 'unknown', safeToGoHome: 'unknown' },
} as const;

export interface TryOptions {
  /** The key directory of a trial relay, which has pinned the agency and is pinned by it. */
  readonly keys: string;
  readonly agency: string;
  readonly view: RecipientKind;
}

/**
 * Sends one invented report of mode `test` to an agency as a relay does, and verifies the signed receipt that comes back.
 *
 * @throws ZhidaError `ZD_ERR_MODE_REFUSED` where the keys are of production; where nothing or no proof comes back, what was missing
 */
export async function tryAgency({ keys: directory, agency, view }: TryOptions): Promise<ReceiptClaims> {
  const keys = await openKeyDirectory(directory);
  if (keys.mode !== 'test')
    throw new ZhidaError('ZD_ERR_MODE_REFUSED', 'an invented report goes out under test keys alone', { at: 'keys' });
  const recipient = keys.trusted.party(agency);
  if (recipient === undefined) throw new ZhidaError('ZD_ERR_PARTY_UNKNOWN', 'these keys have not pinned the agency', { at: 'agency' });
  const claims = inventedClaims(keys, recipient, view);
  const payload = canonicalBytes(claims);
  const { deliveryId, reportId } = claims;
  const receipt = await post(keys, recipient, deliveryId, payload);
  const expected = { iss: agency, deliveryId, reportId, payloadSha256: sha256Hex(payload) };
  return verifyReceipt(receipt, { trusted: keys.trusted, expected });
}

function inventedClaims(keys: KeyDirectory, recipient: TrustedParty, view: RecipientKind): EnvelopeClaims {
  const createdAt = isoNow(systemClock);
  const { report } = readReport({ ...INVENTED_REPORT, createdAt });
  const rendered = renderView(report, view, { reporterIdentity: { name: '演示医生', role: 'doctor' } });
  if (rendered === undefined)
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'nothing is sent to these before it is released', { at: 'view' });
  return {
    v: '1',
    mode: 'test',
    iss: keys.party,
    aud: recipient.party,
    deliveryId: createId('dlv'),
    reportId: createId('rpt'),
    number: '440299-260503-010001-1',
    sequence: 1,
    kind: 'initial',
    view,
    createdAt,
    body: rendered.body,
    restricted: sealRestrictedGroups(rendered.restricted, recipient, systemClock.now()),
  };
}

async function post(keys: KeyDirectory, recipient: TrustedParty, deliveryId: string, payload: Uint8Array): Promise<string> {
  const nowMs = systemClock.now();
  const body = await sealEnvelope({ payload, signer: keys, recipient, now: nowMs });
  const signed = await webhookHeaders({ id: deliveryId, timestampSeconds: Math.floor(nowMs / 1000), body, keys });
  const answer = await fetch(`${recipient.baseUrl}/v1/envelopes`, {
    method: 'POST',
    headers: { 'content-type': 'application/jose', accept: 'application/jose', ...signed },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new ZhidaError('ZD_ERR_BUSY', 'nothing answers at the address of its trust file', { at: recipient.party, cause });
  });
  const text = (await answer.text()).trim();
  if (answer.status === 200) return text;
  const code = /"code":"(ZD_ERR_[A-Z_]+)"/.exec(text)?.[1];
  throw new ZhidaError('ZD_ERR_BUSY', `it answered HTTP ${answer.status}${code === undefined ? '' : ` ${code}`} and no receipt`, {
    at: recipient.party,
  });
}
