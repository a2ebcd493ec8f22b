/** An ordinary admission as a hospital keeps it: about 600 characters, everything denied that templates deny, nothing to find. */
const PRESENT =
  '患儿于入院前6天受凉后出现咳嗽，初为干咳，渐加重呈阵发性连声咳，有痰不易咳出，伴流涕。入院前3天出现发热，体温最高39.4℃，口服布洛芬可退，4～6小时复升，无寒战、抽搐，无皮疹，无呕吐腹泻，无气促发绀。门诊输注头孢2天，症状无明显好转，为进一步诊治收入院。起病以来精神、食欲欠佳，大小便正常。';
const PAST =
  '既往体健，否认肝炎、结核等传染病史及接触史，否认手术、外伤、输血史，否认药物、食物过敏史，否认异物吸入史，否认毒物接触史。第1胎第1产，足月顺产，出生体重3.15kg，否认生后窒息史。';
const EXAM =
  'T38.6℃，P128次/分，R34次/分，W14kg。神志清楚，精神稍差，自动体位，查体合作。全身皮肤黏膜无黄染、皮疹、出血点及瘀斑，卡疤可见。浅表淋巴结未触及肿大。咽充血。胸廓无畸形，双肺呼吸音粗，右下肺可闻及固定细湿啰音。心律齐，未闻及杂音。腹平软，无压痛。脊柱四肢无畸形，外生殖器及肛门未见异常。';
const PLAN =
  '血常规：WBC 6.9×10^9/L，N 58%，L 34%，Hb 118g/L，PLT 287×10^9/L；CRP 18mg/L；PCT 0.08ng/ml；肺炎支原体IgM 1:160阳性；肝肾功能、心肌酶、电解质正常；大小便常规正常；乙肝表面抗原、梅毒、艾滋病筛查阴性。胸片：右下肺斑片状阴影。1.儿科护理常规，二级护理 2.抗感染、雾化、对症 3.完善支原体抗体、痰培养等检查。4.病情告知家长，签字。';

/** The notes of the ordinary admission, and how long they are together. */
export const ORDINARY_NOTES: readonly string[] = [PRESENT, PAST, EXAM, PLAN];
export const ORDINARY_CHARACTERS = ORDINARY_NOTES.join('').length;

/** The ordinary admission of another child for every index; `extra` repeats the present illness so many times more. */
export function ordinaryEncounter(index: number, extra = 0): object {
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
      { section: 'plan', text: PLAN + PRESENT.repeat(extra) },
    ],
    conditions: [{ code: 'J18.000', system: 'icd-10-cn', text: '支气管肺炎' }],
    observations: [{ name: '血小板', value: 287, unit: '10^9/L' }],
  };
}

/** The same admission of a child who was beaten: evidence in the text and in a code. */
export function strikingEncounter(index: number): object {
  const ordinary = ordinaryEncounter(index) as { notes: object[]; conditions: object[] };
  return {
    ...ordinary,
    notes: [{ section: 'present-illness', text: `${PRESENT}入院当日被继父用皮带抽打背部，母亲未在场。` }, ...ordinary.notes.slice(1)],
    conditions: [...ordinary.conditions, { code: 'T74.100', system: 'icd-10-cn', text: '躯体虐待' }],
  };
}
