import type { EncounterSnapshot, Issue } from '@zhida/core';
import { createVisitFolder } from './fold/folder.js';
import { createIssueLog } from './issue-log.js';
import type { Hl7Options } from './options.js';
import { type MessageReading, readMessage } from './read/read-message.js';
import { messagesIn } from './wire/split.js';

/** One message of a file, or what stands in its place. */
export interface FileMessage extends MessageReading {
  /** Its number in the file, from 1. */
  readonly number: number;
  /** Line it begins on, from 1. */
  readonly line: number;
}

export interface FileReading {
  /** The latest snapshot of every visit, in order of the visit's first message. */
  readonly snapshots: readonly EncounterSnapshot[];
  /** `at` is like `message[12].OBX[3]-5`, never a value. */
  readonly issues: readonly Issue[];
  /** Stretches of the file that should be messages. */
  readonly messages: number;
  /** How many of them are none; each has an issue with severity `error`. */
  readonly unreadable: number;
}

/** Issues of one file; after them one `ISSUES_TRUNCATED`. */
const FILE_ISSUES_MAX = 10_000;

/** Reads the messages of a file one by one, whatever stands between them. What is no message comes with its error. */
export function* readMessages(bytes: Uint8Array, options: Hl7Options = NO_OPTIONS): Generator<FileMessage> {
  let number = 0;
  for (const piece of messagesIn(bytes)) {
    number += 1;
    yield { ...readMessage(piece.bytes, options), number, line: piece.line };
  }
}

const NO_OPTIONS: Hl7Options = {};

/**
 * Reads a file of HL7 v2 messages into one snapshot for each visit: MLLP frames, carriage returns, line feeds or blank lines
 * between the messages. Total: one bad message is named and the rest is read.
 */
export function snapshotsFromMessages(bytes: Uint8Array, options: Hl7Options = NO_OPTIONS): FileReading {
  const folder = createVisitFolder();
  const log = createIssueLog(FILE_ISSUES_MAX);
  let messages = 0;
  let unreadable = 0;
  for (const { number, message, issues } of readMessages(bytes, options)) {
    messages += 1;
    if (message === undefined) unreadable += 1;
    const folding = createIssueLog();
    const changed = message === undefined ? [] : folder.add(message, folding);
    if (message !== undefined && message.updates.length > 0 && changed.length === 0) folding.add('MESSAGE_IGNORED', 'PID-3', 'information');
    for (const { code, severity, at } of [...issues, ...folding.issues]) log.add(code, `message[${number}].${at}`, severity);
  }
  const building = createIssueLog();
  const snapshots = [...folder.snapshots(building)];
  for (const { code, severity, at } of building.issues) log.add(code, at, severity);
  return { snapshots, issues: log.issues, messages, unreadable };
}
