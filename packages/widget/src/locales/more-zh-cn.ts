/** Texts of the pages that are loaded after the first paint. */
export const moreZhCN = {
  notThisTitle: '不属于的原因',
  reasonText: '说明（可不填）',
  decisions: {
    'wrong-patient': '不是该患者',
    'over-18': '已满18周岁',
    'result-corrected': '检查结果已更正',
    'coding-error': '编码或录入错误',
    'clear-accident': '经过清楚的意外',
    'assessed-not-now': '已核查暂不构成',
  },
  knownBy: { brought: '民警送来', '110': '已打110', 'other-hospital': '他院已报', school: '学校已报' },
  knownNumber: '警号或编号（可不填）',
  voucherTitle: '履职凭证',
  voucherCheck: '凭编号可向医院总值班或检察机关核对；本凭证不含患者信息。',
} as const;
