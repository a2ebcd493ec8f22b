import type { MoreTexts } from './texts.js';

export const moreEn: MoreTexts = {
  notThisTitle: 'Why it is not so',
  reasonText: 'Remarks (optional)',
  decisions: {
    'wrong-patient': 'Not this patient',
    'over-18': '18 or older',
    'result-corrected': 'The result was corrected',
    'coding-error': 'Coding or typing error',
    'clear-accident': 'An accident clearly told',
    'assessed-not-now': 'Checked, not for now',
  },
  knownBy: {
    brought: 'Brought by police',
    '110': '110 was called',
    'other-hospital': 'Another hospital reported',
    school: 'The school reported',
  },
  knownNumber: 'Badge or case number (optional)',
  voucherTitle: 'Record of a report made',
  voucherCheck: 'Whoever holds the number can have it checked by the duty office or the procuratorate; nothing of the patient is in here.',
};
