/** An element of a document, without its namespace: CDA has one, and its prefix is the sender's choice. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly content: readonly (string | XmlElement)[];
  readonly parent: XmlElement | undefined;
  /** Its number among the elements of its name, from 1. */
  readonly nth: number;
}

/** Names of CDA. A place in a document is told by them; a name that is none of them is the sender's, and might be a value. */
const KNOWN_NAMES = new Set(
  (
    'ClinicalDocument act addr administrativeGenderCode age asOrganizationPartOf assignedAuthor assignedCustodian assignedEntity assignedPerson ' +
    'associatedEntity associatedPerson author authorization birthTime caption code component componentOf confidentialityCode consumable content ' +
    'custodian dischargeDispositionCode effectiveTime employerOrganization encompassingEncounter encounter entry entryRelationship ' +
    'ethnicGroupCode guardian guardianPerson healthCareFacility high household id informant interpretationCode item legalAuthenticator list ' +
    'location low manufacturedLabeledDrug manufacturedMaterial manufacturedProduct maritalStatusCode name nationality nonXMLBody observation ' +
    'observationMedia organizer originalText paragraph parentDocument participant participantRole patient patientRole patientType ' +
    'patienttypeCode performer place playingEntity procedure product providerOrganization qualifier recordTarget regionOfInterest ' +
    'relatedDocument relatedEntity relatedPerson relatedSubject renderMultiMedia representedCustodianOrganization representedOrganization ' +
    'section serviceProviderOrganization setId specimen specimenPlayingEntity specimenRole statusCode structuredBody subject ' +
    'substanceAdministration supply table tbody td telecom text th thead time title tr translation typeId uncertaintyCode value versionNumber ' +
    'wholeOrganization'
  ).split(' '),
);
const STEPS_MAX = 40;

/** Where an element is, like `/ClinicalDocument/component[2]/section/code`: names of CDA and numbers, never a value. */
export function placeOf(element: XmlElement): string {
  const steps: string[] = [];
  for (let at: XmlElement | undefined = element; at !== undefined; at = at.parent) {
    steps.push(`${KNOWN_NAMES.has(at.name) ? at.name : '*'}${at.nth > 1 ? `[${at.nth}]` : ''}`);
  }
  const whole = steps.toReversed();
  return `/${(whole.length > STEPS_MAX ? [...whole.slice(0, STEPS_MAX), '…'] : whole).join('/')}`;
}

export function elementsOf(element: XmlElement): XmlElement[] {
  return element.content.filter((part) => typeof part !== 'string');
}

export function children(element: XmlElement | undefined, name: string): XmlElement[] {
  return element === undefined ? [] : elementsOf(element).filter((part) => part.name === name);
}

/** The first element at the end of a path of names. */
export function child(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>(
    (at, name) => at?.content.find((part): part is XmlElement => typeof part !== 'string' && part.name === name),
    element,
  );
}

/** The text in an element and all below it. */
function rawText(element: XmlElement): string {
  return element.content.map((part) => (typeof part === 'string' ? part : rawText(part))).join('');
}

/** What templates write where a value is missing. `NA` in capitals alone: `Na` is sodium. */
const NOTHING = /^(?:NA|N\/A|NULL|null|NI|UNK|undefined|\\N|[-—/]{1,4}|0{18})?$/;

/** A text without the space around it; `undefined` where nothing is said. */
export function said(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === undefined || NOTHING.test(trimmed) ? undefined : trimmed;
}

export function attribute(element: XmlElement | undefined, name: string): string | undefined {
  return said(element?.attributes.get(name));
}

export function textOf(element: XmlElement | undefined): string | undefined {
  return element === undefined ? undefined : said(rawText(element));
}
