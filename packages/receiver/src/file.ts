export { type FileInboxOptions, openFileInbox } from './file/inbox.js';
