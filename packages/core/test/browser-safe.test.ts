import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('core imports nothing but itself, so it runs in a browser and a worker', () => {
  const source = fileURLToPath(new URL('../src', import.meta.url));
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const specifiers = [...readFileSync(join(source, file), 'utf8').matchAll(/from '([^']+)'/g)].map((match) => match[1]);
    expect(
      specifiers.filter((specifier) => specifier?.startsWith('.') !== true),
      file,
    ).toEqual([]);
  }
});
