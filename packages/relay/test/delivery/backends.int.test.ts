import { deployment, describeWithRedis } from '@zhida/testkit';
import { postgresBackend, redisBackend } from '../../../../test/support/roads/backends.js';
import { describeWakeUps } from '../support/describe-wake-ups.js';

// Asked for two processes, each backend runs in its own cell of the matrix.
const { queue, relays } = deployment();
if (queue === 'postgres') describeWakeUps(postgresBackend);
if (queue === 'redis' || relays === 1) describeWithRedis('the other backend', () => describeWakeUps(redisBackend));
