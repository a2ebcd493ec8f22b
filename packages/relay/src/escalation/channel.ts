/** Whom a notice reaches: a desk with its numbers, never a name. */
export interface DutyContact {
  /** Such as 总值班. */
  readonly title: string;
  readonly phone?: string | undefined;
  readonly email?: string | undefined;
}

/** What a person is told. It holds ids, times and fixed words: nothing of child, guardian or reporter (INV-11). */
export interface Notice {
  readonly escalationId: string;
  readonly rung: string;
  readonly mode: string;
  readonly reportId: string | null;
  readonly deliveryId: string | null;
  /** One line in the language of the installation, the number first. */
  readonly text: string;
  /** How often this notice was sent before by this channel. */
  readonly repeat: number;
}

/** What became of a notice: `no-address` if the contact has none for this channel. */
export type NoticeOutcome = 'sent' | 'no-address';

/**
 * A road to a person. An implementation must send at most what the notice holds, and must throw when it does not know that
 * the notice went out: it is then tried again.
 */
export interface NoticeChannel {
  /** Stable and unique: queued notices name it. */
  readonly name: string;
  send(notice: Notice, contact: DutyContact | undefined): Promise<NoticeOutcome>;
}
