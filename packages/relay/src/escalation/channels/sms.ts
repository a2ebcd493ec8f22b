import type { NoticeChannel } from '../channel.js';

/** The hospital's SMS gateway: `smsOverHttp` is one that is asked over HTTP, and an installation may bring another. */
export interface SmsGateway {
  /** Sends one message and resolves once the gateway has taken it. */
  send(phone: string, text: string): Promise<void>;
}

/** Sends notices as SMS to the telephone of whoever is on duty. */
export function smsChannel(gateway: SmsGateway, name = 'sms'): NoticeChannel {
  return {
    name,
    async send(notice, contact) {
      if (contact?.phone === undefined) return 'no-address';
      await gateway.send(contact.phone, notice.text);
      return 'sent';
    },
  };
}
