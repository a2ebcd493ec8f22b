import type { html, nothing, TemplateResult } from 'lit/html.js';
import type { fill } from '../locales/texts.js';
import type { headlineOf, PressProgress } from '../machine/headline.js';
import type { Prompt } from '../wire.js';
import type { noticeText, ViewContext, WindowContext } from '../view/context.js';
import type { clockTime, patientLine } from '../view/format.js';
import type { area, back, choice, line, notice } from '../view/parts.js';

/** What the first file lends to the later one. */
export interface Kit {
  readonly html: typeof html;
  readonly nothing: typeof nothing;
  readonly area: typeof area;
  readonly back: typeof back;
  readonly choice: typeof choice;
  readonly line: typeof line;
  readonly notice: typeof notice;
  readonly noticeText: typeof noticeText;
  readonly patientLine: typeof patientLine;
  readonly fill: typeof fill;
  readonly headlineOf: typeof headlineOf;
  readonly clockTime: typeof clockTime;
}

/** What the later file brings. */
export interface More {
  /** Below the number and the words for the telephone. */
  calls(context: ViewContext, number: string): TemplateResult;
  /** S4 in the place of S1, where a prompt asks questions. */
  check(context: ViewContext, prompt: Prompt): TemplateResult | undefined;
  /** The pages of one case that are not in the first file. */
  page(context: ViewContext): TemplateResult;
  /** What stands below the telephone on S3. */
  cards(context: ViewContext, press: PressProgress): TemplateResult;
  manual(context: WindowContext): TemplateResult;
  /** Below S3 of a report the person began. */
  again(context: WindowContext): TemplateResult;
  /** Above every page: that it is of an exercise, reports that are refused and that nobody here can be shown, and S7's strips. */
  head(context: WindowContext): TemplateResult;
  /** On S1, above its reasons: what was pressed is refused, S7's word of a child who has left, and a colleague's report that can be added to. */
  above(context: ViewContext, prompt: Prompt): TemplateResult;
}
