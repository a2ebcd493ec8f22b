import type { ProvenEntry } from '../entry-proof.js';
import type { VerificationProblem, VerificationProblemCode } from './problem.js';
import type { AuditVerification } from './verify-directory.js';

/** Languages the verifier speaks. */
export type Language = 'zh' | 'en';

type Sentence = Record<Language, string>;

const PROBLEMS: Record<VerificationProblemCode, Sentence> = {
  'entry-altered': { zh: '条目被改动', en: 'the entry was altered' },
  'entry-missing': { zh: '条目缺失', en: 'the entry is missing' },
  'entry-extra': { zh: '此处多出一条从未入账的条目', en: 'an entry stands here that was never logged' },
  'entries-swapped': { zh: '两条条目被对调', en: 'two entries were swapped' },
  'entry-cut': { zh: '条目在行末被截断', en: 'the entry is cut off at its end' },
  'entry-unreadable': { zh: '条目不符合格式', en: 'the entry does not keep its format' },
  'entry-repeated': { zh: '条目编号重复', en: 'the entry id was used before' },
  'entry-of-other-log': { zh: '条目属于另一本日志', en: 'the entry belongs to another log' },
  'leaves-differ': { zh: '条目本身无误，leaves 文件受损', en: 'the entry is right, the leaves file is damaged' },
  'ids-differ': { zh: '条目本身无误，ids 文件受损', en: 'the entry is right, the ids file is damaged' },
  'tile-length': { zh: '条目文件的分割不对', en: 'the entry files are not divided as they were written' },
  'tail-unsigned': { zh: '自此条起尚无签名的检查点', en: 'from this entry on no checkpoint is signed yet' },
  'checkpoint-missing': { zh: '检查点文件缺失，自此条起无签名', en: 'the checkpoint is missing; from this entry on nothing is signed' },
  'checkpoint-unreadable': { zh: '检查点不符合格式', en: 'the checkpoint does not keep its format' },
  'checkpoint-signature': {
    zh: '检查点不是由所给密钥签名，自此条起不能证明',
    en: 'the checkpoint is not signed with a given key; from this entry on nothing is proven by it',
  },
  'checkpoint-of-other-log': { zh: '检查点属于另一本日志', en: 'the checkpoint belongs to another log' },
  'checkpoint-root': {
    zh: '根值与签名的检查点不符，被改动的条目在此条或其后',
    en: 'the root is not the signed one; the first altered entry is this one or a later one',
  },
  'checkpoint-beyond-entries': { zh: '检查点所述条目多于现有条目', en: 'the checkpoint speaks of more entries than there are' },
  'checkpoint-not-newest': { zh: '检查点不是最新的，曾有更新的检查点', en: 'the checkpoint is not the newest one ever signed' },
};

/** The language a terminal asks for by `LC_ALL`, `LC_MESSAGES` or `LANG`: Chinese when it says so, else English. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const wanted = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  return wanted.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** The result for a person, one statement a line. */
export function describeVerification(result: AuditVerification, language: Language): string {
  const lines = [headline(result)[language]];
  for (const found of result.problems) lines.push(`  ${describeProblem(found, language)}`);
  if (result.omittedProblems > 0) {
    lines.push({ zh: `  另有 ${result.omittedProblems} 处`, en: `  and ${result.omittedProblems} more` }[language]);
  }
  if (result.ok && result.tail > 0) {
    lines.push(
      { zh: `其后 ${result.tail} 条尚无签名的检查点。`, en: `${result.tail} later entries are not under a signed checkpoint yet.` }[
        language
      ],
    );
  }
  if (result.keySource === 'directory') {
    lines.push(
      {
        zh: '密钥取自日志目录本身：只证明前后一致，不证明出自何处。请用 --key 或 --trust 给出可信的公钥。',
        en: 'key taken from the directory itself: proves consistency, not origin. Give a key you trust with --key or --trust.',
      }[language],
    );
  }
  return `${lines.join('\n')}\n`;
}

/** The result of checking one entry's proof, for a person. */
export function describeProof({ entry, index, checkpoint }: ProvenEntry, language: Language): string {
  const root = Buffer.from(checkpoint.root).toString('hex');
  return {
    zh: `条目 ${entry.id}（第 ${index} 条，${entry.at}）确在日志 ${checkpoint.origin} 中，检查点 ${checkpoint.size} 条，根值 ${root}。\n`,
    en: `Entry ${entry.id} (index ${index}, ${entry.at}) is in the log ${checkpoint.origin}: checkpoint of ${checkpoint.size} entries, root ${root}.\n`,
  }[language];
}

function headline({ ok, origin, size, signedSize, from, to, rootHash }: AuditVerification): Sentence {
  const log = origin ?? '?';
  if (!ok) return { zh: `日志 ${log} 不能自证（现有 ${size} 条）：`, en: `The log ${log} does not prove itself (${size} entries found):` };
  if (signedSize === 0)
    return {
      zh: `本日志完整，尚无条目，根值 ${rootHash}（${log}）。`,
      en: `This log is complete and has no entry yet, root ${rootHash} (${log}).`,
    };
  return {
    zh: `本日志自 ${from} 至 ${to} 完整，共 ${signedSize} 条，根值 ${rootHash}（${log}）。`,
    en: `This log is complete from ${from} to ${to}: ${signedSize} entries, root ${rootHash} (${log}).`,
  };
}

function describeProblem(found: VerificationProblem, language: Language): string {
  const where = [found.at, place(found, language)].filter((part) => part !== undefined && part !== '').join(' ');
  const other =
    found.other === undefined
      ? ''
      : { zh: `，另一条为${place(found.other, 'zh')}`, en: `, the other is ${place(found.other, 'en')}` }[language];
  const count = found.count === undefined ? '' : { zh: `（共 ${found.count} 处）`, en: ` (${found.count} in all)` }[language];
  return `${where}${language === 'zh' ? '：' : ': '}${PROBLEMS[found.what][language]}${other}${count}`;
}

function place({ index, entryId }: { index?: number; entryId?: string }, language: Language): string {
  if (index === undefined) return entryId ?? '';
  return { zh: `第 ${index} 条 ${entryId ?? '（编号不可读）'}`, en: `index ${index} ${entryId ?? '(id unreadable)'}` }[language];
}
