/** The log name the tests use; apart from the fixture, which needs the test runner. */
export const ORIGIN = 'zhida.example/test/relay-440299';
