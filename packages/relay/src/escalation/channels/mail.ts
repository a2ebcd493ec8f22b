import { MODE_NOTICES } from '@zhida/report';
import { createTransport } from 'nodemailer';
import type { NoticeChannel } from '../channel.js';

export interface MailChannelOptions {
  readonly name?: string;
  /** `smtp://user:password@host:port`, `smtps://…`; from a secret of the installation. */
  readonly smtpUrl: string;
  readonly from: string;
  /** Subject of every notice, after the mark of a drill or test the same for all: subjects are shown on locked screens. */
  readonly subject: string;
}

/** A server that says nothing for so long is away: the library itself waits for minutes. */
const SILENCE_MS = 10_000;

/** Sends notices by SMTP to the address of whoever is on duty. */
export function mailChannel(options: MailChannelOptions): NoticeChannel {
  const transport = createTransport({
    url: options.smtpUrl,
    connectionTimeout: SILENCE_MS,
    greetingTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
  });
  return {
    name: options.name ?? 'mail',
    async send(notice, contact) {
      if (contact?.email === undefined) return 'no-address';
      const subject = `${new Map(Object.entries(MODE_NOTICES)).get(notice.mode) ?? ''}${options.subject}`;
      await transport.sendMail({ from: options.from, to: contact.email, subject, text: notice.text });
      return 'sent';
    },
  };
}
