import type { Issue, IssueCode, Json } from '@zhida/core';
import { verbatim } from './verbatim.js';

/** More issues than a person reads; the values themselves are all kept. */
const ISSUE_LIMIT = 200;
const PLAIN_KEY = /^[A-Za-z]\w*$/;

/** What a reading has met that it could not use. */
export interface ReadingLog {
  /** Path into the input → the value as it came. */
  readonly unread: Record<string, Json>;
  readonly issues: Issue[];
  keep(path: string, value: unknown): void;
  note(code: IssueCode, severity: Issue['severity'], at: string): void;
}

/** The path of a member; a key that is not a plain name is quoted, so that no two members share a path. */
export function memberPath(at: string, key: string): string {
  if (!PLAIN_KEY.test(key)) return `${at}[${JSON.stringify(key)}]`;
  return at === '' ? key : `${at}.${key}`;
}

/** An empty log. Each pair of code and path is noted once. */
export function createReadingLog(): ReadingLog {
  const unread: Record<string, Json> = {};
  const issues: Issue[] = [];
  const noted = new Set<string>();
  return {
    unread,
    issues,
    keep(path, value) {
      unread[path] = verbatim(value);
    },
    note(code, severity, at) {
      const key = `${code} ${at}`;
      if (noted.has(key) || issues.length >= ISSUE_LIMIT) return;
      noted.add(key);
      issues.push({ code, severity, at });
    },
  };
}
