/** What a command of the documents has to say when it is typed as it stands there, and how it ends. */
interface Expected {
  readonly says: readonly (string | RegExp)[];
  readonly code?: number;
  /** A file it writes, which has to say that instead. */
  readonly writes?: string;
}

/** Every command of the documents that needs no more than files and a relay at hand: `commands.test.ts` types each of them. */
export const TYPED: Readonly<Record<string, Expected>> = {
  'pnpm -s zhida scan --json --format encounter visits.jsonl': { says: [/"encounterId":"V1".*"level":"red".*\n.*"V2".*"level":"none"/] },
  'pnpm -s zhida scan --json --format hl7v2 --explain-mapping messages.hl7': {
    says: ['"level":"red"', 'explain: 2 records, 0 with something that could not be read, 1 encounters', 'segment ZPI ×1'],
  },
  'pnpm -s zhida map try mapping.yaml visits.csv patients.csv results.csv': {
    says: ['5 rows, 0 rows or files that could not be used'],
  },
  'pnpm -s zhida scan --json --format his --mapping mapping.yaml visits.csv patients.csv results.csv': {
    says: [/"encounterId":"V1".*\n.*"encounterId":"V2"/],
  },
  'pnpm -s zhida scan --field encounter --why R-EX-04 hospital.cases.jsonl': { says: ['C-HIT', /就诊 6，有提示 0，无提示 6\n$/] },
  'pnpm -s zhida backtest --out report.html visits.jsonl': { writes: 'report.html', says: ['会有 1 份提示', '没有任何内容离开这台机器'] },
  'pnpm -s zhida backtest --labels labels.csv --out report.html visits.jsonl': {
    writes: 'report.html',
    says: ['标注 2 条，其中 2 条对得上就诊'],
  },
  'pnpm -s zhida pack lint hospital.overlay.json --cases hospital.cases.jsonl': { says: [/^nothing wrong\n$/] },
  'pnpm -s zhida pack diff national hospital.overlay.json': {
    says: ['C-HIT  +1 −0 words', 'R-EX-04 changed  when', 'L-CAMP/1  +2 −0 words'],
  },
  'pnpm -s zhida explain --overlay hospital.overlay.json --field encounter --output page.html hospital.cases.jsonl': {
    writes: 'page.html',
    says: [/<mark class="red">[^<]*修理得/],
  },
  'pnpm -s zhida config check zhida.yaml': { says: ['zhida.yaml: relay, gateway, nothing wrong'] },
  // The configuration of docker/, with nothing of what it names.
  'pnpm -s zhida doctor zhida.yaml': { says: ['✓ 配置可读', /✗ 没有密钥/, /→ 用 zhida keys create 建立/, /项有问题\n$/], code: 1 },
  'pnpm -s zhida alarms list --keys gateway-keys --facility CODE --account NAME': {
    says: [/【测试】先打电话 +440299-\S+ +agency:police-440299 /],
    code: 1,
  },
  // The roster of the test has one shift, long past.
  'pnpm -s zhida roster import roster.csv --keys gateway-keys --facility CODE --account NAME': {
    says: ['shifts  1', 'GAP     nobody on duty from'],
    code: 1,
  },
  'pnpm -s zhida gateway add-officer --keys gateway-keys --id Z001 --name NAME': { says: [/^(?:[2-9a-z]{4}-){3}[2-9a-z]{4}\n$/] },
  'pnpm -s zhida paper hand-out --to SITE --count 50 --keys gateway-keys --facility CODE --account NAME': { says: ['open 50'] },
  'pnpm -s zhida deliveries list --keys gateway-keys --facility CODE --account NAME': {
    says: [/^编号 .*在等什么/, /\n440299-\S+ +agency:police-440299 /],
  },
  'pnpm -s zhida dead-letters list --keys gateway-keys --facility CODE --account NAME': { says: [/^没有\n$/] },
  'pnpm -s zhida exchanges --keys gateway-keys --facility CODE --account NAME': { says: [/^没有\n$/] },
  'pnpm -s zhida endpoints disable PARTY --reason REASON --keys gateway-keys --facility CODE --account NAME': {
    says: ['已停用 agency:civil-affairs-440299'],
  },
  'pnpm -s zhida endpoints list --keys gateway-keys --facility CODE --account NAME': {
    says: [/agency:police-440299 .*正常/, /agency:civil-affairs-440299 .*起停用（检修）/],
  },
  'pnpm -s zhida endpoints enable PARTY --reason REASON --keys gateway-keys --facility CODE --account NAME': {
    says: ['已恢复 agency:civil-affairs-440299'],
  },
  'pnpm -s zhida reconcile --relay relay.url --gateway gateway.url': { says: ['no difference'] },
  'pnpm -s zhida audit verify DIRECTORY --trust relay.trust.json': { says: [/: \d+ entries, root /] },
  'npx zhida-audit-verify DIRECTORY --trust relay.trust.json': { says: [/: \d+ entries, root /] },
  'node --conditions=@zhida/source --import tsx packages/signing/test/make-vectors.ts NEW-FOLDER': {
    writes: 'vectors/receipt.json',
    says: ['"jws"'],
  },
};
