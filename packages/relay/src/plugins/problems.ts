import { asUnavailable } from '@zhida/database';
import { aboutError, isZhidaError, type Problem, problemOf, stackFrames, ZhidaError } from '@zhida/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { PressConflict } from '../intake/accept.js';

const RETRY_AFTER_SECONDS = 1;

/** Answers every error as an RFC 9457 problem: a stable code, never a value, and one 401 whatever was wrong with a credential. */
export const problems = fp(
  async (app) => {
    app.setErrorHandler((error, request, reply) => sendProblem(request, reply, error));
    app.setNotFoundHandler((request, reply) => sendProblem(request, reply, new ZhidaError('ZD_ERR_NOT_FOUND', 'no such resource')));
  },
  { name: 'zhida-problems' },
);

function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const known = expected(error);
  const problem = problemOf(known);
  logProblem(request, problem, error);
  if (problem.status === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify({ ...problem, ...firstReport(known) }));
}

/** Foreign errors that have a meaning here; the rest is a bug and says nothing but 500. */
function expected(error: unknown): unknown {
  if (isZhidaError(error)) return error;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ZhidaError('ZD_ERR_INPUT_TOO_LARGE', 'the body is too large', { cause: error });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the request cannot be read', { cause: error });
  }
  if (statusCode === 503) return new ZhidaError('ZD_ERR_BUSY', 'the service is stopping or overloaded', { cause: error });
  return asUnavailable(error) ?? error;
}

/** Ids alone: the screen shows the first report and offers to add to it. */
function firstReport(error: unknown): { reportId?: string; number?: string } {
  return error instanceof PressConflict ? { reportId: error.reportId, number: error.number } : {};
}

/** Only a code and an error's name are logged: the message of a database error may quote the row it failed on. */
function logProblem(request: FastifyRequest, problem: Problem, error: unknown): void {
  const about = {
    code: problem.code,
    status: problem.status,
    at: problem.at,
    error: aboutError(error).error,
    cause: causeCode(error),
  };
  if (problem.status === 500) request.log.fatal({ ...about, stack: stackFrames(error) }, 'a bug: the request failed');
  else if (problem.status === 503) request.log.error(about, 'nothing was taken');
  else request.log.warn(about, 'the request was refused');
}

function causeCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown; cause?: { code?: unknown } }).cause?.code ?? (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : undefined;
}
