/** Invented messages for the bench: an emergency visit of one patient, its laboratory results, its note; in turn. */
function message(index: number, birth: string): Buffer {
  const number = String(100_000 + index);
  const head = (type: string): string =>
    `MSH|^~\\&|HIS|YUNXI|ZHIDA|YUNXI|20260503211${index % 10}05||${type}|B${number}|T|2.4|||AL|NE|CHN|UNICODE UTF-8`;
  const pid = `PID|1||${number}^^^YUNXI^MR||演示^${index}||${birth}|F|||云溪镇示例路${index}号^^云溪县^^440299||0000-1100110|||S|||||||汉族||||||||||`;
  const pv1 = `PV1|1|E|急诊^2诊室|||||D${index % 7}^示例|||EM||||9|||||V${number}|||||||||||||||||||||||||20260503210000|||||||`;
  const bodies = [
    [
      head('ADT^A04'),
      `EVN|A04|20260503210500|||N1`,
      pid,
      pv1,
      `DG1|1||J06.900^急性上呼吸道感染^ICD10||20260503211000|W`,
      `PV2|||^发热伴咳嗽2天`,
    ],
    [
      head('ORU^R01'),
      pid,
      pv1,
      `ORC|RE|${number}|F${number}`,
      `OBR|1|${number}|F${number}|CBC^血常规^L|||20260503211500|||||||||D1|||||||LAB|F`,
      `OBX|1|NM|WBC^白细胞^L||9.${index % 10}|10*9/L|4.0-10.0|N|||F|||20260503212000`,
      `OBX|2|NM|HGB^血红蛋白^L||12${index % 10}|g/L|110-160|N|||F|||20260503212000`,
      `OBX|3|NM|PLT^血小板^L||2${index % 10}0|10*9/L|100-300|N|||F|||20260503212000`,
      `OBX|4|ST|CRP^C反应蛋白^L||<5|mg/L|0-8|N|||F|||20260503212000`,
      `NTE|1||标本合格`,
    ],
    [
      head('MDM^T02'),
      `EVN|T02|20260503213000`,
      pid,
      pv1,
      `TXA|1|PN^病程记录|TX|20260503213000|D1^示例||20260503213000||D1^示例|||DOC${number}||||||AU`,
      `OBX|1|TX|^主诉||发热伴咳嗽2天||||||F`,
      `OBX|2|FT|^现病史||2天前受凉后发热，最高38.6℃，伴咳嗽，无气促。\\.br\\精神可，进食可，二便正常。||||||F`,
      `OBX|3|FT|^体格检查||神清，咽充血，双肺呼吸音粗，未闻及啰音。皮肤完整，无皮疹。||||||F`,
    ],
  ];
  return Buffer.from((bodies[index % bodies.length] ?? []).join('\r'), 'utf8');
}

/** Messages about children of seven. */
export function minorMessages(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => message(index, '20190203'));
}

/** The same about people of forty. */
export function adultMessages(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => message(index, '19860203'));
}
