import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import { type OpenedVisit, openVisits } from '../encounters/store.js';
import type { LocaleName } from '../locales/locale.js';
import { textsOf } from '../locales/texts-of.js';
import { prefillManual } from './prefill.js';
import { manualTicket, type Presser } from './ticket.js';
import { encounterView, patientView, phoneOf, type PromptView, recipientsOf } from './view.js';

/** A ticket names the visit it was made in; this one was made in none. */
const NO_VISIT = 'none';

/** What a report needs that a person begins: the same as a prompt, but for the reasons. */
export type ManualCase = Pick<
  PromptView,
  | 'mode'
  | 'pressId'
  | 'ticket'
  | 'prefill'
  | 'recipients'
  | 'dutyContact'
  | 'securityContact'
  | 'operator'
  | 'phone'
  | 'patient'
  | 'encounter'
>;

/** Who begins it, and how that is known: the HIS's sign-in, or a staff number typed on a page of the intranet. */
export interface ManualAsker {
  readonly presser: Presser;
  readonly basis: 'login' | 'typed';
  /** The visit of the open chart; only a signed-in person is told of one. */
  readonly encounterId: string;
}

/** Opens a report for a person. That a chart was read for it is in the audit log. */
export async function openManual(
  context: GatewayContext,
  { presser, basis, encounterId }: ManualAsker,
  locale: LocaleName,
): Promise<ManualCase> {
  const visit = basis === 'login' && encounterId !== '' ? await visitOf(context, encounterId) : undefined;
  const prefill = prefillManual(context, visit?.snapshot, basis);
  const press = await manualTicket(context, presser, { encounterId: visit?.snapshot.id ?? NO_VISIT, mode: prefill.mode });
  await context.database.db.transaction().execute((trx) =>
    recordAudit(trx, context, {
      actor: 'clinician',
      action: 'manual.opened',
      subject: { pressId: press.pressId, basis, ...(visit === undefined ? {} : { encounterKey: visit.encounterKey }) },
      detail: { account: presser.account },
    }),
  );
  const unknown = { id: '', maskedName: textsOf(locale).notKnown, sex: 'unknown', ageText: textsOf(locale).ageUnknown } as const;
  return {
    ...press,
    mode: prefill.mode,
    prefill,
    recipients: recipientsOf(context, locale),
    dutyContact: context.facility.dutyContact,
    securityContact: context.facility.securityContact ?? null,
    operator: { name: presser.name || presser.staffId, role: presser.role },
    phone: phoneOf(context, prefill, locale),
    patient: visit === undefined ? unknown : patientView(visit, prefill.mode, locale),
    encounter: visit === undefined ? { id: '', revision: 0, visitNumber: '', location: '' } : encounterView(visit),
  };
}

async function visitOf(context: GatewayContext, encounterId: string): Promise<OpenedVisit | undefined> {
  const key = context.rowKeys.encounter(encounterId);
  return (await openVisits(context.database.db, context, [key])).get(key);
}
