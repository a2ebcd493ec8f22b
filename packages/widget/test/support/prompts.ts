import type { Prompt, Reason } from '../../src/index.js';

export function aReason(overrides: Partial<Reason> = {}): Reason {
  return {
    ruleId: 'R-PG-01',
    family: 'pregnancy',
    questionSet: 'none',
    found: '不满十四周岁女性怀孕',
    why: '',
    doNow: '立即报告',
    preserve: [{ text: '流产物勿丢弃，低温保存，等民警', deadlineHours: 24 }],
    legalSentences: [{ id: 'opinion-2020:4.2', text: '（二）…', verified: true }],
    evidence: [{ label: '血HCG', value: '12500 IU/L', source: '检验科', at: '2026-11-22T21:04:00+08:00' }],
    ...overrides,
  };
}

export function aPrompt(overrides: Partial<Prompt> = {}): Prompt {
  return {
    schemaVersion: '1',
    id: 'prm_1',
    version: 1,
    state: 'shown',
    mode: 'test',
    level: 'red',
    statutory: true,
    occurrence: 1,
    deferrals: 0,
    dueAt: null,
    encounter: { id: 'V0013', revision: 1, visitNumber: 'MZ261100003321', location: '急诊2诊室' },
    patient: { id: 'P0013', maskedName: '张*婷', sex: 'female', ageText: '13岁' },
    reasons: [aReason()],
    questionSets: [],
    answers: null,
    advisers: [],
    recipients: [
      { kind: 'police', name: '县公安局110指挥中心', phone: '0000-1100110' },
      { kind: 'civil-affairs', name: '县民政局', phone: '0000-1100345' },
    ],
    dutyContact: { title: '总值班', phone: '0000-5550100' },
    reports: [],
    decisionCodes: ['wrong-patient', 'known-to-police'],
    operator: { name: '李医生', role: 'doctor' },
    reporterProtected: false,
    phone: {
      full: '您好，云溪县人民医院按强制报告制度报案{number}。一名13岁女孩{where}，检查发现怀孕{danger}；{companion}。',
      short: '云溪县人民医院，强制报告{number}{submitted}。',
      words: {
        numberFull: '，编号{number}',
        numberShort: '编号{number}',
        submitted: '，材料已在线提交',
        danger: '，孩子眼下有危险',
        whereabouts: { 'in-facility': '现在我院', left: '已离开我院', transferred: '已转出', deceased: '已死亡', unknown: '去向不清楚' },
        companion: { yes: '陪同人可能涉事', no: '未发现陪同人涉事', unknown: '陪同人是否涉事不清楚', alone: '无人陪同' },
      },
      answers: { number: '', where: 'in-facility', danger: false, companion: 'unknown' },
    },
    prefill: {
      schemaVersion: '1',
      mode: 'test',
      kind: 'initial',
      patient: { name: '张晓婷', sex: 'female' },
      whereabouts: { status: 'in-facility', place: '云溪县人民医院 急诊2诊室' },
      companions: [{ relationship: '自称哥哥', mayBeInvolved: 'unknown' }],
      suspicion: { situations: ['opinion-2020:4.2'], observed: '血HCG：12500 IU/L' },
      reporter: { mode: 'unit', identityBasis: 'login' },
    },
    pressId: 'prs_1',
    ticket: 'ticket-1',
    draft: null,
    ...overrides,
  };
}
