import type { ScreenLocale } from '@zhida/core';
import { en } from './en.js';
import { type Texts, zhCN } from './zh-cn.js';

export const TEXTS: Readonly<Record<ScreenLocale, Texts>> = { 'zh-CN': zhCN, en };
