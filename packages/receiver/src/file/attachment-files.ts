import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** Contents of attachments beside the journal, one sealed file each; the journal says which of them count. */
export interface AttachmentFiles {
  write(attachmentId: string, sealed: Uint8Array): Promise<void>;
  read(attachmentId: string): Promise<Uint8Array>;
}

export function attachmentFiles(directory: string): AttachmentFiles {
  const folder = join(directory, 'attachments');
  return {
    async write(attachmentId, sealed) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const draft = join(folder, `.${attachmentId}.${process.pid}`);
      const file = await open(draft, 'w', 0o600);
      try {
        await file.writeFile(sealed);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, join(folder, attachmentId));
      // The name survives a power cut only when its directory is flushed too.
      const handle = await open(folder, 'r');
      await handle.sync();
      await handle.close();
    },
    read: async (attachmentId) => new Uint8Array(await readFile(join(folder, attachmentId))),
  };
}
