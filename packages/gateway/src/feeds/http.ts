import { type Issue, ZhidaError, type ZhidaErrorCode } from '@zhida/core';
import type { Assessment } from '@zhida/detect';
import { readDocuments } from '@zhida/his/cda';
import type { GatewayContext } from '../context.js';
import { openVisits } from '../encounters/store.js';
import { HTTP_FEED } from './config.js';
import { isOtherMode } from './fold.js';
import { commitMessage, type MessageState, type NewMessage, noteMessage } from './inbox.js';
import type { FeedLine } from './line.js';
import { digestOf, nameMessage } from './name-message.js';
import { recordsIn } from './records.js';

/** What messages posted to the HTTP door led to: the visits they changed as they stand now. */
export interface PostedMessages {
  readonly assessments: readonly (Assessment & { readonly inputSha256: string })[];
  /** What was not taken, at places like `message[3].MSH-9`. */
  readonly issues: readonly Issue[];
}

/**
 * Takes HL7 v2 messages of one request: each is put on disk, folded in its order and answered for; one sent again has no
 * second effect and gets the same answer. A bad one is set aside and the rest is taken.
 *
 * @throws ZhidaError of the one message of a request that holds no other.
 */
export async function takePosted(context: GatewayContext, line: FeedLine, bytes: Uint8Array): Promise<PostedMessages> {
  const states: MessageState[] = [];
  for (const record of recordsIn('hl7v2', bytes)) {
    const { header, bytes: message } = record;
    const named: NewMessage =
      header === undefined
        ? { feed: HTTP_FEED, format: 'hl7v2', messageKey: context.rowKeys.of('message', digestOf(message)) }
        : nameMessage(context, HTTP_FEED, header, message);
    states.push(
      header !== undefined && isOtherMode(context, header)
        ? await refuse(context, named)
        : await line.settle(await commitMessage(context, named, message)),
    );
  }
  return answerFor(context, states);
}

/**
 * Takes the CDA documents of one request. They are put on disk and read together with those that came before of the same visit; the same
 * ones again have no second effect.
 *
 * @throws ZhidaError as `takeDocuments`.
 */
export async function takePostedDocuments(context: GatewayContext, line: FeedLine, bytes: Uint8Array): Promise<PostedMessages> {
  const messageKey = context.rowKeys.of('message', 'cda', digestOf(bytes));
  const state = await line.settle(await commitMessage(context, { feed: HTTP_FEED, format: 'cda', messageKey }, bytes));
  const { assessments } = await answerFor(context, [state]);
  return { assessments, issues: readDocuments(bytes).issues };
}

async function refuse(context: GatewayContext, message: NewMessage): Promise<MessageState> {
  const problem = { code: 'ZD_ERR_MODE_REFUSED', at: 'MSH-11' } as const;
  const id = await noteMessage(context, message, 'refused', problem);
  return { id, status: 'refused', problemCode: problem.code, problemAt: problem.at, visitKeys: [] };
}

async function answerFor(context: GatewayContext, states: readonly MessageState[]): Promise<PostedMessages> {
  const [only] = states;
  if (only === undefined) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'there is no message in the body', { at: 'MSH' });
  const failed = states.flatMap((state, index) => (state.status === 'processed' ? [] : [{ ...state, number: index + 1 }]));
  if (states.length === 1 && failed.length === 1) {
    throw new ZhidaError(codeOf(only), 'the message was not taken', only.problemAt === null ? {} : { at: only.problemAt });
  }
  const keys = [...new Set(states.flatMap(({ visitKeys }) => visitKeys))];
  const visits = await openVisits(context.database.db, context, keys);
  return {
    assessments: keys.flatMap((key) => {
      const visit = visits.get(key);
      return visit === undefined ? [] : [{ ...visit.assessment, inputSha256: visit.inputSha256 }];
    }),
    issues: [
      ...failed.map(
        ({ number, problemAt }): Issue => ({
          code: 'MESSAGE_UNREADABLE',
          severity: 'error',
          at: `message[${number}].${problemAt ?? 'MSH'}`,
        }),
      ),
      ...states.flatMap(({ status, problemCode, problemAt }, index): Issue[] =>
        status === 'processed' && problemCode !== null
          ? [{ code: problemCode as Issue['code'], severity: 'information', at: `message[${index + 1}].${problemAt ?? 'MSH'}` }]
          : [],
      ),
    ],
  };
}

function codeOf({ problemCode }: MessageState): ZhidaErrorCode {
  // A bug of ours is told as an input we could not read: it is set aside, and its code stands in the row.
  return problemCode === null || problemCode === 'ZD_ERR_BUG' ? 'ZD_ERR_INPUT_UNREADABLE' : (problemCode as ZhidaErrorCode);
}
