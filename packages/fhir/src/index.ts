export { type BundleOptions, type BundleReading, snapshotsFromBundle } from './snapshots-from-bundle.js';
