import { charsetOfText, decodeText, type Issue, ZhidaError } from '@zhida/core';
import { roleOfParty } from '@zhida/signing';
import { parse } from 'csv-parse/sync';

/** Standard addresses of a region and the police station that covers each, as a site supplies them (二标四实). */
export interface AddressTable {
  readonly size: number;
  /** The station of the longest standard address that stands in this text; `undefined` if none does. */
  find(address: string): string | undefined;
}

/** A table and the rows of its file that could not be used. */
export interface AddressTableReading {
  readonly table: AddressTable;
  readonly issues: readonly Issue[];
}

const ADDRESS_COLUMNS = ['address', '标准地址', '地址'];
const STATION_COLUMNS = ['station', '派出所', '辖区派出所'];
/** Addresses are written with and without these. */
const NOISE = /[\s,，.。、·()（）\-—_#]/g;

interface Branch {
  readonly next: Map<string, Branch>;
  station?: string;
}

/**
 * Reads `address,station` rows, the station as the party of the profile (`agency:…`). A row that names no agency, or another one for an
 * address that stands there already, is an issue with its line; the rest is used. Bytes are read as UTF-8 or as GB18030, which a Chinese
 * spreadsheet writes when it is asked for CSV.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` if the text is no CSV or lacks a column.
 */
export function readAddressTable(csv: string | Uint8Array): AddressTableReading {
  const [heading = [], ...rows] = rowsOf(typeof csv === 'string' ? csv : decodeText(csv, charsetOfText(csv)).text);
  const column = (names: readonly string[], at: string): number => {
    const index = heading.findIndex((name) => names.includes(name.trim().toLowerCase()));
    if (index < 0) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the address table lacks a column', { at });
    return index;
  };
  const [addressAt, stationAt] = [column(ADDRESS_COLUMNS, 'address'), column(STATION_COLUMNS, 'station')];
  const root: Branch = { next: new Map() };
  const issues: Issue[] = [];
  let size = 0;
  rows.forEach((row, index) => {
    const address = normalised(row[addressAt] ?? '');
    const station = (row[stationAt] ?? '').trim();
    const isUsed = address !== '' && roleOfParty(station) === 'agency' && plant(root, address, station);
    if (isUsed) size += 1;
    else issues.push({ code: 'VALUE_UNREAD', severity: 'error', at: `row ${index + 2}` });
  });
  return { table: { size, find: (address) => longestIn(root, normalised(address)) }, issues };
}

function rowsOf(csv: string): string[][] {
  try {
    return parse(csv, { bom: true, relax_column_count: true, skip_empty_lines: true }) as string[][];
  } catch {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the address table is no CSV', { at: '$' });
  }
}

/** Full-width digits and letters become plain ones; spaces and punctuation go. */
function normalised(text: string): string {
  return text.normalize('NFKC').replace(NOISE, '').toLowerCase();
}

/** @returns false where the address has another station already: the first stands. */
function plant(root: Branch, address: string, station: string): boolean {
  let branch = root;
  for (const character of address) {
    const next: Branch = branch.next.get(character) ?? { next: new Map() };
    branch.next.set(character, next);
    branch = next;
  }
  branch.station ??= station;
  return branch.station === station;
}

/** A text begins with more or less of the region than the table does, so every place in it may be a beginning. */
function longestIn(root: Branch, text: string): string | undefined {
  const characters = Array.from(text);
  let best: { length: number; station: string } | undefined;
  for (let start = 0; start < characters.length; start += 1) {
    let branch: Branch | undefined = root;
    // Nor is 1号院 a part of 11号院.
    if (isDigit(characters[start]) && isDigit(characters[start - 1])) continue;
    for (let end = start; end < characters.length && branch !== undefined; end += 1) {
      branch = branch.next.get(characters[end] ?? '');
      // 12号 is not 1号, nor 120号: a match that ends in a digit must not be followed by one.
      const cut = isDigit(characters[end]) && isDigit(characters[end + 1]);
      if (branch?.station !== undefined && !cut && end - start + 1 > (best?.length ?? 0))
        best = { length: end - start + 1, station: branch.station };
    }
  }
  return best?.station;
}

function isDigit(character = ''): boolean {
  return /^\d$/.test(character);
}
