import type { FollowTexts } from '../../locales/texts.js';
import type { Kit } from '../kit.js';
import type { FollowActs } from './follow-acts.js';

/** What S8 is drawn with. */
export interface FollowParts {
  readonly kit: Kit;
  readonly words: FollowTexts;
  readonly acts: FollowActs;
}
