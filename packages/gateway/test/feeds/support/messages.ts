/** Invented HL7 v2 messages of the county that does not exist, as its HIS, laboratory and ward systems send them. */

export interface Child {
  readonly patient: string;
  readonly visit: string;
  readonly birth?: string;
  readonly name?: string;
}

export interface Head {
  readonly controlId: string;
  readonly sender?: string;
  readonly processingId?: string;
  readonly accept?: string;
  readonly application?: string;
  readonly charset?: string;
}

export const GIRL: Child = { patient: 'P0013', visit: 'V0013', birth: '20130318', name: '张^晓婷' };
export const BOY: Child = { patient: 'P0100', visit: 'V0100', birth: '20200914', name: '周^小禾' };

export function msh(type: string, { controlId, sender = 'HIS', processingId = 'T', accept = '', application = '', charset }: Head): string {
  const set = charset ?? 'UNICODE UTF-8';
  return `MSH|^~\\&|${sender}|YUNXI|ZHIDA|YUNXI|20261122191000||${type}|${controlId}|${processingId}|2.5.1|||${accept}|${application}|CHN|${set}`;
}

export function pid({ patient, birth = '', name = '' }: Child): string {
  return `PID|1||${patient}^^^YUNXI^MR||${name}||${birth}|F`;
}

export function pv1({ visit }: Child): string {
  const fields = Array.from({ length: 44 }, () => '');
  Object.assign(fields, { 0: '1', 1: 'E', 2: '急诊^2诊室', 6: 'D1001^李^医生', 18: visit, 43: '20261122190000' });
  return `PV1|${fields.join('|')}`;
}

export function message(...segments: readonly string[]): string {
  return `${segments.join('\r')}\r`;
}

/** The child arrives. */
export function arrival(child: Child, head: Head, event = 'A04'): string {
  return message(msh(`ADT^${event}`, head), `EVN|${event}|20261122190000|||D1001`, pid(child), pv1(child));
}

/** A quantitative HCG; `status` C corrects it. */
export function hcgResult(child: Child, head: Head, value: string, status = 'F'): string {
  return message(
    msh('ORU^R01', { sender: 'LIS', ...head }),
    pid(child),
    pv1(child),
    `ORC|RE|O-${child.visit}|F-${child.visit}`,
    `OBR|1|O-${child.visit}|F-${child.visit}|HCG^血HCG定量^L|||20261122190400|||||||||D1001^李^医生|||||||||${status}`,
    `OBX|1|NM|21198-7^血HCG^LN||${value}|IU/L|0-5|H|||${status}|||20261122190400`,
  );
}

/** A page of the chart. */
export function note(child: Child, head: Head, heading: string, text: string): string {
  return message(
    msh('MDM^T02', { sender: 'EMR', ...head }),
    `EVN|T02|20261122191000`,
    pid(child),
    pv1(child),
    `TXA|1|PN^急诊病历|TX|20261122191000|D1001^李^医生|||||||DOC-${head.controlId}||||||AU`,
    `OBX|1|FT|^${heading}||${text}||||||F`,
  );
}

/** The visit of `from` was another one: it is `to` from now on, of whichever patient. */
export function move(from: Child, to: Child, head: Head, event: 'A42' | 'A45'): string {
  const mrg = `MRG|${from.patient}^^^YUNXI^MR||||${from.visit}`;
  return message(msh(`ADT^${event}`, head), `EVN|${event}|20261122193000`, pid(to), mrg, pv1(to));
}

/** Two numbers were one child: `kept` stays. */
export function merge(kept: Child, retired: string, head: Head): string {
  return message(msh('ADT^A40', head), 'EVN|A40|20261122193000', pid(kept), `MRG|${retired}^^^YUNXI^MR`);
}
