import type { FollowTexts } from './texts.js';

export const followEn: FollowTexts = {
  title: 'Correct it, or get help',
  codes: {
    add: 'Add something',
    moved: 'The child has moved',
    'wrong-patient': 'Sent for the wrong patient',
    'wrong-content': 'Something in it is wrong',
    help: 'I need help',
  },
  listed: '{label} {time}',
  corrected: 'What it rested on was corrected ({time}): if the report says something wrong, press “Something in it is wrong”.',
  reportedFor: 'Reported: {name}',
  otherPatient:
    'This visit belongs to another patient’s record now, of whom the report that was sent does not speak. If it is about the wrong one, press “Sent for the wrong patient” and report the right child.',
  stays: 'A report that was sent does not disappear; each one sent here is a new report of the same case, and every recipient gets it.',
  addInto: 'Add to that report',
  addIntoWhy:
    'Your words go out as an addition to that report; every recipient reads them in the same case, and you can keep a record of your own.',
  addText: 'What is to be added',
  danger: 'In danger now',
  where: 'Where now',
  whereabouts: { left: 'has left', transferred: 'being transferred', 'in-facility': 'still here', deceased: 'has died' },
  withWhom: 'With whom (optional)',
  destination: 'Where to (optional)',
  since: 'At what time (optional, such as 21:40)',
  wrongText: 'What is wrong, and what is right',
  wrongPatient:
    'Every recipient reads “This report is about the wrong person: stop using it at once and sign for that”, and signs. The report stays on record.',
  rightPatient: 'Afterwards, please make a report of its own for the right child.',
  send: 'Send',
  confirm: 'Confirm',
  sendElsewhere: 'Send for {name} all the same',
  confirmElsewhere: 'Confirm for the report about {name}',
  callToo: 'Please telephone the police as well and give number {number}.',
  noticeSubmitted: 'Submitted, number {number}; waiting until each has stopped using it',
  noticeStopped: 'All of them have stopped using it',
  lines: { stopped: 'stopped using it {time}', stored: 'received {time}, not stopped yet' },
  again: 'It was not taken and is not sent: please fill it in again.',
  earlier: 'This one was sent before; its first words stand.',
  helpCall: 'Call 110',
  security: 'Security office',
};
