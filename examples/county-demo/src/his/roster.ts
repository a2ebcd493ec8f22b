/** Who sits where in the demo hospital. */
export interface Seat {
  readonly account: string;
  readonly name: string;
  readonly role: 'doctor' | 'duty-office';
  /** Undefined: every department's prompts are theirs. */
  readonly department?: string;
  readonly room: string;
}

export const SEATS: readonly Seat[] = [
  { account: 'D1001', name: '李医生', role: 'doctor', department: '急诊科', room: '急诊2诊室' },
  { account: 'D1002', name: '王医生', role: 'doctor', department: '儿科', room: '儿科2诊室' },
  { account: 'D1003', name: '陈医生', role: 'doctor', department: '妇产科', room: '妇科2诊室' },
  { account: 'D1004', name: '赵医生', role: 'doctor', department: '外科', room: '骨科1诊室' },
  { account: 'D1005', name: '孙医生', role: 'doctor', department: '儿童保健科', room: '妇女儿童院区' },
  { account: 'D1006', name: '周医生', role: 'doctor', department: '城东分院全科', room: '城东分院1诊室' },
  { account: 'D0001', name: '总值班', role: 'duty-office', room: '总值班室' },
];

/** The seat of an account; a doctor who has no seat of his own helps out everywhere. */
export function seatOf(account: string): Seat {
  const known = SEATS.find((seat) => seat.account === account);
  return known ?? { account, name: `值班医生${account.slice(1)}`, role: 'doctor', room: '' };
}
