/**
 * A process that starts the embedded server, as the demo does, for tests that kill it.
 * Arguments: folder, state file, and what to do when it runs: `idle`, `write` (rows until killed) or `stop`.
 * Prints one JSON line per step.
 */
import pg from 'pg';
import { startEmbeddedPostgres } from '@zhida/database/embedded';

const [directory = '', stateFile = '', act = 'idle'] = process.argv.slice(2);
const say = (line: Record<string, unknown>): void => console.log(JSON.stringify(line));

const server = await startEmbeddedPostgres({ directory, stateFile, log: (text) => say({ log: text }) });
say({ running: { adopted: server.adopted, pid: server.pid, port: server.port, directory: server.directory, logFile: server.logFile } });
const { url } = await server.ensureDatabase({ database: 'relay', role: 'relay' });
say({ url });
if (act === 'write') {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('create table if not exists press (id bigserial primary key)');
  for (;;) {
    const { rows } = await client.query<{ id: string }>('insert into press default values returning id');
    say({ committed: Number(rows[0]?.id) });
  }
}
if (act === 'stop') {
  await server.stop();
  say({ stopped: true });
}
// Idle: held open until the test kills it.
if (act === 'idle') setInterval(() => undefined, 60_000);
