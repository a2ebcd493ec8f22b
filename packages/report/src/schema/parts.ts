import { Array as ArrayOf, Boolean as Bool, Enum, Integer, Null, Object as ObjectOf, Optional, String as Text, Union } from 'typebox';

/** Members that most of the report's objects share. Everything but the report's minimum is optional. */
export const text = Optional(Text());
export const nullableText = Optional(Union([Text(), Null()]));
export const flag = Optional(Bool());
export const texts = Optional(ArrayOf(Text()));
export const whole = Optional(Integer());
export const nullableWhole = Optional(Union([Integer(), Null()]));
export const triState = Optional(Enum(['yes', 'no', 'unknown']));
export const place = ObjectOf({ text, regionCode: text });
export const contact = ObjectOf({ relationship: text, name: text, phone: text });
