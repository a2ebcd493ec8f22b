import { Enums, Models, Serialize, Spec, SPDX } from '@cyclonedx/cyclonedx-library';
import type { Dependency } from './licences.js';

/** A software bill of materials (CycloneDX 1.6, JSON) of what is installed with our packages. */
export function billOfMaterials(version: string, dependencies: readonly Dependency[]): string {
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: component('zhida', version, 'Apache-2.0') }) });
  function component(name: string, of: string, licence: string): Models.Component {
    const [group, short] = name.startsWith('@') ? (name.split('/') as [string, string]) : [undefined, name];
    const made = new Models.Component(Enums.ComponentType.Library, short, {
      version: of,
      purl: `pkg:npm/${group === undefined ? '' : `${encodeURIComponent(group)}/`}${short}@${of}`,
      bomRef: `${name}@${of}`,
      ...(group === undefined ? {} : { group }),
    });
    made.licenses.add(SPDX.isSupportedSpdxId(licence) ? new Models.SpdxLicense(licence) : new Models.LicenseExpression(licence));
    return made;
  }
  for (const { name, version: of, licence } of dependencies) bom.components.add(component(name, of, licence));
  return new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6)).serialize(bom, { sortLists: true, space: 2 });
}
