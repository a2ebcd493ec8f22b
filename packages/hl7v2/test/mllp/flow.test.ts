import { connectMllp, createMllpListener, sendMllp } from '@zhida/hl7v2/mllp';
import { describe, expect, test, vi } from 'vitest';
import { framed, later, open, sent, site, wire } from './site.js';

describe('many messages', () => {
  test('a sender that is kept waiting in the middle of a frame is not cut off for it', async () => {
    const held = later<'committed'>();
    const { listener, kinds } = await site({ onMessage: () => held.promise, limits: { waitingBytes: 10, frameMs: 60 } });
    const waiting = await wire(listener);
    const [second, half] = [framed(sent('M2')), 40];
    waiting.socket.write(Buffer.concat([framed(sent('M1')), second.subarray(0, half)]));
    await vi.waitFor(() => expect(listener.connections).toBe(1), { timeout: 30_000 });
    // One that does not go on by itself is cut off, and it began later.
    const silent = await wire(listener);
    silent.socket.write(second.subarray(0, half));
    await vi.waitFor(() => expect(silent.closed()).toBe(true), { timeout: 30_000 });
    waiting.socket.write(second.subarray(half));
    held.resolve('committed');
    await vi.waitFor(() => expect(waiting.codes()).toEqual(['AA M1', 'AA M2']), { timeout: 30_000 });
    expect(kinds()).toEqual(['stalled']);
  });

  test('to a sender that never reads its answers the listener stops talking', async () => {
    const { listener, kinds } = await site({ limits: { waitingBytes: 1_000_000 } });
    const { socket, closed } = await wire(listener);
    socket.pause();
    const many = Buffer.concat(Array.from({ length: 500 }, (_, index) => framed(sent(`M${index}-${'x'.repeat(8_000)}`))));
    const timer = setInterval(() => socket.write(many), 5);
    try {
      await vi.waitFor(() => expect(kinds()).toContain('stalled'), { timeout: 15_000 });
    } finally {
      clearInterval(timer);
    }
    socket.resume();
    await vi.waitFor(() => expect(closed()).toBe(true));
  });

  test('on one connection are committed in their order, one at a time, and none is dropped when more comes than may wait', async () => {
    let running = 0;
    let most = 0;
    const order: string[] = [];
    const { listener } = await site({
      limits: { waitingBytes: 2_000 },
      onMessage: async ({ controlId }) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => void setImmediate(resolve));
        order.push(controlId);
        running -= 1;
        return 'committed';
      },
    });
    const { socket, codes } = await wire(listener);
    const ids = Array.from({ length: 300 }, (_, index) => `M${index}`);
    socket.write(Buffer.concat(ids.map((id) => framed(sent(id)))));
    await vi.waitFor(() => expect(codes()).toHaveLength(300), { timeout: 10_000 });
    expect(order).toEqual(ids);
    expect(codes()).toEqual(ids.map((id) => `AA ${id}`));
    expect(most).toBe(1);
  });

  test('a sender that goes without waiting still has its complete messages taken, and its half one not', async () => {
    const { listener, received } = await site();
    const { socket } = await wire(listener);
    socket.end(Buffer.concat([framed(sent('M1')), framed(sent('M2')), framed(sent('M3')).subarray(0, 50)]));
    await vi.waitFor(() => expect(received.map(({ controlId }) => controlId)).toEqual(['M1', 'M2']));
  });
});

describe('stop', () => {
  test('finishes the message under way, answers it, takes no other, and lets the port go', async () => {
    const commit = later<'committed'>();
    const asked = later<void>();
    const { listener } = await site({
      onMessage: () => {
        asked.resolve();
        return commit.promise;
      },
    });
    const { socket, codes, closed } = await wire(listener);
    socket.write(framed(sent('M1')));
    await asked.promise;
    const stopped = listener.stop();
    commit.resolve('committed');
    await stopped;
    await vi.waitFor(() => expect(closed()).toBe(true));
    expect(codes()).toEqual(['AA M1']);
    const again = await createMllpListener({ port: listener.port, onMessage: () => Promise.resolve('committed') });
    open.push(again);
    expect(again.port).toBe(listener.port);
  });

  test('does not wait for ever: past its limit connections are cut, and nothing was acknowledged', async () => {
    const asked = later<void>();
    const { listener } = await site({
      limits: { stopMs: 40 },
      onMessage: () => {
        asked.resolve();
        return later<'committed'>().promise;
      },
    });
    const { socket, codes } = await wire(listener);
    socket.write(framed(sent('M1')));
    await asked.promise;
    await listener.stop();
    expect(codes()).toEqual([]);
  });
});

describe('the client', () => {
  test('gives the positive answer, waiting past CA for AA where asked to', async () => {
    const { listener } = await site({ onCommitted: () => Promise.resolve('processed') });
    const { port } = listener;
    expect(await sendMllp({ host: '127.0.0.1', port, message: sent('M1', 'AL', 'AL') })).toMatchObject({ code: 'CA', controlId: 'M1' });
    expect(await sendMllp({ host: '127.0.0.1', port, message: sent('M2', 'AL', 'AL'), until: 'application' })).toMatchObject({
      code: 'AA',
      controlId: 'M2',
    });
  });

  test('takes AE, AR, CE and CR for the failures they are', async () => {
    for (const [outcome, accept, text] of [
      ['failed', '', 'AE'],
      ['refused', '', 'AR'],
      ['failed', 'AL', 'CE'],
      ['refused', 'AL', 'CR'],
    ] as const) {
      const { listener } = await site({
        onMessage: () => (outcome === 'refused' ? Promise.resolve('refused') : Promise.reject(new Error('disk'))),
      });
      const error: unknown = await sendMllp({ host: '127.0.0.1', port: listener.port, message: sent('M1', accept) }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code: 'ZD_ERR_MLLP_REFUSED', at: 'MSA-1', message: `the message was answered with ${text}` });
    }
  });

  test('takes only the answer to its own message, sends several over one connection, and gives up in time', async () => {
    const { listener } = await site();
    const client = await connectMllp({ host: '127.0.0.1', port: listener.port });
    const answers = await Promise.all(['M1', 'M2', 'M3'].map((id) => client.send(sent(id))));
    client.close();
    expect(answers.map(({ controlId }) => controlId)).toEqual(['M1', 'M2', 'M3']);
    const silent = await site({ onMessage: () => later<'committed'>().promise, limits: { stopMs: 40 } });
    const error: unknown = await sendMllp({ host: '127.0.0.1', port: silent.listener.port, message: sent('M1'), timeoutMs: 60 }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'ZD_ERR_MLLP', at: 'MSA' });
    const nobody: unknown = await connectMllp({ host: '127.0.0.1', port: 1, timeoutMs: 500 }).catch((thrown: unknown) => thrown);
    expect(nobody).toMatchObject({ code: 'ZD_ERR_MLLP', at: 'connect' });
  });
});
