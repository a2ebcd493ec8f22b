import type { Locale } from './locale.js';

export const zhCN: Locale = {
  modes: { test: '【测试】', exercise: '【演练】' },
  holds: {
    'no-route': '没有可用的密钥或地址',
    'endpoint-disabled': '线路已停用',
    'not-opened': '存储的内容打不开',
    'not-sealed': '无法加密或签名',
    'not-rendered': '无法生成内容',
  },
  alarms: {
    phone: ({ number, party }) => `强制报告${number}已提交，请先给${party}打电话，并在系统中登记。`,
    'no-stored': ({ number, party, minutes }) => `强制报告${number}提交${minutes}分钟，${party}仍未签收。请立即电话报告，并在值班台确认。`,
    'no-accepted': ({ number, party, minutes }) => `强制报告${number}提交${minutes}分钟，${party}仍未受理。请打电话移交，并在值班台登记。`,
    'no-feedback': ({ number, party }) => `强制报告${number}：${party}应反馈的期限已过，请登录查看并询问进展。`,
    chase: ({ number, party, days }) => `强制报告${number}已${days}天，${party}尚无处理结果，请登录查看并询问。`,
    'receipt-conflict': ({ number, party }) => `强制报告${number}：${party}的回执前后不一致，已留存，请登录核对。`,
    misdirected: ({ number, party }) => `强制报告${number}：${party}表示不属其管辖，系统没有可转交的单位。请立即电话确认由谁受理。`,
    held: ({ number, party, why }) => `强制报告${number}无法送往${party}：${why}。请打电话报告，并通知信息科。`,
    'dead-letter': ({ number, party, why }) => `强制报告${number}因本院系统故障无法送往${party}：${why}。请立即电话报告，并通知信息科。`,
    hidden: () => '有一份不宜由本院经手的强制报告无人跟进，系统未配置上级联系人。请立即请上级主管部门值班人员登录处理；详情此处不显示。',
    'roster-gap': ({ from }) => `值班表有空缺：${from.month}月${from.day}日${from.time}起无人。请补排。`,
    'exchange-silent': ({ party }) => `${party}仍在签收报告，但已停止每日核对。请电话联系其信息部门。`,
    'exchange-difference': ({ party }) => `与${party}的每日核对不一致，请登录查看差异并电话核实。`,
  },
};
