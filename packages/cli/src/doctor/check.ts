import type { Texts } from '../locales/texts.js';

/** All right; worth a look; wrong. */
export type CheckMark = 'right' | 'look' | 'wrong';
export type Area = keyof Texts['doctor']['areas'];

/** One line of what a doctor sees: never a secret, never anything of a person. */
export interface CheckLine {
  readonly mark: CheckMark;
  readonly says: keyof Texts['doctor']['says'];
  /** Put into the places of both sentences. */
  readonly values?: Readonly<Record<string, string | number>>;
  readonly todo?: keyof Texts['doctor']['todos'];
}

export function right(says: CheckLine['says'], values: CheckLine['values'] = {}): CheckLine {
  return { mark: 'right', says, values };
}

export function look(says: CheckLine['says'], todo: NonNullable<CheckLine['todo']>, values: CheckLine['values'] = {}): CheckLine {
  return { mark: 'look', says, todo, values };
}

export function wrong(says: CheckLine['says'], todo: NonNullable<CheckLine['todo']>, values: CheckLine['values'] = {}): CheckLine {
  return { mark: 'wrong', says, todo, values };
}
