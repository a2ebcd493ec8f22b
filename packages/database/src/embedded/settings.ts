/**
 * The server's settings, given on its command line: there they outrank every file and `ALTER SYSTEM`, so that nobody
 * turns durability off by an edit.
 */
export function serverSettings(port: number): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '64MB',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    // After a crash the folder is flushed before recovery begins: the file system at once, not a thousand files one after the other.
    ...(process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}),
    // A new table has no statistics until it was first analysed, and a plan made without any may read all that a facility has; a minute is a long time for that.
    autovacuum_naptime: '5s',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_line_prefix: '%m [%p] ',
    ...QUIET_LOG,
  };
}

/**
 * A child's data must not reach the server's log. An error's text quotes values ("invalid input syntax: …"), its detail
 * quotes rows, and its statement may hold literals, so errors and warnings are not logged (the client gets them anyway);
 * LOG, FATAL and PANIC are, without detail, statement or parameter. In `log_min_messages`, LOG ranks above ERROR.
 */
const QUIET_LOG = {
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_statement: 'none',
  log_min_duration_statement: '-1',
  log_min_duration_sample: '-1',
  log_duration: 'off',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_lock_waits: 'off',
  log_temp_files: '-1',
  log_autovacuum_min_duration: '-1',
};
