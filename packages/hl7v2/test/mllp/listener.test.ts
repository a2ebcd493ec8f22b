import { connect } from 'node:net';
import { isZhidaError } from '@zhida/core';
import { createMemoryAcknowledgements, createMllpListener } from '@zhida/hl7v2/mllp';
import { describe, expect, test, vi } from 'vitest';
import { CHILD, VISIT, gb18030, message, msh } from '../messages.js';
import { framed, later, sent, site, sockets, wire } from './site.js';

describe('acknowledgements', () => {
  test('in the original mode one AA follows commit and processing, with sender and receiver changed and MSA-2 as sent', async () => {
    const { listener, received } = await site();
    const { socket, acks } = await wire(listener);
    socket.write(framed(sent('M0007')));
    await vi.waitFor(() => expect(acks()).toHaveLength(1));
    expect(acks()[0]).toMatch(
      /^MSH\|\^~\\&\|ZHIDA\|YUNXI\|HIS\|YUNXI\|20260503130000\+0000\|\|ACK\^A04\|ZD\w+\|P\|2\.5\.1\|\|\|\|\|\|UNICODE UTF-8\rMSA\|AA\|M0007\r/,
    );
    expect(received[0]).toMatchObject({ controlId: 'M0007', type: 'ADT', trigger: 'A04', processingId: 'P', sendingApplication: 'HIS' });
    expect(Buffer.from(received[0]?.bytes ?? []).equals(sent('M0007'))).toBe(true);
  });

  test('CA does not go out before the commit is done', async () => {
    const commit = later<'committed'>();
    const asked = later<void>();
    const { listener } = await site({
      onMessage: () => {
        asked.resolve();
        return commit.promise;
      },
    });
    const { socket, acks, codes } = await wire(listener);
    socket.write(framed(sent('M1', 'AL', 'NE')));
    await asked.promise;
    expect(acks()).toEqual([]);
    commit.resolve('committed');
    await vi.waitFor(() => expect(codes()).toEqual(['CA M1']));
  });

  test('in the enhanced mode AA follows CA once the message is worked on', async () => {
    const work = later<'processed'>();
    const { listener } = await site({ onCommitted: () => work.promise });
    const { socket, codes } = await wire(listener);
    socket.write(framed(sent('M1', 'AL', 'AL')));
    await vi.waitFor(() => expect(codes()).toEqual(['CA M1']));
    work.resolve('processed');
    await vi.waitFor(() => expect(codes()).toEqual(['CA M1', 'AA M1']));
  });

  test.each([
    ['AL', 'AL', ['CA', 'AA'], ['CA', 'AE']],
    ['AL', 'NE', ['CA'], ['CA']],
    ['AL', '', ['CA'], ['CA']],
    ['NE', 'AL', ['AA'], ['AE']],
    ['SU', 'ER', ['CA'], ['CA', 'AE']],
    ['ER', 'SU', ['AA'], []],
  ])('MSH-15 %s and MSH-16 %s are heeded', async (accept, application, whenGood, whenBad) => {
    for (const [outcome, expected] of [
      ['processed', whenGood],
      ['set-aside', whenBad],
    ] as const) {
      const { listener } = await site({ onCommitted: () => Promise.resolve(outcome) });
      const { socket, codes } = await wire(listener);
      // The answer to a message that always gets one tells that the first has been dealt with.
      socket.write(Buffer.concat([framed(sent('M1', accept, application)), framed(sent('END'))]));
      await vi.waitFor(() => expect(codes().at(-1)).toMatch(/ END$/));
      expect(codes().slice(0, -1)).toEqual(expected.map((code) => `${code} M1`));
    }
  });

  test.each([
    ['original', '', 'refused', 'AR'],
    ['original', '', 'failed', 'AE'],
    ['enhanced', 'AL', 'refused', 'CR'],
    ['enhanced', 'AL', 'failed', 'CE'],
  ])('in the %s mode (%s) what is %s is answered with %s, and coming again it is tried again', async (_mode, accept, outcome, code) => {
    let times = 0;
    const { listener, kinds } = await site({
      onMessage: () => {
        times += 1;
        if (times > 1) return Promise.resolve('committed');
        return outcome === 'refused' ? Promise.resolve('refused') : Promise.reject(new Error('张演示 was here'));
      },
    });
    const { socket, acks, codes } = await wire(listener);
    socket.write(framed(sent('M1', accept)));
    await vi.waitFor(() => expect(codes()).toEqual([`${code} M1`]));
    expect(acks()[0]).toContain('ERR|||207^^HL70357|E');
    expect(acks()[0]).not.toContain('was here');
    socket.write(framed(sent('M1', accept)));
    await vi.waitFor(() => expect(codes()[1]).toBe(accept === '' ? 'AA M1' : 'CA M1'));
    expect(kinds()).toEqual([outcome === 'refused' ? 'refused' : 'not-committed']);
  });

  test('INV-11 an acknowledgement and an incident hold nothing of the chart', async () => {
    const { listener, incidents } = await site({ onCommitted: () => Promise.reject(new Error('P1001')) });
    const { socket, acks } = await wire(listener);
    socket.write(Buffer.concat([framed(sent('M1')), framed(message('MSH|^~\\&|HIS|YUNXI|ZHIDA|YUNXI|||P1001', CHILD))]));
    await vi.waitFor(() => expect(acks()).toHaveLength(2));
    expect(JSON.stringify([incidents, acks().map((ack) => ack.replace(/ACK\^?\w*/, ''))])).not.toMatch(/P1001|演示|20190203/);
  });

  test('control ids and names in GB18030 come back byte for byte', async () => {
    const { listener, received } = await site();
    const { socket, acks } = await wire(listener);
    const bytes = gb18030(
      message(msh('ADT^A04', { controlId: '号亅7', charset: 'GBK', application3: '云溪医院' }), CHILD, VISIT).toString('utf8'),
    );
    socket.write(framed(bytes));
    await vi.waitFor(() => expect(acks()).toHaveLength(1));
    expect(acks()[0]).toContain(`MSA|AA|${gb18030('号亅7').toString('latin1')}\r`);
    expect(acks()[0]).toContain(`|YUNXI|${gb18030('云溪医院').toString('latin1')}|YUNXI|`);
    expect(received[0]).toMatchObject({ controlId: '号亅7', sendingApplication: '云溪医院' });
  });
});

describe('a message that comes again', () => {
  test('gets the answer it had, byte for byte, and is not taken twice', async () => {
    const { listener, received, kinds } = await site({ onCommitted: () => Promise.resolve('processed') });
    const { socket, acks, codes } = await wire(listener);
    socket.write(framed(sent('M1', 'AL', 'AL')));
    await vi.waitFor(() => expect(codes()).toHaveLength(2));
    const again = await wire(listener);
    again.socket.write(framed(sent('M1', 'AL', 'AL')));
    await vi.waitFor(() => expect(again.acks()).toEqual(acks()));
    expect(received).toHaveLength(1);
    expect(kinds()).toEqual(['repeated']);
  });

  test('with a new time in its header is still the same', async () => {
    const { listener, received } = await site();
    const { socket, acks } = await wire(listener);
    const at = (time: string): Buffer => message(msh('ADT^A04', { controlId: 'M1', at: time }), CHILD, VISIT);
    socket.write(Buffer.concat([framed(at('20260503211005')), framed(at('20260503211105'))]));
    await vi.waitFor(() => expect(acks()).toHaveLength(2));
    expect(received).toHaveLength(1);
  });

  test('an old control id on another message is another message: a sender that counts from 1 again loses nothing', async () => {
    const { listener, received } = await site();
    const { socket, codes } = await wire(listener);
    const other = message(msh('ADT^A04', { controlId: 'M1' }), CHILD, VISIT, 'DG1|1||R10.4^腹痛^I10');
    socket.write(Buffer.concat([framed(sent('M1')), framed(other)]));
    await vi.waitFor(() => expect(codes()).toEqual(['AA M1', 'AA M1']));
    expect(received).toHaveLength(2);
  });

  test('from another sender is another message', async () => {
    const { listener, received } = await site();
    const { socket, codes } = await wire(listener);
    const from = (application3: string): Buffer => message(msh('ADT^A04', { controlId: 'M1', application3 }), CHILD, VISIT);
    socket.write(Buffer.concat([framed(from('HIS')), framed(from('LIS'))]));
    await vi.waitFor(() => expect(codes()).toHaveLength(2));
    expect(received).toHaveLength(2);
  });

  test('while the first is still being committed waits for it: one commit, two answers', async () => {
    const commit = later<'committed'>();
    let commits = 0;
    const { listener } = await site({
      onMessage: () => {
        commits += 1;
        return commit.promise;
      },
    });
    const [left, right] = [await wire(listener), await wire(listener)];
    left.socket.write(framed(sent('M1')));
    await vi.waitFor(() => expect(commits).toBe(1));
    right.socket.write(framed(sent('M1')));
    right.socket.write(framed(sent('M2')));
    commit.resolve('committed');
    await vi.waitFor(() => expect(right.codes()).toEqual(['AA M1', 'AA M2']));
    expect(left.codes()).toEqual(['AA M1']);
    expect(commits).toBe(2);
  });

  test('a memory that fails costs a repeat, never a message', async () => {
    const broken = { find: () => Promise.reject(new Error('down')), save: () => Promise.reject(new Error('down')) };
    const { listener, received, kinds } = await site({ acknowledgements: broken });
    const { socket, codes } = await wire(listener);
    socket.write(framed(sent('M1')));
    await vi.waitFor(() => expect(codes()).toEqual(['AA M1']));
    expect(received).toHaveLength(1);
    expect(kinds()).toEqual(['store-error', 'store-error']);
  });

  test('the memory is bounded and never answers for another body', async () => {
    const memory = createMemoryAcknowledgements(2);
    const key = (controlId: string, digest = 'a'): { sender: string; controlId: string; digest: string } => ({
      sender: 'HIS',
      controlId,
      digest,
    });
    for (const id of ['1', '2', '3']) await memory.save(key(id), { accept: Buffer.from(id) });
    expect(await memory.find(key('1'))).toBeUndefined();
    expect(await memory.find(key('3', 'b'))).toBeUndefined();
    expect(await memory.find(key('3'))).toEqual({ accept: Buffer.from('3') });
  });
});

describe('what does not keep the protocol', () => {
  test('no header, no type or no control id is rejected, and the next message is taken', async () => {
    const { listener, received, kinds } = await site();
    const { socket, acks, codes } = await wire(listener);
    const bad = ['PID|1||P1001', 'MSH|^~\\&|HIS', 'MSH|^~\\&|HIS||||||ADT^A04||P|2.5.1', '\u0000\u0001binary'];
    socket.write(Buffer.concat([...bad.map((text) => framed(Buffer.from(text, 'latin1'))), framed(sent('M1'))]));
    await vi.waitFor(() => expect(codes()).toEqual(['AR ', 'AR ', 'AR ', 'AR ', 'AA M1']));
    expect(acks()[1]).toContain('ZD_ERR_INPUT_UNREADABLE MSH-9');
    expect(kinds()).toEqual(['unreadable', 'unreadable', 'unreadable', 'unreadable']);
    expect(received).toHaveLength(1);
  });

  test('an oversized message is rejected by its control id before it has ended, skipped, and the feed goes on', async () => {
    const { listener, received, kinds } = await site({ limits: { frameBytes: 2_000 } });
    const { socket, codes } = await wire(listener);
    const huge = framed(message(msh('ORU^R01', { controlId: 'BIG', accept: 'AL' }), CHILD, `OBX|1|TX|X||${'a'.repeat(300_000)}`));
    socket.write(huge.subarray(0, 100_000));
    await vi.waitFor(() => expect(codes()).toEqual(['CR BIG']));
    socket.write(huge.subarray(100_000));
    socket.write(framed(sent('M1')));
    await vi.waitFor(() => expect(codes()).toEqual(['CR BIG', 'AA M1']));
    expect(received).toHaveLength(1);
    expect(kinds()).toEqual(['oversized']);
  });

  test('a stranger who talks something else is cut off', async () => {
    const { listener, kinds } = await site({ limits: { noiseBytes: 100 } });
    const { socket, closed } = await wire(listener);
    socket.write('GET / HTTP/1.1\r\n'.repeat(20));
    await vi.waitFor(() => expect(closed()).toBe(true));
    expect(kinds()).toEqual(['noise']);
  });

  test('a frame that never ends and a connection without a word are closed', async () => {
    const slow = await site({ limits: { frameMs: 40 } });
    const half = await wire(slow.listener);
    half.socket.write(Buffer.from('\u000BMSH|^~'));
    await vi.waitFor(() => expect(half.closed()).toBe(true));
    expect(slow.kinds()).toEqual(['stalled']);
    const quiet = await site({ limits: { idleMs: 40 } });
    const silent = await wire(quiet.listener);
    await vi.waitFor(() => expect(silent.closed()).toBe(true));
    expect(quiet.kinds()).toEqual(['idle']);
    expect(quiet.listener.connections).toBe(0);
  });

  test('connections beyond the limit are closed at once, the others are served', async () => {
    const { listener, kinds } = await site({ limits: { connections: 1 } });
    const first = await wire(listener);
    await vi.waitFor(() => expect(listener.connections).toBe(1));
    const second = connect({ host: '127.0.0.1', port: listener.port });
    sockets.push(second);
    const gone = later<void>();
    second.on('close', () => gone.resolve()).on('error', () => undefined);
    await gone.promise;
    expect(kinds()).toEqual(['connection-limit']);
    first.socket.write(framed(sent('M1')));
    await vi.waitFor(() => expect(first.codes()).toEqual(['AA M1']));
  });

  test('a port in use and a limit that cannot be are said by code', async () => {
    const { listener } = await site();
    const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
      promise.then(
        () => 'none',
        (error: unknown) => (isZhidaError(error) ? error.code : error),
      );
    expect(
      await codeOf(site().then(() => createMllpListener({ port: listener.port, onMessage: () => Promise.resolve('committed') }))),
    ).toBe('ZD_ERR_PORT_TAKEN');
    expect(await codeOf(site({ limits: { connections: 0 } }))).toBe('ZD_ERR_OPTION_INVALID');
  });
});

test('a message cut off between CA and AA gets the CA it had and then the AA, when it comes again', async () => {
  const acknowledgements = createMemoryAcknowledgements();
  const worked = later<'processed'>();
  let committed = 0;
  let asked = 0;
  const options = {
    acknowledgements,
    onMessage: () => {
      committed += 1;
      return Promise.resolve('committed' as const);
    },
  };
  const first = await site({
    ...options,
    limits: { stopMs: 1 },
    onCommitted: () => {
      asked += 1;
      return worked.promise;
    },
  });
  const cut = await wire(first.listener);
  cut.socket.write(framed(sent('M0042', 'AL', 'AL')));
  await vi.waitFor(() => expect([asked, cut.acks().length]).toEqual([1, 1]));
  await first.listener.stop();

  const second = await site({ ...options, onCommitted: () => Promise.resolve('processed') });
  const again = await wire(second.listener);
  again.socket.write(framed(sent('M0042', 'AL', 'AL')));
  await vi.waitFor(() => expect(again.acks()).toHaveLength(2));
  expect(again.codes()).toEqual(['CA M0042', 'AA M0042']);
  expect([again.acks()[0], committed]).toEqual([cut.acks()[0], 1]);
  worked.resolve('processed');
});
