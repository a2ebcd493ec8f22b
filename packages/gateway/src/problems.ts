import { aboutError, isZhidaError, type Problem, problemOf, stackFrames, ZhidaError } from '@zhida/core';
import { asUnavailable } from '@zhida/database';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const RETRY_AFTER_SECONDS = 5;

/** Thrown on a used key with another body: the screen shows the report that was pressed first. */
export class PressConflict extends ZhidaError {
  readonly first: { readonly pressId: string; readonly reportId: string | null; readonly number: string | null };

  constructor(first: PressConflict['first']) {
    super('ZD_ERR_IDEMPOTENCY_CONFLICT', 'this press was made with another body', { at: 'idempotency-key' });
    this.first = first;
  }
}

/** Answers every error as an RFC 9457 problem: a stable code and never a value. */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, error));
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, new ZhidaError('ZD_ERR_NOT_FOUND', 'no such route')));
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const known = expected(error);
  const problem = problemOf(known);
  logProblem(request, problem, error);
  if (problem.status === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
  const first = known instanceof PressConflict ? known.first : {};
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify({ ...problem, ...first }));
}

/** Foreign errors that have a meaning here; the rest is a bug and says nothing but 500. */
function expected(error: unknown): unknown {
  if (isZhidaError(error)) return error;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new ZhidaError('ZD_ERR_INPUT_TOO_LARGE', 'the body is over the limit', { cause: error });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the request cannot be read', { cause: error });
  }
  if (statusCode === 503) return new ZhidaError('ZD_ERR_BUSY', 'the service is stopping', { cause: error });
  return asUnavailable(error) ?? error;
}

/** Only codes and names are logged: the message of a database error may quote the row it failed on. */
function logProblem(request: FastifyRequest, problem: Problem, error: unknown): void {
  const { cause, code } = error as { cause?: { code?: unknown }; code?: unknown };
  const about = {
    route: request.routeOptions.url,
    code: problem.code,
    status: problem.status,
    at: problem.at,
    error: aboutError(error).error,
    cause: cause?.code ?? code,
  };
  if (problem.status === 500) request.log.error({ ...about, stack: stackFrames(error) }, 'a bug: the request failed');
  else if (problem.status > 500) request.log.warn(about, 'the request could not be served now');
  else request.log.info(about, 'the request was refused');
}
