import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application, type Context, Converter, OptionDefaults, ReflectionKind } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';

const ROOT = join(import.meta.dirname, '..');
const OUT = join(ROOT, 'docs/reference/api');

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, { readonly '@zhida/source': string }>>;
}

/** Every way into a published package, `@zhida/fhir/client` with the source file it leads to. */
function waysIn(): Map<string, string> {
  const ways = new Map<string, string>();
  for (const folder of readdirSync(join(ROOT, 'packages')).toSorted()) {
    const file = join(ROOT, 'packages', folder, 'package.json');
    if (!existsSync(file)) continue;
    const { name, private: hidden, exports } = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    if (hidden === true) continue;
    for (const [path, target] of Object.entries(exports)) {
      ways.set(`packages/${folder}/${target['@zhida/source'].slice(2)}`, `${name}${path.slice(1)}`);
    }
  }
  return ways;
}

/** Writes the API reference of the published packages as Markdown, for the documents’ site. */
const ways = waysIn();
const pages: Partial<PluginOptions> = { hidePageHeader: true, hideBreadcrumbs: true, entryFileName: 'index' };
const app = await Application.bootstrapWithPlugins({
  entryPoints: [...ways.keys()],
  tsconfig: join(ROOT, 'tsconfig.json'),
  out: OUT,
  // `pnpm check` does, and with the tests this program is twice as large.
  skipErrorChecking: true,
  plugin: ['typedoc-plugin-markdown'],
  name: 'API',
  readme: 'none',
  disableSources: true,
  excludePrivate: true,
  excludeInternal: true,
  hideGenerator: true,
  validation: { notExported: false },
  sort: ['alphabetical'],
  blockTags: [...OptionDefaults.blockTags, '@fires'],
  // The plugin's: a page for each way in.
  router: 'module',
  ...pages,
});
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context: Context) => {
  for (const module of context.project.getReflectionsByKind(ReflectionKind.Module)) {
    const file = context.getSymbolFromReflection(module)?.declarations?.[0]?.getSourceFile().fileName.replaceAll('\\', '/');
    module.name = [...ways].find(([way]) => file?.endsWith(way))?.[1] ?? module.name;
  }
});
const project = await app.convert();
if (project === undefined) throw new Error('the API reference could not be made');
await app.generateOutputs(project);
if (app.logger.hasErrors()) process.exitCode = 1;
