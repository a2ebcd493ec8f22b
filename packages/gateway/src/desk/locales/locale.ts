import type { ScreenLocale } from '@zhida/core';
import { deskEn } from './en.js';
import { type DeskTexts, deskZhCN } from './zh-cn.js';

export const DESK_TEXTS: Readonly<Record<ScreenLocale, DeskTexts>> = { 'zh-CN': deskZhCN, en: deskEn };
