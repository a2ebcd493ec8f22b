// Loaded before everything else: the demo itself takes a second to load, and Ctrl-C counts from the first moment on.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    // Once the demo listens itself, it stops what it has started.
    if (process.listenerCount(signal) > 1) return;
    process.stdout.write('\nstopped before anything was started\n');
    process.exit(process.argv.includes('--once') ? 130 : 0);
  });
}
