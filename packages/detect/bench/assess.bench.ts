import { performance } from 'node:perf_hooks';
import { createDetector } from '../src/index.js';
import { compileLexicon } from '../src/text/lexicon.js';
import { createScanner } from '../src/text/scan.js';
import { nationalRulePack } from '@zhida/packs';

/**
 * What one assessment costs. A plain script, to be run alone on the machine: `node --conditions=@zhida/source --import tsx …`.
 * Budgets (on one core): 20 000 assessments a second of a 600-character encounter, p99 under 0.5 ms, the scan at least a
 * third of a bare loop over the same text, time linear in the text.
 */
const BUDGETS = { assessPerSecond: 20_000, p99Ms: 0.5, scanOfBareLoop: 1 / 3, linearFactor: 1.6 };

const PRESENT =
  '患儿于入院前6天受凉后出现咳嗽，初为干咳，渐加重呈阵发性连声咳，有痰不易咳出，伴流涕。入院前3天出现发热，体温最高39.4℃，口服布洛芬可退，4～6小时复升，无寒战、抽搐，无皮疹，无呕吐腹泻，无气促发绀。门诊输注头孢2天，症状无明显好转，为进一步诊治收入院。起病以来精神、食欲欠佳，大小便正常。';
const PAST =
  '既往体健，否认肝炎、结核等传染病史及接触史，否认手术、外伤、输血史，否认药物、食物过敏史，否认异物吸入史，否认毒物接触史。第1胎第1产，足月顺产，出生体重3.15kg，否认生后窒息史。';
const EXAM =
  'T38.6℃，P128次/分，R34次/分，W14kg。神志清楚，精神稍差，自动体位，查体合作。全身皮肤黏膜无黄染、皮疹、出血点及瘀斑，卡疤可见。浅表淋巴结未触及肿大。咽充血。胸廓无畸形，双肺呼吸音粗，右下肺可闻及固定细湿啰音。心律齐，未闻及杂音。腹平软，无压痛。脊柱四肢无畸形，外生殖器及肛门未见异常。';
const PLAN =
  '血常规：WBC 6.9×10^9/L，N 58%，L 34%，Hb 118g/L，PLT 287×10^9/L；CRP 18mg/L；PCT 0.08ng/ml；肺炎支原体IgM 1:160阳性；肝肾功能、心肌酶、电解质正常；大小便常规正常；乙肝表面抗原、梅毒、艾滋病筛查阴性。胸片：右下肺斑片状阴影。1.儿科护理常规，二级护理 2.抗感染、雾化、对症 3.完善支原体抗体、痰培养等检查。4.病情告知家长，签字。';

function encounter(index: number, extra = ''): object {
  return {
    schemaVersion: '1',
    id: `V${index}`,
    class: 'inpatient',
    period: { start: '2026-01-11T10:15:00+08:00' },
    patient: { id: `P${index}`, sex: index % 2 === 0 ? 'male' : 'female', birthDate: `20${10 + (index % 15)}-02-14` },
    companion: { relationship: '母亲' },
    notes: [
      { section: 'present-illness', text: PRESENT },
      { section: 'past-history', text: PAST },
      { section: 'physical-exam', text: EXAM },
      { section: 'plan', text: PLAN + extra },
    ],
    conditions: [{ code: 'J18.000', system: 'icd-10-cn', text: '支气管肺炎' }],
    observations: [{ name: '血小板', value: 287, unit: '10^9/L' }],
  };
}

const detector = createDetector({ pack: nationalRulePack });
const ordinary = Array.from({ length: 500 }, (_, index) => encounter(index));
const characters = [PRESENT, PAST, EXAM, PLAN].join('').length;

/** Units a second of processor time: other work on the machine slows the clock, not this count. */
function rate(run: () => void, perRun: number, seconds: number): number {
  const until = performance.now() + seconds * 1000;
  const start = process.cpuUsage();
  let done = 0;
  while (performance.now() < until) {
    run();
    done += perRun;
  }
  const { user, system } = process.cpuUsage(start);
  return done / ((user + system) / 1e6);
}

function assessAll(): void {
  for (const input of ordinary) detector.assess(input, { now: 0 });
}

function p99Ms(): number {
  const times: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    for (const input of ordinary) {
      const start = performance.now();
      detector.assess(input, { now: 0 });
      times.push(performance.now() - start);
    }
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)] ?? Number.NaN;
}

function scanOfBareLoop(): number {
  const text = (PRESENT + PAST + EXAM).repeat(20);
  const scanner = createScanner(compileLexicon(nationalRulePack));
  let sum = 0;
  const scan = rate(() => void scanner(text), text.length, 1);
  const bare = rate(
    () => {
      for (let index = 0; index < text.length; index += 1) sum = (sum + text.charCodeAt(index)) | 0;
    },
    text.length,
    1,
  );
  // The sum is used, so that the loop is not optimised away.
  return Number.isNaN(sum) ? 0 : scan / bare;
}

/** Time per character of a text ten times as long, by that of the short one: 1 is linear. */
function linearFactor(): number {
  const perCharacter = (repeats: number): number => {
    const input = encounter(1, PRESENT.repeat(repeats));
    const length = characters + PRESENT.length * repeats;
    return 1 / rate(() => void detector.assess(input, { now: 0 }), length, 1);
  };
  return perCharacter(100) / perCharacter(10);
}

rate(assessAll, ordinary.length, 1);
const measured = {
  assessPerSecond: rate(assessAll, ordinary.length, 3),
  p99Ms: p99Ms(),
  scanOfBareLoop: scanOfBareLoop(),
  linearFactor: linearFactor(),
};
const kept =
  measured.assessPerSecond >= BUDGETS.assessPerSecond &&
  measured.p99Ms <= BUDGETS.p99Ms &&
  measured.scanOfBareLoop >= BUDGETS.scanOfBareLoop &&
  measured.linearFactor <= BUDGETS.linearFactor;
process.stdout.write(`${JSON.stringify({ characters, measured, budgets: BUDGETS, kept }, undefined, 2)}\n`);
process.exitCode = kept ? 0 : 1;
