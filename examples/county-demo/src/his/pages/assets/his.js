// The workstation's own script: it swaps the chart in place, as a HIS does, and tells the widget whose chart is open.
const work = document.querySelector('.work');
const chart = document.querySelector('#chart');
const queue = document.querySelector('#queue');
const search = document.querySelector('#search');
const widget = document.querySelector('zhida-prompt');
// A token is minted for the seat that signed in, whenever the widget wants one.
widget.tokenProvider = () => ask('/widget-token', { method: 'POST' });
let tab = document.querySelector('[data-tab][aria-selected=true]').dataset.tab;

async function ask(path, options) {
  const response = await fetch(path, options);
  if (response.status === 401) location.reload();
  if (!response.ok && response.status !== 404) throw new Error(`the HIS answered ${response.status}`);
  return response.text();
}

/** Puts a chart on the screen and says so: whoever reports must know for whom. */
function show(markup) {
  chart.innerHTML = markup;
  const form = chart.querySelector('form');
  for (const row of queue.querySelectorAll('.visit')) row.setAttribute('aria-current', String(row.dataset.visit === form?.dataset.visit));
  tellWidget();
}

function tellWidget() {
  const { patient = '', visitId = '' } = chart.querySelector('form')?.dataset ?? {};
  widget.setAttribute('patient-id', patient);
  widget.setAttribute('visit-id', visitId);
}

let turn = 0;
/** Shows what was asked for last: the answer to a slow save must not take the place of the patient called since. */
async function showLast(asked) {
  turn += 1;
  const mine = turn;
  const markup = await asked;
  if (mine === turn) show(markup);
}

async function open(visit) {
  work.dataset.view = 'chart';
  await showLast(ask(`/visits/${visit}`));
}

async function refreshQueue() {
  const selected = chart.querySelector('form')?.dataset.visit ?? '';
  queue.innerHTML = await ask(`/queue?tab=${tab}&selected=${selected}`);
  filter();
}

function filter() {
  for (const row of queue.children) row.hidden = !(row.dataset.search ?? '').includes(search.value.trim());
}

async function save(form) {
  await showLast(ask(`/visits/${form.dataset.visit}`, { method: 'POST', body: new URLSearchParams(new FormData(form)) }));
  await refreshQueue();
}

document.addEventListener('click', (event) => {
  const target = event.target.closest('.visit, [data-tab], [data-back], [data-results], [data-manual]');
  if (target === null) return;
  if (target.matches('.visit')) void open(target.dataset.visit);
  else if (target.matches('[data-back]')) work.dataset.view = 'queue';
  else if (target.matches('[data-manual]')) widget.openManual();
  else if (target.matches('[data-results]')) {
    const { visit } = chart.querySelector('form').dataset;
    void showLast(ask(`/visits/${visit}/results`, { method: 'POST' }));
  } else {
    tab = target.dataset.tab;
    for (const other of document.querySelectorAll('[data-tab]')) other.setAttribute('aria-selected', String(other === target));
    void refreshQueue();
  }
});
document.addEventListener('submit', (event) => {
  if (event.target.id !== 'chart-form') return;
  event.preventDefault();
  void save(event.target);
});
document.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key !== 's') return;
  event.preventDefault();
  chart.querySelector('form')?.requestSubmit();
});
search.addEventListener('input', filter);
tellWidget();
work.dataset.ready = 'true';
