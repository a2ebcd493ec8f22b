import { startDeadline } from './deadline.js';
import type { Place } from './place.js';
import { type Postmaster, administratorAddress } from './postmaster.js';
import { provisionDatabase } from './provision-database.js';
import { passwordOf } from './secrets.js';
import { capLog } from './server-log.js';
import { acquireStartLock } from './start-lock.js';
import { stopPostmaster } from './stop.js';

/** A running embedded server. It goes on running when this process ends without {@link EmbeddedServer.stop}. */
export interface EmbeddedServer {
  /** True when the server was found running, false when this start started it. */
  readonly adopted: boolean;
  /** The folder of data, secrets and log. */
  readonly directory: string;
  readonly logFile: string;
  readonly pid: number;
  readonly port: number;
  /** The superuser's connection, for making databases, not for services. A function, so that a logged handle shows no password. */
  administratorUrl(): string;
  /** Makes, or finds, a database and the role that owns it, with a password of its own; nobody else may connect to it. */
  ensureDatabase(names: { database: string; role: string }): Promise<{ url: string }>;
  /** Stops the server and waits until it has gone. Repeating it does nothing. */
  stop(): Promise<void>;
}

interface HandleOptions {
  place: Place;
  postmaster: Postmaster;
  password: string;
  adopted: boolean;
  lockFile: string;
}

const LOG_CHECK_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;
const LOCK_TIMEOUT_MS = 60_000;

/** Wraps a server that runs. */
export function createServerHandle({ place, postmaster, password, adopted, lockFile }: HandleOptions): EmbeddedServer {
  const logTimer = setInterval(() => capLog(place.log), LOG_CHECK_MS);
  logTimer.unref();
  const alone = async <T>(act: () => Promise<T>): Promise<T> => {
    const lock = await acquireStartLock(lockFile, startDeadline(LOCK_TIMEOUT_MS));
    try {
      return await act();
    } finally {
      lock.release();
    }
  };
  const address = administratorAddress(postmaster.port, password);
  const administratorUrl = connectionUrl({ ...address, user: String(address.user), password, database: 'postgres' });
  return {
    adopted,
    directory: place.directory,
    logFile: place.log,
    pid: postmaster.process.pid,
    port: postmaster.port,
    administratorUrl: () => administratorUrl,
    // Under the lock: two processes that ask for the same role must keep one password, not two.
    ensureDatabase: ({ database, role }) =>
      alone(async () => {
        const rolePassword = passwordOf(place.secrets, role);
        await provisionDatabase(administratorUrl, { database, role, password: rolePassword });
        return { url: connectionUrl({ host: address.host, port: address.port, user: role, password: rolePassword, database }) };
      }),
    stop: () => {
      clearInterval(logTimer);
      return alone(() => stopPostmaster(postmaster, startDeadline(STOP_TIMEOUT_MS)));
    },
  };
}

function connectionUrl(part: { host: string; port: number; user: string; password: string; database: string }): string {
  // The embedded server speaks no TLS; without this, PGSSLMODE in somebody's environment would ask for it.
  return `postgresql://${part.user}:${part.password}@${part.host}:${part.port}/${part.database}?sslmode=disable`;
}
