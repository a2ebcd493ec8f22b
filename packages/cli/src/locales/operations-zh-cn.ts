/** What the commands for the people who run a relay say. `{…}` are filled in. */
export const operationsZhCN = {
  holds: {
    'no-route': '没有地址或密钥',
    'no-system': '对方无系统，等人移交',
    'endpoint-disabled': '线路已停用',
    pull: '等对方来取',
    conflict: '回避对象，不送',
  },
  endpoints: {
    headings: { party: '接收机关', name: '名称', state: '状态', open: '未签收', oldest: '最早一份' },
    states: {
      works: '正常',
      byHand: '无系统，由人移交',
      untrusted: '未配对，不能发送',
      disabled: '{since} 起停用（{reason}）',
      breaker: '{since} 起连不上，正在试探',
    },
    held: '保留 {count} 份（{reason}）',
    separator: '；',
    done: {
      disable: '已停用 {party}：给它的报告保留，不丢失，并呼叫值班人',
      enable: '已恢复 {party}：保留的报告随即发出',
      disableBefore: '{party} 早已停用，起因和时间不变',
      enableBefore: '{party} 本来就没有停用',
    },
  },
};
