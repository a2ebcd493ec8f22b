export { type MllpAnswer, type MllpClient, type MllpClientOptions, connectMllp, sendMllp } from './client.js';
export type { Commitment, MllpIncident, Processing, ReceivedMessage } from './exchange.js';
export { MLLP_LIMITS, type MllpLimits } from './limits.js';
export { type MllpListener, type MllpListenerOptions, createMllpListener } from './listener.js';
export { type AcknowledgementKey, type AcknowledgementStore, type KeptAcknowledgements, createMemoryAcknowledgements } from './store.js';
