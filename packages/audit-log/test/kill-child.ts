import pg from 'pg';
import { appendAudit, createSequencer } from '../src/postgres.js';
import { ORIGIN } from './origin.js';

// A relay in miniature: appends and sequences until it is killed. Says each commit and each run on standard output.
const [url = '', directory = '', privateKey = ''] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url });
const signer = { name: ORIGIN, privateKey: JSON.parse(privateKey) };
const sequencer = createSequencer({ pool, directory, origin: ORIGIN, signer, batch: 3 });

async function keepAppending(): Promise<never> {
  for (;;) {
    const id = await appendAudit(pool, { origin: ORIGIN, actor: 'relay:1', action: 'delivery.attempted', subject: { outcome: 'unknown' } });
    process.stdout.write(`${id}\n`);
  }
}

async function keepSequencing(): Promise<never> {
  for (;;) await sequencer.runOnce();
}

await Promise.all([keepAppending(), keepSequencing()]);
