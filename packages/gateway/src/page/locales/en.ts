import type { PageTexts } from './zh-cn.js';

export const en: PageTexts = {
  lang: 'en',
  title: 'Care check',
  testStripe: 'Test system: patients, organisations and numbers are invented',
  launched: 'Visits that need a look appear at the bottom right. With a patient in front of you, treat first.',
  manual: 'Without an account in the workstation you can report here, with your staff number.',
  signInNeeded: 'Your sign-in has ended; please open this page again from the workstation.',
  noScript: 'This page needs JavaScript. Call 110, or the duty office.',
};
