import { describe, expect, test } from 'vitest';
import { en } from '../src/locales/en.js';
import { followEn } from '../src/locales/follow-en.js';
import { followZhCN } from '../src/locales/follow-zh-cn.js';
import { moreEn } from '../src/locales/more-en.js';
import { moreZhCN } from '../src/locales/more-zh-cn.js';
import { zhCN } from '../src/locales/zh-cn.js';

const leaves = (value: unknown, path = ''): [string, string][] =>
  typeof value === 'string' ? [[path, value]] : Object.entries(value as object).flatMap(([key, item]) => leaves(item, `${path}.${key}`));
const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

describe('texts', () => {
  test.each([
    ['the first load', zhCN, en],
    ['what comes later', moreZhCN, moreEn],
    ['S8', followZhCN, followEn],
  ])('of %s are complete in both languages, with the same places to fill', (_what, chinese, english) => {
    const [zh, other] = [new Map(leaves(chinese)), new Map(leaves(english))];
    expect([...other.keys()].toSorted()).toEqual([...zh.keys()].toSorted());
    for (const [path, text] of zh) {
      expect(text, path).not.toBe('');
      expect(places(other.get(path) ?? ''), path).toEqual(places(text));
      expect(other.get(path), path).not.toMatch(/[\u4e00-\u9fff]/);
    }
  });

  test('nothing that is on the screen before it is opened speaks of harm, police, a report or a child', () => {
    const { title, bar, barDeferred, barUnfinished, add } = zhCN;
    expect(JSON.stringify({ title, bar, barDeferred, barUnfinished, add })).not.toMatch(/侵害|报警|公安|报告|虐|性|警|患|孩/);
  });

  test('nobody is called a suspect, and colours are never named', () => {
    expect(JSON.stringify([zhCN, moreZhCN, followZhCN])).not.toMatch(/嫌疑|红色|橙色|预警|监测/);
  });

  test('nothing is taken back: no text of what comes after a report speaks of that', () => {
    expect(JSON.stringify([zhCN, moreZhCN, followZhCN])).not.toMatch(/撤回|撤销|取消|删除/);
    expect(Object.values(followZhCN.codes)).toEqual([
      '补充',
      '去向变了',
      '发错患者',
      '内容有误',
      '标本与衣物',
      '我需要帮助',
      '有人阻止报告',
    ]);
    expect(followZhCN.wrongPatient).toContain('本报告对象有误，请立即停止使用并签收');
    expect(followZhCN.lines.stopped).toBe('已停止使用 {time}');
  });

  test('the copy of S1 to S3 is as it was written', () => {
    expect([zhCN.report, zhCN.danger, zhCN.known, zhCN.defer, zhCN.notThis]).toEqual([
      '报告',
      '孩子有危险，先打110',
      '公安已知情',
      '先救治，15分钟后提醒',
      '不属于，说明原因',
    ]);
    expect(zhCN.advice).toBe('只记原话，不追问细节、不要求复述。可以说：“你没有做错，我们会帮你。”');
    const { sending: _transient, ...headlines } = zhCN.headline;
    expect(headlines).toEqual({
      held: '已存在网关，尚未发出',
      submitted: '已提交　编号 {number}，等待公安签收',
      stored: '公安系统已签收 {time}，等待受理',
      accepted: '公安已受理 {time}',
      acceptedAs: '公安已受理 {time}　接报编号 {agencyNumber}',
      attested: '已由总值班移交 {time}（无系统回执）',
      undelivered: '尚未送达，请拨打110',
    });
  });
});
