export { describeInbox, type InboxSetup, type OpenInbox } from './testing/describe-inbox.js';
