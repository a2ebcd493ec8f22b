/**
 * Who writes like that: of a `voice` as its writer named it, the kind of writer. The first that matches is taken, so the narrower stand
 * first. The eight voices the project asks for bear the names of the case files.
 */
const KINDS: readonly (readonly [kind: string, words: RegExp])[] = [
  ['international-hospital', /international|国际|外籍/iu],
  ['ambulance', /ambulance|120|院前|救护车|pre-hospital|transport/iu],
  ['school-clinic', /school|校|幼儿园|kindergarten/iu],
  ['intensive-care', /intensive|icu|重症|抢救|resuscitation|neonat|新生儿/iu],
  ['township-doctor', /township|village|rural|community|health visitor|村|乡|卫生院|社区|诊所|镇/iu],
  ['gynaecologist', /gyn|obstet|\bob\b|antenatal|labour|delivery|妇|产/iu],
  ['county-triage-nurse', /triage|nurs|分诊|护士|护理|预检/iu],
  ['psychiatry-and-adolescent', /psych|adolescent|teen|camhs|心理|精神|青春期/iu],
  ['radiology-and-laboratory', /radiolog|laborator|ultrasound|coding|检验|放射|影像|编码|超声|首页/iu],
  ['emergency-surgeon', /surg|ortho|burn|trauma|urolog|外科|骨|烧伤|创伤|泌尿|清创|换药|小儿外|儿外/iu],
  ['emergency', /emergency|casualty|a&e|\bed\b|\ber\b|urgent|急诊/iu],
  ['paediatric-resident', /paed|pedi|住院医|儿科|儿保|儿童/iu],
];
const OTHERS = 'other specialities';

/** The kind of writer of a record. */
export function kindOfVoice(voice: string): string {
  return KINDS.find(([, words]) => words.test(voice))?.[0] ?? OTHERS;
}
