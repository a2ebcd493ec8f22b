import { openKeyDirectory } from '@zhida/signing';
import { openFileInbox } from '../../src/file.js';
import { sampleActs, sampleDelivery } from '../../src/testing/sample-delivery.js';
import { createVault } from '../../src/vault.js';

/** Takes deliveries without end and names each one after its receipt was stored; the test kills this process. */
const [directory = '', keyDirectory = ''] = process.argv.slice(2);
const keys = await openKeyDirectory(keyDirectory);
const inbox = await openFileInbox({ directory, keys });
const wrappedKey = createVault(keys).newKey();
for (;;) {
  const batch = Array.from({ length: 4 }, () => sampleDelivery({ wrappedKey, sealedPayload: Buffer.alloc(20_000, 7) }));
  const taken = await Promise.all(batch.map(async (delivery) => ({ delivery, taken: await inbox.take(delivery, sampleActs(delivery)) })));
  for (const { delivery, taken: answer } of taken) {
    if (answer.outcome === 'new') process.stdout.write(`${delivery.deliveryId} ${answer.receipt.jws}\n`);
  }
}
