import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DefaultTheme, LocaleSpecificConfig } from 'vitepress';

type Language = LocaleSpecificConfig<DefaultTheme.Config> & { label: string; link: string };
type Item = DefaultTheme.SidebarItem & { text: string; link: string };

const DECISIONS = join(import.meta.dirname, '../adr');

/** The decisions by the titles they have in their files. */
function decisions(): Item[] {
  return readdirSync(DECISIONS)
    .filter((file) => /^\d{4}-/.test(file))
    .toSorted()
    .map((file) => ({
      text: readFileSync(join(DECISIONS, file), 'utf8').split('\n', 1)[0]?.replace(/^# /, '') ?? file,
      link: `/en/adr/${file.replace(/\.md$/, '')}`,
    }));
}

const chineseUse: Item[] = [
  { text: '五分钟上手', link: '/guides/start' },
  { text: '医生、护士', link: '/guides/clinicians' },
  { text: '嵌入工作站', link: '/guides/embed' },
  { text: '接收机关', link: '/guides/agencies' },
  { text: '上线与运行', link: '/guides/hospital-it' },
  { text: '规则一览', link: '/guides/rules' },
  { text: '写一条规则', link: '/guides/write-a-rule' },
];
const chineseKnow: Item[] = [
  { text: '法律依据', link: '/guides/law' },
  { text: '安全', link: '/guides/security' },
  { text: '常见问题', link: '/guides/faq' },
  { text: '项目说明', link: '/readme' },
];

export const chinese: Language = {
  label: '中文',
  lang: 'zh-CN',
  link: '/',
  description: '让医院看见可能受到伤害的孩子，一次按键告知公安和民政',
  themeConfig: {
    nav: [
      { text: '上手', link: '/guides/start' },
      { text: '法律', link: '/guides/law' },
      { text: '常见问题', link: '/guides/faq' },
      { text: '接口（英文）', link: '/en/reference/api/' },
    ],
    sidebar: [
      { text: '使用', items: chineseUse },
      { text: '了解', items: chineseKnow },
      {
        text: '只有英文',
        items: [
          { text: '结构', link: '/en/architecture' },
          { text: '接口参考', link: '/en/reference/api/' },
          { text: '错误码', link: '/en/reference/errors' },
          { text: '决策记录', link: '/en/adr/0001-one-process-two-parties' },
        ],
      },
    ],
    outline: { label: '本页内容', level: [2, 3] },
    docFooter: { prev: '上一页', next: '下一页' },
    darkModeSwitchLabel: '深浅色',
    lightModeSwitchTitle: '改为浅色',
    darkModeSwitchTitle: '改为深色',
    sidebarMenuLabel: '目录',
    returnToTopLabel: '回到顶部',
    langMenuLabel: '语言',
    skipToContentLabel: '跳到正文',
    notFound: {
      title: '没有这一页',
      quote: '地址可能写错了，也可能换了地方。',
      linkLabel: '回到首页',
      linkText: '回到首页',
    },
  },
};

const englishUse: Item[] = [
  { text: 'Five-minute start', link: '/en/guides/start' },
  { text: 'For doctors and nurses', link: '/en/guides/clinicians' },
  { text: 'Embed it', link: '/en/guides/embed' },
  { text: 'Receive reports', link: '/en/guides/agencies' },
  { text: 'Operate it', link: '/en/guides/hospital-it' },
  { text: 'The rules', link: '/en/guides/rules' },
  { text: 'Write a rule', link: '/en/guides/write-a-rule' },
];
const englishKnow: Item[] = [
  { text: 'The law', link: '/en/guides/law' },
  { text: 'Security', link: '/en/guides/security' },
  { text: 'Questions', link: '/en/guides/faq' },
  { text: 'About the project', link: '/en/readme' },
];
const reference: Item[] = [
  { text: 'API', link: '/en/reference/api/' },
  { text: 'Error codes', link: '/en/reference/errors' },
  { text: 'Rows of a HIS', link: '/en/his-mapping' },
  { text: 'Widget', link: '/en/packages/widget' },
  { text: 'Audit log', link: '/en/packages/audit-log' },
  { text: 'Containers', link: '/en/operations/containers' },
  { text: 'Scaling', link: '/en/operations/scaling' },
  { text: 'Benchmarks', link: '/en/reference/bench' },
  { text: 'Reliability', link: '/en/reliability' },
];
const project: Item[] = [
  { text: 'Architecture', link: '/en/architecture' },
  { text: 'Hacking', link: '/en/hacking' },
  { text: 'Style', link: '/en/style' },
  { text: 'Contributing', link: '/en/contributing' },
  { text: 'Reporting a weakness', link: '/en/security' },
  { text: 'Roadmap', link: '/en/roadmap' },
];

export const english: Language = {
  label: 'English',
  lang: 'en',
  link: '/en/',
  description: 'A hospital sees that a child may have been harmed, and tells police and civil affairs with one press',
  themeConfig: {
    nav: [
      { text: 'Start', link: '/en/guides/start' },
      { text: 'Law', link: '/en/guides/law' },
      { text: 'Questions', link: '/en/guides/faq' },
      { text: 'API', link: '/en/reference/api/' },
    ],
    sidebar: [
      { text: 'Use', items: englishUse },
      { text: 'Know', items: englishKnow },
      { text: 'Reference', items: reference },
      { text: 'Project', items: project },
      { text: 'Decisions', collapsed: true, items: decisions() },
    ],
    outline: { level: [2, 3] },
  },
};

/** What the search says in Chinese. */
export const chineseSearch: NonNullable<DefaultTheme.LocalSearchOptions['translations']> = {
  button: { buttonText: '搜索', buttonAriaLabel: '搜索文档' },
  modal: {
    displayDetails: '显示摘录',
    resetButtonTitle: '清空',
    backButtonTitle: '关闭',
    noResultsText: '没有找到：',
    footer: { selectText: '打开', navigateText: '选择', closeText: '关闭' },
  },
};
