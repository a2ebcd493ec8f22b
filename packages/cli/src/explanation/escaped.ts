const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for a page: markup of a record stays text, and marks that turn its direction around or hide are gone; line ends stay. */
export function escaped(text: string): string {
  return text.replace(/[^\P{C}\n\t]/gu, ' ').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
