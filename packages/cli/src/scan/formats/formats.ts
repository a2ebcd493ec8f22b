import { readMappingFile } from '../../mapping-file.js';
import type { FormatReader } from '../reading.js';
import { cdaReader } from './cda.js';
import { hisReader } from './his.js';
import { hl7v2Reader } from './hl7v2.js';
import { encounterReader, fhirReader } from './json.js';

export const SCAN_FORMATS = ['encounter', 'fhir', 'hl7v2', 'cda', 'his'] as const;
export type ScanFormat = (typeof SCAN_FORMATS)[number];

/** How a scan reads its inputs. */
export interface FormatOptions {
  readonly format: ScanFormat;
  /** Path of the member that holds what is meant, for records that wrap it. */
  readonly field?: string;
  readonly mapping?: string;
}

/** @throws ZhidaError `ZD_ERR_MAPPING_INVALID` */
export async function readerOf({ format, field, mapping }: FormatOptions): Promise<FormatReader> {
  switch (format) {
    case 'encounter':
      return encounterReader(field);
    case 'fhir':
      return fhirReader(field);
    case 'hl7v2':
      return hl7v2Reader(field);
    case 'cda':
      return cdaReader(field);
    case 'his':
      return hisReader(await readMappingFile(mapping ?? ''), field);
  }
}
