import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { createKeyDirectory, exportTrustFile, addTrust, trustFingerprint, verifyWebhook } from '@zhida/signing';
import { frozenClock } from '@zhida/testkit';
import { mkdtemp, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nock from 'nock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createEgress,
  createLogger,
  type HttpSmsOptions,
  logChannel,
  mailChannel,
  type Notice,
  smsChannel,
  smsOverHttp,
  webhookChannel,
} from '../../src/index.js';

const NOW = '2026-11-22T20:30:00+08:00';
const notice: Notice = {
  escalationId: 'esc_01kazz00000000000000000000',
  rung: 'no-stored',
  mode: 'test',
  reportId: null,
  deliveryId: null,
  text: '【测试】强制报告440299-261122-030001-5提交10分钟，县公安局仍未签收。',
  repeat: 1,
};
const contact = { title: '总值班', phone: '0000-1', email: 'duty@hospital.test' };

let directory: string;
const servers: { close(): void }[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zhida-channels-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(directory, { recursive: true, force: true });
});

async function listening<S extends Server>(server: S): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('the webhook', () => {
  test('posts the notice signed by the relay; another status than 2xx is no success', async () => {
    const clock = frozenClock(NOW);
    const keys = await createKeyDirectory(join(directory, 'relay'), { party: 'relay:yunxi', role: 'relay', mode: 'test', clock });
    const pager = await createKeyDirectory(join(directory, 'pager'), { party: 'gateway:pager', role: 'gateway', mode: 'test', clock });
    const file = exportTrustFile(keys, {
      baseUrl: 'http://127.0.0.1:9',
      notBefore: '2026-01-01T00:00:00Z',
      notAfter: '2036-01-01T00:00:00Z',
    });
    await addTrust(pager, file, { fingerprint: trustFingerprint(file) });
    const got: { headers: IncomingHttpHeaders; body: string }[] = [];
    let status = 204;
    const port = await listening(
      createServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          got.push({ headers: request.headers, body });
          response.writeHead(status).end();
        });
      }),
    );
    const egress = createEgress();
    servers.push(egress);
    const channel = webhookChannel({
      url: `http://127.0.0.1:${port}/notices`,
      keys,
      clock,
      post: egress.post,
      privateNetworks: ['127.0.0.0/8'],
    });
    expect(await channel.send(notice, contact)).toBe('sent');
    const [first] = got;
    expect(JSON.parse(first?.body ?? '')).toEqual({ ...notice, contact });
    const verified = await verifyWebhook({
      headers: first?.headers ?? {},
      body: Buffer.from(first?.body ?? ''),
      trusted: pager.trusted,
      nowSeconds: clock.now() / 1000,
    });
    expect(verified).toMatchObject({ id: `${notice.escalationId}-1`, sender: { party: 'relay:yunxi' } });
    status = 302;
    await expect(channel.send(notice, contact)).rejects.toMatchObject({ code: 'ZD_ERR_HTTP' });
  });

  test('connects to no private address that was not permitted', async () => {
    const clock = frozenClock(NOW);
    const keys = await createKeyDirectory(join(directory, 'relay'), { party: 'relay:yunxi', role: 'relay', mode: 'test', clock });
    const egress = createEgress();
    servers.push(egress);
    const channel = webhookChannel({ url: 'http://127.0.0.1:9/', keys, clock, post: egress.post });
    await expect(channel.send(notice, contact)).rejects.toMatchObject({ code: 'ZD_ERR_EGRESS_REFUSED' });
  });
});

describe('mail', () => {
  /** As much SMTP (RFC 5321) as one message needs. */
  function smtp(messages: string[], greeting = '220 mail'): Server {
    return createTcpServer((socket) => {
      let inData = false;
      let text = '';
      socket.setEncoding('utf8');
      socket.write(`${greeting}\r\n`);
      socket.on('error', () => undefined);
      socket.on('data', (chunk: string) => {
        text += chunk;
        if (inData) {
          if (!text.includes('\r\n.\r\n')) return;
          messages.push(text);
          text = '';
          inData = false;
          socket.write('250 kept\r\n');
          return;
        }
        for (const line of text.split('\r\n').slice(0, -1)) {
          if (/^DATA/i.test(line)) inData = true;
          socket.write(inData ? '354 go\r\n' : /^QUIT/i.test(line) ? '221 bye\r\n' : '250 ok\r\n');
        }
        text = '';
      });
    });
  }

  test('goes to whoever is on duty, with one subject for all, and nowhere without an address', async () => {
    const messages: string[] = [];
    const port = await listening(smtp(messages));
    const channel = mailChannel({ smtpUrl: `smtp://127.0.0.1:${port}`, from: 'relay@hospital.test', subject: '强制报告提醒' });
    expect(await channel.send(notice, { title: '总值班' })).toBe('no-address');
    expect(await channel.send(notice, contact)).toBe('sent');
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(/^To: duty@hospital\.test/m);
    const [, body = ''] = (messages[0] ?? '').split('\r\n\r\n');
    expect(
      Buffer.from(body.replace(/\r\n\.\r\n$/, ''), 'base64')
        .toString('utf8')
        .trim(),
    ).toBe(notice.text);
  });

  test('INV-16 the subject of an exercise begins with 【演练】, that of a real report with nothing', async () => {
    const messages: string[] = [];
    const port = await listening(smtp(messages));
    const channel = mailChannel({ smtpUrl: `smtp://127.0.0.1:${port}`, from: 'relay@hospital.test', subject: 'report' });
    for (const mode of ['exercise', 'production']) await channel.send({ ...notice, mode }, contact);
    const [exercise, real] = messages.map((message) => /^Subject: (.*)$/m.exec(message)?.[1]?.trim());
    // 【演练】 as RFC 2047 writes it, and what follows.
    expect(exercise).toMatch(/^=\?UTF-8\?Q\?=E3=80=90=E6=BC=94=E7=BB=83=E3=80=91repo/);
    expect(real).toBe('report');
  });

  test('a server that does not take it is an error, so that it is tried again', async () => {
    const port = await listening(smtp([], '554 no'));
    const channel = mailChannel({ smtpUrl: `smtp://127.0.0.1:${port}`, from: 'relay@hospital.test', subject: 'x' });
    await expect(channel.send(notice, contact)).rejects.toThrow();
  });
});

test('SMS hands number and text to the gateway of the installation', async () => {
  const sent: string[][] = [];
  const channel = smsChannel({ send: async (phone, text) => void sent.push([phone, text]) });
  expect(await channel.send(notice, { title: '总值班' })).toBe('no-address');
  expect(await channel.send(notice, contact)).toBe('sent');
  expect(sent).toEqual([['0000-1', notice.text]]);
});

describe('an SMS gateway over HTTP', () => {
  const ORIGIN = 'https://sms.example';
  const FORM: Omit<HttpSmsOptions, 'post'> = {
    url: `${ORIGIN}/send`,
    as: 'form',
    fields: { account: 'hospital', token: '{secret}', mobile: '{phone}', content: '{text}' },
    secret: 's3cret',
  };
  const JSON_FIELDS: Omit<HttpSmsOptions, 'post'> = {
    url: `${ORIGIN}/v2/messages`,
    as: 'json',
    fields: { to: ['{phone}'], template: { id: 7, parameters: { words: '{text}' } } },
    headers: { authorization: 'AppCode {secret}' },
    secret: 's3cret',
    takenWhen: { member: 'result.code', is: '0' },
  };

  function sender(options: Omit<HttpSmsOptions, 'post'>) {
    const egress = createEgress();
    servers.push(egress);
    return smsChannel(smsOverHttp({ ...options, post: egress.post }));
  }

  beforeEach(() => {
    // Another file of this worker may have ended it.
    if (!nock.isActive()) nock.activate();
    // A file before this one has imported node:http by name, and so what it was then.
    syncBuiltinESMExports();
    nock.disableNetConnect();
  });
  afterEach(() => {
    nock.cleanAll();
    nock.enableNetConnect();
    nock.restore();
    syncBuiltinESMExports();
  });

  test('gets the fields its provider asks for as a form, and the telephone as digits', async () => {
    const asked: unknown[] = [];
    const peer = nock(ORIGIN)
      .post('/send', (body) => asked.push(body) > 0)
      .matchHeader('content-type', 'application/x-www-form-urlencoded; charset=utf-8')
      .reply(200, 'OK');
    const channel = sender(FORM);
    expect(await channel.send(notice, { title: '总值班' })).toBe('no-address');
    expect(await channel.send(notice, { title: '总值班', phone: '138 0000-0000' })).toBe('sent');
    expect(peer.isDone()).toBe(true);
    expect(asked).toEqual([{ account: 'hospital', token: 's3cret', mobile: '13800000000', content: notice.text }]);
  });

  test('gets them as JSON however it nests them, with the secret in a header; an answer that says no is no success', async () => {
    const asked: unknown[] = [];
    const answers: [status: number, body: object | string][] = [
      [200, { result: { code: 0 } }],
      [200, { result: { code: 'ISV.AMOUNT_NOT_ENOUGH' } }],
      [200, 'not json'],
      [302, ''],
      [500, { result: { code: 0 } }],
    ];
    for (const [status, body] of answers) {
      nock(ORIGIN)
        .post('/v2/messages', (sent) => asked.push(sent) > 0)
        .matchHeader('authorization', 'AppCode s3cret')
        .reply(status, body, { location: `${ORIGIN}/send` });
    }
    const channel = sender(JSON_FIELDS);
    expect(await channel.send(notice, contact)).toBe('sent');
    for (let refused = 1; refused < answers.length; refused += 1) {
      const error = await channel.send(notice, contact).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'ZD_ERR_HTTP' });
      expect(String((error as Error).message)).not.toMatch(/00001|s3cret|440299/);
    }
    expect(asked).toHaveLength(answers.length);
    expect(asked[0]).toEqual({ to: ['00001'], template: { id: 7, parameters: { words: notice.text } } });
  });

  test('what is filled in is not looked at for places again', async () => {
    const asked: unknown[] = [];
    nock(ORIGIN)
      .post('/send', (body) => asked.push(body) > 0)
      .reply(204);
    await sender(FORM).send({ ...notice, text: '{secret} {phone}' }, contact);
    expect(asked).toMatchObject([{ content: '{secret} {phone}' }]);
  });

  test('connects to no private address that was not permitted', async () => {
    await expect(sender({ ...FORM, url: 'http://127.0.0.1:9/send' }).send(notice, contact)).rejects.toMatchObject({
      code: 'ZD_ERR_EGRESS_REFUSED',
    });
  });

  test.each([
    ['an address that is none', { url: 'sms.example' }, 'url'],
    ['no place for the telephone', { fields: { content: '{text}' } }, 'fields'],
    ['a nested field of a form', { fields: { mobile: '{phone}', content: { text: '{text}' } } }, 'fields'],
    ['a secret that is not there', { secret: undefined }, 'secret'],
    ['a network that is none', { privateNetworks: ['10.0.0'] }, 'privateNetworks'],
  ])('%s is refused at the start', (_what, wrong, at) => {
    expect(() => sender({ ...FORM, ...(wrong as Partial<HttpSmsOptions>) })).toThrow(
      expect.objectContaining({ code: 'ZD_ERR_OPTION_INVALID', at }) as Error,
    );
  });
});

test('the log gets the notice at a level that is paged on', async () => {
  const lines: string[] = [];
  await logChannel(createLogger({ destination: { write: (line) => lines.push(line) } })).send(notice, undefined);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 50, rung: 'no-stored', notice: notice.text });
});
