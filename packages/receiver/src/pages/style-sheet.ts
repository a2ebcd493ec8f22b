/** The one style sheet of the pages, served as a file of its own: the pages allow no inline style. */
export const styleSheet = `
:root { color-scheme: light; --ink: #1d2733; --soft: #5b6775; --line: #d5dbe3; --paper: #f4f6f9; --card: #fff; --accent: #17568f; --red: #b3261e; --amber: #8a5300; --green: #1f6b3a; }
* { box-sizing: border-box; }
html { font: 16px/1.55 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", system-ui, sans-serif; color: var(--ink); background: var(--paper); -webkit-text-size-adjust: 100%; }
body { margin: 0; }
h1 { font-size: 1.35rem; margin: 0 0 .5rem; }
h2 { font-size: 1.05rem; margin: 0 0 .5rem; }
a { color: var(--accent); }
.num { font-variant-numeric: tabular-nums; }
.note { color: var(--soft); font-size: .85rem; margin: .5rem 0; }
.stripe { margin: 0; padding: .35rem 1rem; text-align: center; font-weight: 700; color: #3b2a00; background: repeating-linear-gradient(135deg, #ffd75e 0 14px, #ffc933 14px 28px); }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .35rem 1rem; padding: .6rem 1rem; background: var(--card); border-bottom: 1px solid var(--line); }
.bar .home { font-weight: 700; text-decoration: none; color: var(--ink); }
.spacer { flex: 1; }
.officer { color: var(--soft); }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
form.inline { display: inline; }
button { font: inherit; padding: .45rem 1rem; border: 1px solid var(--accent); border-radius: .4rem; background: #fff; color: var(--accent); cursor: pointer; }
button.primary { background: var(--accent); color: #fff; font-weight: 700; padding: .55rem 1.8rem; }
button.quiet { border-color: var(--line); color: var(--ink); padding: .25rem .7rem; font-size: .9rem; }
button:focus-visible, a:focus-visible, input:focus-visible, select:focus-visible, summary:focus-visible { outline: 3px solid #7fb2e5; outline-offset: 1px; }
input, select { font: inherit; padding: .4rem .6rem; border: 1px solid #98a4b3; border-radius: .4rem; background: #fff; color: var(--ink); width: 100%; }
input[type=checkbox] { width: auto; }
label span { display: block; font-size: .85rem; color: var(--soft); }
fieldset { border: 1px solid var(--line); border-radius: .4rem; margin: 0; padding: .4rem .8rem; }
legend { font-size: .85rem; color: var(--soft); }
label.check { display: inline-block; margin-right: 1rem; }
.card { display: block; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1.1rem; margin: .8rem 0; }
.sign-in { max-width: 24rem; margin: 3rem auto; }
.stack-form { display: grid; gap: .8rem; max-width: 30rem; }
.line-form { display: flex; flex-wrap: wrap; align-items: flex-end; gap: .6rem; margin: .4rem 0; }
.line-form label { flex: 1 1 14rem; max-width: 26rem; }
.alarm { padding: .5rem .8rem; border-left: 4px solid var(--red); background: #fdeceb; color: #6d120c; font-weight: 700; border-radius: .2rem; }
.empty { color: var(--soft); background: var(--card); border: 1px dashed var(--line); border-radius: .6rem; padding: 1.2rem; text-align: center; }
.count { display: inline-block; min-width: 1.6em; padding: 0 .4em; text-align: center; border-radius: 1em; background: var(--accent); color: #fff; font-size: .9rem; font-variant-numeric: tabular-nums; }
.rows { list-style: none; margin: 0 0 1.2rem; padding: 0; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
.row + .row { border-top: 1px solid var(--line); }
.row > a { display: grid; grid-template-columns: 6.4rem 4.6rem minmax(8rem, 1.3fr) 6rem 5rem minmax(12rem, 1.8fr) 8rem; gap: .2rem .8rem; align-items: baseline; padding: .65rem 1rem; color: inherit; text-decoration: none; border-left: 5px solid transparent; }
.row.urgent > a { border-left-color: var(--red); }
.row.routine > a { border-left-color: var(--accent); }
.row.done > a { color: var(--soft); }
.row > a:hover { background: #eef4fa; }
.row .age { font-weight: 700; white-space: nowrap; }
.row .child, .row .where { white-space: nowrap; }
.row .state { justify-self: end; text-align: right; font-variant-numeric: tabular-nums; }
.row .with .danger { white-space: nowrap; }
.row .number { grid-column: 1 / -1; font-size: .82rem; color: var(--soft); }
.tags { display: inline-flex; flex-wrap: wrap; gap: .3rem; }
.tag { font-size: .82rem; font-weight: 700; padding: 0 .45rem; border-radius: .25rem; border: 1px solid currentColor; color: var(--soft); white-space: nowrap; }
.tag.urgent { background: var(--red); border-color: var(--red); color: #fff; }
.row.done .tag.urgent { background: none; color: var(--soft); border-color: currentColor; }
.tag.error-notice, .tag.conflict { color: var(--red); }
.tag.mode { background: #ffd75e; border-color: #c99a00; color: #3b2a00; }
.danger { color: var(--red); font-weight: 700; }
.deadline { color: var(--amber); font-weight: 700; }
.back { margin: 0 0 .4rem; }
.report { display: grid; grid-template-columns: minmax(0, 1fr) 19rem; gap: 0 1.2rem; align-items: start; }
.report > * { grid-column: 1; }
.report > .card { margin: .45rem 0; }
.report > .report-head, .report > .alarm { grid-column: 1 / -1; }
.report > .acts { grid-column: 2; grid-row: 2 / span 24; position: sticky; top: 1rem; margin-top: .45rem; }
.report > .alarm ~ .acts { grid-row: 3 / span 24; }
.report > .alarm ~ .alarm ~ .acts { grid-row: 4 / span 24; }
.report-head h1 { font-size: 1.45rem; overflow-wrap: anywhere; margin: 0; }
.report-head .tag { vertical-align: .15em; }
.lead { margin: .2rem 0; color: var(--soft); }
.lead .num { color: var(--ink); font-weight: 700; letter-spacing: .02em; }
.headline { font-size: 1.1rem; font-weight: 700; color: var(--amber); margin: .2rem 0 .6rem; }
.headline[data-stage=accepted], .headline[data-stage=stopped-using] { color: var(--green); }
.acts { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1.1rem; }
.acts .primary { width: 100%; font-size: 1.1rem; }
.acts > * + * { border-top: 1px solid #edf0f4; margin-top: .7rem; padding-top: .7rem; }
.acts .stack-form { gap: .6rem; }
.call { margin: 0; display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
.phone { font-weight: 700; white-space: nowrap; }
#contact .phone { font-size: 1.2rem; }
.acts:empty { display: none; }
#contact { border: 2px solid var(--accent); }
.forbidden { color: var(--red); font-size: 1.1rem; font-variant-numeric: tabular-nums; }
dl { margin: 0; }
dl > div { display: grid; grid-template-columns: 7.5rem 1fr; gap: .1rem 1rem; padding: .2rem 0; }
dl > div + div { border-top: 1px solid #edf0f4; }
dt { color: var(--soft); }
dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; grid-column: 2; }
dl > div > dd:first-child { grid-column: 1 / -1; }
.lines, .history, .evidence { margin: 0; padding: 0; list-style: none; white-space: normal; }
.evidence li { display: flex; flex-wrap: wrap; gap: .1rem .9rem; padding: .2rem 0; }
.history li { padding: .1rem 0; }
.chips { display: inline-flex; flex-wrap: wrap; gap: .35rem; white-space: normal; }
.chip { padding: 0 .55rem; border: 1px solid var(--line); border-radius: 1em; background: #eef4fa; }
#attachments form { align-items: center; }
#attachments form > span { flex: 1 1 14rem; }
#restricted input, #attachments input { flex: 1 1 14rem; width: auto; }
#restricted button { flex: 0 1 19rem; }
summary { cursor: pointer; font-weight: 700; padding: .25rem 0; }
table.fields { border-collapse: collapse; width: 100%; font-size: .88rem; }
.fields th { text-align: left; font-weight: 400; color: var(--soft); padding: .2rem .8rem .2rem 0; vertical-align: top; overflow-wrap: anywhere; width: 40%; }
.fields td { padding: .2rem 0; overflow-wrap: anywhere; white-space: pre-wrap; font-variant-numeric: tabular-nums; }
.fields tr + tr > * { border-top: 1px solid #edf0f4; }
.digest { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
@media (min-width: 60rem) {
  #where dl, #who dl, #clinical dl { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2rem; }
  #where dl > div, #who dl > div, #clinical dl > div { border-top: 0; border-bottom: 1px solid #edf0f4; grid-template-columns: 5.5rem 1fr; align-content: start; }
}
@media (max-width: 60rem) {
  .report { grid-template-columns: minmax(0, 1fr); }
  .report > .acts, .report > .alarm ~ .acts { grid-column: 1; grid-row: auto; position: static; margin: .45rem 0; }
}
@media (max-width: 46rem) {
  main { padding: .7rem; }
  .report-head h1 { font-size: 1.2rem; }
  .row > a { grid-template-columns: 1fr auto; padding: .65rem .8rem; gap: .1rem .8rem; }
  .row .facility, .row .with { grid-column: 1 / -1; }
  .row .age, .row .where, .row .state { justify-self: end; }
  .row .state { grid-column: 2; grid-row: 5; }
  .row .number { grid-column: 1; grid-row: 5; align-self: baseline; }
  .row .child, .row .where { grid-row: 3; }
  .row .with { grid-row: 4; }
  .card { padding: .8rem; }
  dl > div { grid-template-columns: 5.2rem 1fr; gap: .1rem .6rem; }
  .line-form button { flex: 1 1 100%; }
}
@media print { .bar, .acts, #restricted, #attachments { display: none; } body { background: #fff; } }
`;
