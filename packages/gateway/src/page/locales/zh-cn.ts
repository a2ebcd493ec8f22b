/** Texts of the gateway's own pages; what the widget says is the widget's. */
export const zhCN = {
  lang: 'zh-CN',
  title: '诊疗核查',
  testStripe: '测试环境：患者、机构和号码均为虚构',
  launched: '需要核查的就诊会出现在右下角。患者在眼前时，请先救治。',
  manual: '没有医生工作站账号也可以在这里报告，填工号即可。',
  signInNeeded: '登录已过期，请从医生工作站重新打开本页。',
  noScript: '本页需要 JavaScript。请拨打110，或联系总值班。',
} as const;

export type PageTexts = { readonly [Name in keyof typeof zhCN]: string };
