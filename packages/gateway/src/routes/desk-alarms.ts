import { isId, ZhidaError } from '@zhida/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { DeskAlarm } from '../desk/desk-relay.js';
import { alarmPage } from '../desk/pages/alarms.js';
import { formOf } from './body.js';
import { acting, type AtDesk, atDesk, type DeskParts, formOfPage, frameOf, pageOf, redirect, sendDesk, unlessAway } from './desk-page.js';

interface AlarmRoute {
  readonly Params: { escalationId: string };
}

const LIST = '/duty/alarms';

/** One alarm of the desk: a person says that they see to it, or silences its rung with a reason. Neither changes a state or a clock. */
export function deskAlarmRoutes(app: FastifyInstance, parts: DeskParts): void {
  const { recipients } = parts.context.profile;
  app.get<AlarmRoute>(`${LIST}/:escalationId`, pageOf('One alarm: what to do, and who has seen it'), async (request, reply) => {
    const at = await atDesk(parts, request);
    if (at === undefined) return redirect(reply, '/duty/sign-in');
    const alarm = await alarmOf(at, request);
    // Somebody was quicker, or it has ended by itself.
    if (alarm === undefined) return redirect(reply, LIST);
    const exchanges = alarm.rung === 'exchange-difference' ? await unlessAway(at.asked.exchanges()) : undefined;
    const compared = exchanges?.find(({ party, day }) => party === alarm.party && day === alarm.day);
    const frame = { ...frameOf(parts, request, reply, `${LIST}/${alarm.escalationId}`), viewer: at.viewer };
    const shown = { ...frame, mode: alarm.mode ?? frame.mode };
    return sendDesk(reply, shown, { still: alarmPage({ ...frame, recipients }, at.viewer, alarm, compared) });
  });
  app.post<AlarmRoute>(
    `${LIST}/:escalationId/acknowledge`,
    formOfPage('A person has seen an alarm; it is not told again', []),
    async (request, reply) => {
      const { asked } = await acting(parts, request);
      await asked.acknowledge(escalationIdOf(request));
      return redirect(reply, LIST);
    },
  );
  app.post<AlarmRoute>(
    `${LIST}/:escalationId/silence`,
    formOfPage('Silences a rung, with a reason', ['reason']),
    async (request, reply) => {
      const at = await acting(parts, request);
      const alarm = await alarmOf(at, request);
      if (alarm === undefined) return redirect(reply, LIST);
      if (alarm.deliveryId === null || !alarm.silenceable)
        throw new ZhidaError('ZD_ERR_CONFLICT', 'this alarm is of no rung', { at: 'rung' });
      await at.asked.silence(alarm.deliveryId, alarm.rung, formOf(request).get('reason') ?? '');
      return redirect(reply, LIST);
    },
  );
}

async function alarmOf({ asked }: AtDesk, request: FastifyRequest): Promise<DeskAlarm | undefined> {
  const escalationId = escalationIdOf(request);
  return (await asked.alarms()).alarms.find((alarm) => alarm.escalationId === escalationId);
}

function escalationIdOf({ params }: FastifyRequest): string {
  const { escalationId } = params as AlarmRoute['Params'];
  if (!isId('esc', escalationId)) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such alarm', { at: 'escalationId' });
  return escalationId;
}
