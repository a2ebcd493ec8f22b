import type { FollowTexts } from '../../locales/texts.js';
import type { PressProgress } from '../../machine/headline.js';
import type { ViewContext } from '../../view/context.js';
import type { Kit } from '../kit.js';
import type { FollowActs } from './follow-acts.js';

/** What S8 is drawn with. */
export interface FollowParts {
  readonly kit: Kit;
  readonly words: FollowTexts;
  /** Saves 履职凭证 of what was pressed. */
  readonly voucher: { readonly label: string; save(context: ViewContext, press: PressProgress): void };
  readonly acts: FollowActs;
}
