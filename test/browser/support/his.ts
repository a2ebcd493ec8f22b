import { createServer, type Server } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A HIS page of another origin that embeds the widget as docs/guides/embed.zh-CN.md says. */
export interface His {
  readonly url: string;
  /** Whose token the page gets; null refuses one. */
  account: string | null;
  role: string;
  close(): Promise<void>;
}

/** `/` is the page; `/?without=globalThis` the same on an engine that lacks it; `POST /zhida-token` mints. */
export async function startHis(gatewayUrl: () => string, mint: (account: string, role: string) => Promise<string>): Promise<His> {
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://his');
    if (pathname === '/zhida-token') {
      if (his.account === null) return void response.writeHead(403).end();
      return void mint(his.account, his.role).then((token) => response.writeHead(200, { 'content-type': 'text/plain' }).end(token));
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(pageOf(gatewayUrl(), searchParams.get('without') ?? '', searchParams.get('lang') ?? 'zh-CN'));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const his: His = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    account: 'D1001',
    role: 'doctor',
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return his;
}

const GUIDE = join(import.meta.dirname, '../../../docs/guides/embed.zh-CN.md');
const EXAMPLE = 'https://gateway.hospital.example';

/** What the guide for HIS vendors tells them to write: the test page is made of it. */
export function snippet(language: 'html' | 'js'): string {
  const found = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(readFileSync(GUIDE, 'utf8'))?.[1];
  if (found === undefined) throw new Error(`the guide has no ${language}`);
  return found;
}

function pageOf(gateway: string, without: string, lang: string): string {
  const removal = without === '' ? '' : `<script>delete window.${without};</script>`;
  return `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>门诊医生工作站</title>${removal}</head>
<body><h1>门诊医生工作站</h1><label>主诉 <input id="his"></label>
${snippet('html').replaceAll(EXAMPLE, gateway)}</body></html>`;
}
