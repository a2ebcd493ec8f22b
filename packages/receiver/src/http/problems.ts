import { isZhidaError, type Problem, problemOf, ZhidaError, type ZhidaErrorCode } from '@zhida/core';
import type { FastifyReply } from 'fastify';

const RETRY_AFTER_SECONDS = 5;

/** What Fastify itself refuses, in our codes. */
const BY_STATUS: Readonly<Record<number, ZhidaErrorCode>> = {
  400: 'ZD_ERR_INPUT_UNREADABLE',
  404: 'ZD_ERR_NOT_FOUND',
  413: 'ZD_ERR_INPUT_TOO_LARGE',
  415: 'ZD_ERR_INPUT_UNREADABLE',
};

/** The problem an error is answered with. The message of a foreign error is never shown: it may quote the request. */
export function problemFor(error: unknown): Problem {
  if (isZhidaError(error)) return problemOf(error);
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  const code = BY_STATUS[status];
  return problemOf(code === undefined ? error : new ZhidaError(code, 'the request cannot be read'));
}

/** Answers `application/problem+json`, with `Retry-After` where coming again helps. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  retryAfter(reply, problem.status);
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

export function retryAfter(reply: FastifyReply, status: number): void {
  if (status === 503) void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
}
