import { deployment, testQueue } from '@zhida/testkit';

/** The options with which a demo runs as this test run was asked to: `ZHIDA_TEST_QUEUE`, `ZHIDA_TEST_RELAYS`. */
export async function demoDeployment(): Promise<string[]> {
  const asked = deployment();
  const relays = ['--relays', String(asked.relays)];
  // The demo makes a database of its own; only another backend has to be named.
  return asked.queue === 'redis' ? [...relays, '--redis', (await testQueue(asked, '')).url] : relays;
}
