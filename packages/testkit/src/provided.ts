declare module 'vitest' {
  /** What the global set-up of the service tests gives to each test file. */
  interface ProvidedContext {
    /** A superuser's connection to the run's embedded PostgreSQL. */
    postgresUrl: string;
    redisUrl: string | null;
  }
}

export {};
