import { escapeHtml } from '@zhida/core';

/** Text for a page: markup of a record stays text, and marks that turn its direction around or hide are gone; line ends stay. */
export function escaped(text: string): string {
  return escapeHtml(text.replace(/[^\P{C}\n\t]/gu, ' '));
}
