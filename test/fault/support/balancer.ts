import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** One address before several processes, as a hospital's proxy gives it: each connection goes to the next one that takes it. */
export interface Balancer {
  readonly url: string;
  /** Addresses of the processes behind it. */
  readonly targets: string[];
  close(): Promise<void>;
}

export async function startBalancer(): Promise<Balancer> {
  const targets: string[] = [];
  const open = new Set<Socket>();
  let turn = 0;

  function join(front: Socket, first: number, tried = 0): void {
    const target = tried < targets.length ? targets[(first + tried) % targets.length] : undefined;
    if (target === undefined) return void front.destroy();
    const { hostname, port } = new URL(target);
    const back = connect(Number(port), hostname);
    open.add(back);
    back.once('close', () => open.delete(back));
    back.once('connect', () => {
      front.once('close', () => back.destroy());
      back.once('close', () => front.destroy());
      front.pipe(back).pipe(front);
    });
    back.once('error', () => {
      if (back.bytesRead === 0 && back.bytesWritten === 0) join(front, first, tried + 1);
      else front.destroy();
    });
  }

  const server = createServer((front) => {
    open.add(front);
    front.on('error', () => front.destroy());
    front.once('close', () => open.delete(front));
    join(front, turn);
    turn += 1;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
