/** Kinds of recipients in the order of the view matrix (columns P M J H E W S Z). */
export const RECIPIENT_KINDS = [
  'police',
  'civil-affairs',
  'procuratorate',
  'health-commission',
  'education',
  'womens-federation',
  'social-work-station',
  'comprehensive-governance-centre',
] as const;
export type RecipientKind = (typeof RECIPIENT_KINDS)[number];

/** These get nothing at all before the police have released the case to them; no profile chooses that (ADR 38). */
export const RELEASE_KINDS = ['education', 'womens-federation', 'social-work-station', 'comprehensive-governance-centre'] as const;
export type ReleaseKind = (typeof RELEASE_KINDS)[number];

/** True for a kind that waits for a release by the police. */
export function isReleaseKind(kind: RecipientKind): kind is ReleaseKind {
  return (RELEASE_KINDS as readonly RecipientKind[]).includes(kind);
}
