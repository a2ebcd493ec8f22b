/** The desk's style sheet, in the colours of the agencies' inbox; served as a file of its own, because the pages allow no inline style. */
export const deskStyle = `
:root { color-scheme: light; --ink: #1d2733; --soft: #5b6775; --line: #d5dbe3; --paper: #f4f6f9; --card: #fff; --accent: #17568f; --red: #b3261e; --amber: #8a5300; --green: #1f6b3a; }
* { box-sizing: border-box; }
html { font: 16px/1.55 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", system-ui, sans-serif; color: var(--ink); background: var(--paper); -webkit-text-size-adjust: 100%; }
body { margin: 0; }
h1 { font-size: 1.35rem; margin: 0 0 .5rem; }
h2 { font-size: 1.05rem; margin: .6rem 0 .4rem; }
a { color: var(--accent); }
.num { font-variant-numeric: tabular-nums; }
.note { color: var(--soft); font-size: .85rem; margin: .5rem 0; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip: rect(0 0 0 0); }
.stripe { margin: 0; padding: .35rem 1rem; text-align: center; font-weight: 700; color: #3b2a00; background: repeating-linear-gradient(135deg, #ffd75e 0 14px, #ffc933 14px 28px); }
.bar { display: flex; flex-wrap: wrap; align-items: center; padding: .5rem .8rem; background: var(--card); border-bottom: 1px solid var(--line); }
.bar > * { margin: .1rem .4rem; }
.bar .home { font-weight: 700; text-decoration: none; color: var(--ink); }
.emergency b { font-size: 1.25rem; color: var(--red); }
.spacer { flex: 1; }
.officer { color: var(--soft); }
.tabs { display: flex; flex-wrap: wrap; padding: 0 .8rem; background: var(--card); border-bottom: 1px solid var(--line); }
.tabs a { padding: .5rem .7rem; text-decoration: none; border-bottom: 3px solid transparent; white-space: nowrap; }
.tabs a[aria-current] { border-bottom-color: var(--accent); font-weight: 700; color: var(--ink); }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
form.inline { display: inline; }
button, .button { display: inline-block; font: inherit; padding: .45rem 1rem; border: 1px solid var(--accent); border-radius: .4rem; background: #fff; color: var(--accent); cursor: pointer; text-decoration: none; }
button.primary, .row .button { background: var(--accent); color: #fff; font-weight: 700; }
button.quiet { border-color: var(--line); color: var(--ink); padding: .25rem .7rem; font-size: .9rem; }
button:focus, a:focus, input:focus, select:focus, textarea:focus, summary:focus { outline: 3px solid #7fb2e5; outline-offset: 1px; }
input, select, textarea { font: inherit; padding: .4rem .6rem; border: 1px solid #98a4b3; border-radius: .4rem; background: #fff; color: var(--ink); width: 100%; }
label span { display: block; font-size: .85rem; color: var(--soft); }
.card { display: block; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1.1rem; margin: .8rem 0; }
.sign-in { max-width: 24rem; margin: 3rem auto; }
.stack-form { display: grid; grid-gap: .7rem; }
.card.stack-form, .card .stack-form { max-width: 36rem; }
.sign-in.stack-form { max-width: 24rem; }
.buttons { margin: 0; } .buttons button { margin: 0 .5rem .4rem 0; padding: .6rem 1.3rem; }
.alarm { padding: .5rem .8rem; border-left: 4px solid var(--red); background: #fdeceb; color: #6d120c; font-weight: 700; border-radius: .2rem; }
.alarm[hidden] { display: none; }
.warning { padding: .5rem .8rem; border-left: 4px solid #c98a00; background: #fff6e0; border-radius: .2rem; font-weight: 700; }
.warning a { color: var(--amber); }
.empty { color: var(--soft); background: var(--card); border: 1px dashed var(--line); border-radius: .6rem; padding: 1.2rem; text-align: center; }
.count { display: inline-block; min-width: 1.6em; padding: 0 .4em; text-align: center; border-radius: 1em; background: var(--accent); color: #fff; font-size: .9rem; font-variant-numeric: tabular-nums; }
.rows { list-style: none; margin: 0 0 1.2rem; padding: 0; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.row { display: grid; grid-template-columns: 7rem minmax(6rem, 1fr) minmax(15rem, 1.5fr) minmax(8rem, 1.4fr) 9rem 6.5rem; grid-gap: .1rem .8rem; align-items: center; padding: .65rem 1rem; border-left: 5px solid var(--red); }
.row + .row { border-top: 1px solid var(--line); }
.row[data-next=wait], .row[data-next=urge] { border-left-color: #c98a00; }
/* An exercise stands among real reports. */
.drill { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; margin: .8rem 0 1.2rem; padding: 0 1.1rem .9rem; }
.drill .strip { margin: 0 -1.1rem .5rem; padding: .5rem 1.1rem; border-radius: .6rem .6rem 0 0; }
.drill h3 { font-size: 1rem; margin: 1rem 0 0; }
.drill table { margin: .3rem 0 0; table-layout: fixed; }
.drill .strip, .row[data-mode=exercise], tr[data-mode=exercise] { background: repeating-linear-gradient(135deg, #fff8e1 0 14px, #fff1c2 14px 28px); }
.waited { font-size: 1.15rem; white-space: nowrap; }
.row .next { font-weight: 700; }
.phone, .numbers b { font-size: 1.25rem; font-weight: 700; white-space: nowrap; }
.row .number { grid-column: 1 / -1; font-size: .82rem; color: var(--soft); }
.mark { display: inline-block; margin-right: .8rem; }
.mark span { margin: 0 .25rem; font-weight: 700; }
.mark[data-mark=held], .mark[data-mark=held] span { color: var(--red); font-weight: 700; }
.mark[data-mark=accepted], .mark[data-mark=attested] { color: var(--green); }
.tag { font-size: .82rem; font-weight: 700; padding: 0 .45rem; border-radius: .25rem; border: 1px solid currentColor; color: var(--soft); white-space: nowrap; }
.tag.mode { background: #ffd75e; border-color: #c99a00; color: #3b2a00; }
.danger { color: var(--red); }
.back { margin: 0 0 .4rem; }
.lead { margin: .2rem 0; color: var(--soft); }
.step { font-size: 1.1rem; font-weight: 700; color: var(--amber); margin: .3rem 0; }
.done { font-size: 1.1rem; font-weight: 700; color: var(--green); margin: .3rem 0; }
.call { border: 2px solid var(--accent); }
.numbers, .plain { list-style: none; margin: 0; padding: 0; }
.numbers li { display: flex; flex-wrap: wrap; justify-content: space-between; padding: .2rem 0; max-width: 36rem; }
.script { font-size: 1.15rem; margin: .2rem 0; padding: .6rem .8rem; background: #eef4fa; border-radius: .4rem; }
summary { cursor: pointer; font-weight: 700; padding: .25rem 0; }
dl { margin: 0; }
dl > div { display: grid; grid-template-columns: 7.5rem 1fr; grid-gap: .1rem 1rem; padding: .3rem 0; }
dl > div + div { border-top: 1px solid #edf0f4; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: break-word; word-break: break-word; }
dd .line { display: block; }
.plain.spaced li + li { margin-top: .5rem; }
.answer { font-weight: 700; } .answer[data-answer=abnormal] { color: var(--red); } .answer[data-answer=not-asked] { color: var(--soft); font-weight: 400; }
td .button { padding: .25rem .9rem; }
blockquote { margin: .2rem 0; padding: .5rem .8rem; border-left: 4px solid var(--line); background: #f7f9fb; white-space: pre-wrap; overflow-wrap: break-word; }
.forbidden { color: var(--red); font-size: 1.1rem; }
table { border-collapse: collapse; width: 100%; background: var(--card); border: 1px solid var(--line); }
th, td { text-align: left; padding: .5rem .8rem; vertical-align: top; }
th { color: var(--soft); font-weight: 400; font-size: .85rem; }
tr + tr td, tbody td { border-top: 1px solid #edf0f4; }
@media (max-width: 60rem) {
  .row { grid-template-columns: 1fr auto; padding: .65rem .8rem; }
  .row .marks, .row .next { grid-column: 1 / -1; }
  .row .department { justify-self: end; }
  .row .act { justify-self: end; }
}
@media (max-width: 46rem) {
  main { padding: .7rem; }
  .card { padding: .8rem; }
  .drill { padding: 0 .8rem .8rem; } .drill .strip { margin: 0 -.8rem .5rem; padding: .5rem .8rem; }
  .tabs { padding: 0 .2rem; } .tabs a { padding: .4rem .5rem; font-size: .95rem; }
  dl > div { grid-template-columns: 5.2rem 1fr; }
  thead { display: none; }
  tr { display: block; padding: .4rem 0; } tr + tr { border-top: 1px solid var(--line); }
  td { display: block; padding: .15rem .8rem; } tbody td, tr + tr td { border-top: 0; }
  td:empty { display: none; }
  td::before { content: attr(data-heading); color: var(--soft); font-size: .85rem; margin-right: .8em; }
  td[data-heading=""]::before { display: none; }
}
`;
