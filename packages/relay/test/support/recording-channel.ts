import type { DutyContact, Notice, NoticeChannel, NoticeOutcome } from '../../src/index.js';

/** A road to a person that keeps what it was given. */
export interface RecordingChannel extends NoticeChannel {
  readonly told: (Notice & { readonly contact: DutyContact | undefined })[];
  /** What the next sends do; a test may make them fail. */
  behave: () => NoticeOutcome;
  /** The rungs told since the last question. */
  rungs(): string[];
}

export function recordingChannel(name: string): RecordingChannel {
  const told: RecordingChannel['told'] = [];
  const channel: RecordingChannel = {
    name,
    told,
    behave: () => 'sent',
    rungs: () => told.splice(0).map(({ rung }) => rung),
    async send(notice, contact) {
      const outcome = channel.behave();
      told.push({ ...notice, contact });
      return outcome;
    },
  };
  return channel;
}
