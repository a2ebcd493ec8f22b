export interface HisVisit {
  readonly encounter: string;
  readonly visitNumber: string;
  readonly name: string;
  readonly sex: string;
  readonly birthDate: string;
  readonly location: string;
  readonly complaint: string;
  readonly marked: boolean;
}

export interface HisPage {
  readonly visits: readonly HisVisit[];
  readonly token: string;
  readonly gatewayUrl: string;
  readonly english: boolean;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);

const TEXTS = {
  zh: {
    title: '门急诊医生工作站（演示）',
    stripe: '测试环境：患者、机构和号码均为虚构',
    open: '诊疗核查',
    doctor: '李医生　儿科／急诊',
    columns: ['门诊号', '姓名', '性别', '出生', '地点', '主诉', ''],
  },
  en: {
    title: 'Clinician workstation (demo)',
    stripe: 'Test system: patients, organisations and numbers are invented',
    open: 'Care check',
    doctor: 'Dr Li, paediatrics and emergency',
    columns: ['Visit', 'Name', 'Sex', 'Born', 'Place', 'Complaint', ''],
  },
} as const;

const STYLE = `
:root{font-family:system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;color:#1d2733;background:#f3f5f7}
*{box-sizing:border-box}body{margin:0}
.stripe{background:repeating-linear-gradient(45deg,#fff3c4,#fff3c4 12px,#ffe89a 12px,#ffe89a 24px);padding:4px 16px;font-size:13px}
header{background:#153b5c;color:#fff;padding:12px 16px;display:flex;flex-wrap:wrap;gap:8px 16px;justify-content:space-between;align-items:center}h1{font-size:18px;margin:0}
main{padding:16px;overflow-x:auto}table{border-collapse:collapse;width:100%;background:#fff;font-size:14px}
th,td{text-align:left;padding:8px 10px;border-bottom:1px solid #e6eaee;white-space:nowrap}td:nth-child(6){white-space:normal;min-width:160px}
td{font-variant-numeric:tabular-nums}.mark{background:#5b6875;color:#fff;border-radius:3px;padding:1px 6px;font-size:12px}
button{font:inherit;min-height:38px;padding:4px 16px;border-radius:6px;border:1px solid #fff;background:#fff;color:#153b5c;cursor:pointer}
@media (max-width:600px){th:nth-child(4),td:nth-child(4),th:nth-child(1),td:nth-child(1),th:nth-child(5),td:nth-child(5){display:none}th,td{padding:8px 6px}}
`;

/** The patient list of the demo HIS. The clinician's token goes to the gateway in a form's body, never in an address. */
export function renderHisPage({ visits, token, gatewayUrl, english }: HisPage): string {
  const texts = english ? TEXTS.en : TEXTS.zh;
  const rows = visits.map(
    (visit) =>
      `<tr>${[visit.visitNumber, visit.name, visit.sex, visit.birthDate, visit.location, visit.complaint].map((cell) => `<td>${escape(cell)}</td>`).join('')}<td>${visit.marked ? `<span class="mark">${texts.open}</span>` : ''}</td></tr>`,
  );
  return `<!doctype html><html lang="${english ? 'en' : 'zh-CN'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${texts.title}</title><style>${STYLE}</style></head>
<body><div class="stripe">${texts.stripe}</div><header><h1>${texts.title}</h1><span>${texts.doctor}</span>
<form method="post" action="${escape(gatewayUrl)}/launch" target="zhida"><input type="hidden" name="token" value="${escape(token)}"><button>${texts.open}</button></form></header>
<main><table><thead><tr>${texts.columns.map((column) => `<th>${column}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></main></body></html>`;
}
