import { RECIPIENT_KINDS, type RecipientKind, rowOf } from '@zhida/report';
import type { AttachmentSeal } from '@zhida/signing';

/** How a kind of recipient gets an attachment, as the view matrix says: openly, for a named officer with a reason, or not at all. */
export function sealFor(view: RecipientKind): AttachmentSeal | undefined {
  const cell = rowOf('attachments')?.cells[RECIPIENT_KINDS.indexOf(view)];
  if (cell === 'Y') return 'enc';
  return cell === 'R' ? 'restricted' : undefined;
}

/** Views that attachments go to at all. */
export const ATTACHMENT_VIEWS: readonly RecipientKind[] = RECIPIENT_KINDS.filter((kind) => sealFor(kind) !== undefined);
