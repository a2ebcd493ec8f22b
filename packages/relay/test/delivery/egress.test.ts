import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Network, parseNetwork } from '../../src/delivery/addresses.js';
import { ANSWER_BYTES_MAX, createEgress, type Egress, type Incoming, type Resolve } from '../../src/delivery/egress.js';

const LOOPBACK = parseNetwork('127.0.0.0/8') as Network;

interface Server {
  readonly port: number;
  readonly requests: string[];
}

async function serve(answer: RequestListener): Promise<Server> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.headers.host} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, requests };
}

function egress(resolve?: Resolve): Egress {
  const made = createEgress(resolve === undefined ? {} : { resolve });
  onTestFinished(() => made.close());
  return made;
}

function send(way: Egress, url: string, permitted: readonly Network[] = [LOOPBACK]): Promise<Incoming> {
  return way.post({ url, headers: { 'content-type': 'application/jose' }, body: 'sealed', permitted }, AbortSignal.timeout(5_000));
}

const REFUSED = { code: 'ZD_ERR_EGRESS_REFUSED' };

test('a literal address is checked, since nobody resolves it', async () => {
  const { port, requests } = await serve((_request, response) => response.end());
  await expect(send(egress(), `http://127.0.0.1:${port}/`, [])).rejects.toMatchObject(REFUSED);
  await expect(send(egress(), `http://[::ffff:7f00:1]:${port}/`, [])).rejects.toMatchObject(REFUSED);
  // `new URL` writes every spelling of an address the same way.
  await expect(send(egress(), `http://0x7f.1:${port}/`, [])).rejects.toMatchObject(REFUSED);
  expect(requests).toEqual([]);
  await expect(send(egress(), `http://127.0.0.1:${port}/`)).resolves.toMatchObject({ status: 200 });
});

test('a name that resolves to the inside is refused after the lookup, and nothing is connected to', async () => {
  const { port, requests } = await serve((_request, response) => response.end());
  const inside: Resolve = (_hostname, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);
  await expect(send(egress(inside), `http://police.test:${port}/`, [])).rejects.toMatchObject(REFUSED);
  expect(requests).toEqual([]);
});

test('the address that was checked is the one connected to: a second answer of the resolver is never asked for', async () => {
  const { port, requests } = await serve((_request, response) => response.end());
  let asked = 0;
  const rebinding: Resolve = (_hostname, done) => {
    asked += 1;
    done(null, [{ address: asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
  };
  await send(egress(rebinding), `http://police.test:${port}/v1/envelopes`, [parseNetwork('127.0.0.1/32') as Network]);
  expect(asked).toBe(1);
  expect(requests).toEqual([`police.test:${port} /v1/envelopes`]);
});

test('a connection that one endpoint’s permission has opened carries nothing for an endpoint without it', async () => {
  const { port, requests } = await serve((_request, response) => response.end());
  const inside: Resolve = (_hostname, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);
  const way = egress(inside);
  await expect(send(way, `http://police.test:${port}/`)).resolves.toMatchObject({ status: 200 });
  await expect(send(way, `http://police.test:${port}/`, [])).rejects.toMatchObject(REFUSED);
  expect(requests).toHaveLength(1);
});

test('of several addresses only the permitted ones are tried', async () => {
  const { port, requests } = await serve((_request, response) => response.end());
  const mixed: Resolve = (_hostname, done) =>
    done(null, [
      { address: '169.254.169.254', family: 4 },
      { address: '::ffff:10.0.0.1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ]);
  await send(egress(mixed), `http://police.test:${port}/`);
  expect(requests).toHaveLength(1);
});

test('a redirect is an answer, not a way', async () => {
  const elsewhere = await serve((_request, response) => response.end());
  const { port } = await serve((_request, response) => response.writeHead(307, { location: `http://127.0.0.1:${elsewhere.port}/` }).end());
  expect((await send(egress(), `http://127.0.0.1:${port}/`)).status).toBe(307);
  expect(elsewhere.requests).toEqual([]);
});

test('an answer over the limit is not read to its end', async () => {
  let sent = 0;
  const { port } = await serve((_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(16_384, 97))) sent += 16_384;
      response.once('drain', more);
    };
    more();
  });
  expect((await send(egress(), `http://127.0.0.1:${port}/`)).body).toBeUndefined();
  expect(sent).toBeLessThan(64 * 1024 * 1024);
  const exact = await serve((_request, response) => response.end(Buffer.alloc(ANSWER_BYTES_MAX, 97)));
  expect((await send(egress(), `http://127.0.0.1:${exact.port}/`)).body).toHaveLength(ANSWER_BYTES_MAX);
});

test.each(['ftp://police.test/', 'file:///etc/hosts', 'data:text/plain,x'])('%s is no way out', async (url) => {
  await expect(send(egress(), url)).rejects.toMatchObject(REFUSED);
});

test('a connection that breaks in the middle of the answer is an error, not a short answer', async () => {
  const { port } = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    setImmediate(() => response.destroy());
  });
  await expect(send(egress(), `http://127.0.0.1:${port}/`)).rejects.toThrow();
});
