import { openKeyDirectory } from '@zhida/signing';
import { openRelay, type RelayPlace } from './relay.js';

/** What a second relay process is told. */
export interface RelayChildOptions extends RelayPlace {
  readonly keys: string;
}

const { keys, ...place } = JSON.parse(process.argv[2] ?? '{}') as RelayChildOptions;
// A parent that is killed must not leave this process behind.
process.on('disconnect', () => process.exit(1));
void serve();

async function serve(): Promise<void> {
  const relay = await openRelay(await openKeyDirectory(keys), place);
  process.once('SIGTERM', () => void relay.close().then(() => process.exit(0)));
  process.send?.({ listens: true });
}
