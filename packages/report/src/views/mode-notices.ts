import type { Mode } from '@zhida/core';

/** First in every view that is not a real report. */
export const MODE_NOTICES: Readonly<Record<Exclude<Mode, 'production'>, string>> = {
  exercise: '【演练】',
  test: '【测试】',
  training: '【培训】',
};
