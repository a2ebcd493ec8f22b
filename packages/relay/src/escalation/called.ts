import type { Report } from '@zhida/report';

/** What tells whom a call reached. */
export interface CalledNumber {
  readonly number: string;
  /** 警情编号: only the police give one. */
  readonly incidentNumber: string;
}

/** What is known of a recipient. */
interface Reachable {
  readonly kind: string;
  readonly phone?: string | undefined;
}

/** 110 from a landline, or with an area code before it. Whoever answers there sends the station. */
const EMERGENCY = /^(0\d{2,3})?110$/;
/** A local number without its area code. */
const LOCAL_DIGITS = 7;

/**
 * Whether an answered call has told this recipient: it was made to its own number, or, for the police, to 110, or it was given a
 * 警情编号. A call to a number nobody knows tells nobody: whoever is called once too often has lost a minute.
 */
export function isReached({ number, incidentNumber }: CalledNumber, { kind, phone = '' }: Reachable): boolean {
  const dialled = digitsOf(number);
  if (kind === 'police' && (EMERGENCY.test(dialled) || incidentNumber.trim() !== '')) return true;
  return isSameNumber(dialled, digitsOf(phone));
}

/**
 * Whether somebody has told this recipient by voice before the report was made: in a call the report speaks of, or because the police
 * brought the child. The report follows as any other.
 */
export function wasPhoned({ source, calls = [], knownToPolice }: Report, recipient: Reachable): boolean {
  if (recipient.kind === 'police' && (source === 'known-to-police' || knownToPolice?.by !== undefined)) return true;
  const answered = calls.filter(({ outcome }) => outcome === 'answered');
  // Whoever telephones first dials 110, whether or not the number was written down.
  const unwritten = source === 'phone-first' ? '110' : '';
  return answered.some(({ number, incidentNumber = '' }) => isReached({ number: number || unwritten, incidentNumber }, recipient));
}

function isSameNumber(one: string, other: string): boolean {
  const [long, short] = one.length > other.length ? [one, other] : [other, one];
  return short.length >= LOCAL_DIGITS && long.endsWith(short);
}

/** A Chinese keyboard may give digits of full width. */
function digitsOf(number: string): string {
  return number.normalize('NFKC').replaceAll(/\D/g, '');
}
