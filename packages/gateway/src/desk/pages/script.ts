/**
 * What keeps a page of the desk new, in the language of Chrome 69: every 15 s it asks for the page it is, and takes its living part
 * over. It says so when that has failed for 45 s. Without it a page loads itself anew every 30 s. Forms are never touched.
 */
export const deskScript = `(function () {
  'use strict';
  var EVERY_MS = 15000, HIDDEN_MS = 60000, LATE_MS = 45000, ANSWER_MS = 10000;
  var stale = document.getElementById('stale'), said = document.getElementById('said');
  if (!stale || !document.getElementById('live') || !window.fetch || !window.DOMParser) return;
  var freshAt = performance.now(), askedAt = performance.now(), asking = false;
  function tell() {
    var late = performance.now() - freshAt;
    stale.hidden = late < LATE_MS;
    if (!stale.hidden) {
      var text = stale.getAttribute('data-text').replace('{minutes}', String(Math.max(1, Math.floor(late / 60000))));
      if (stale.textContent !== text) stale.textContent = text;
    }
  }
  function take(markup) {
    var page = new DOMParser().parseFromString(markup, 'text/html');
    var fresh = page.getElementById('live'), live = document.getElementById('live');
    if (!fresh || !live) throw new Error('not a page of the desk');
    var focused = live.contains(document.activeElement) ? document.activeElement : null;
    var id = focused ? focused.id : '', address = focused ? focused.getAttribute('href') : null;
    fresh = document.importNode(fresh, true);
    live.parentNode.replaceChild(fresh, live);
    if (focused) {
      var again = id ? document.getElementById(id) : null;
      if (!again && address) again = fresh.querySelector('a[href="' + address + '"]');
      if (again) again.focus();
    }
    var below = document.getElementById('live-after'), newer = page.getElementById('live-after');
    if (below && newer) below.parentNode.replaceChild(document.importNode(newer, true), below);
    document.title = page.title;
    var count = document.getElementById('tab-count'), counted = page.getElementById('tab-count');
    if (count && counted) count.textContent = counted.textContent;
    var words = fresh.getAttribute('data-said') || '';
    if (said && said.textContent !== words) said.textContent = words;
  }
  function ask() {
    asking = true;
    askedAt = performance.now();
    var cut = window.AbortController ? new AbortController() : null;
    var timer = setTimeout(function () { if (cut) cut.abort(); }, ANSWER_MS);
    fetch(location.pathname, { credentials: 'same-origin', cache: 'no-store', redirect: 'manual', signal: cut ? cut.signal : undefined })
      .then(function (answer) {
        if (answer.type === 'opaqueredirect') { location.reload(); return undefined; }
        if (!answer.ok) throw new Error('refused');
        return answer.text().then(function (markup) { take(markup); freshAt = performance.now(); });
      })
      .catch(function () {})
      .then(function () { clearTimeout(timer); asking = false; tell(); });
  }
  setInterval(function () {
    tell();
    if (!asking && performance.now() - askedAt >= (document.hidden ? HIDDEN_MS : EVERY_MS)) ask();
  }, 1000);
  document.addEventListener('visibilitychange', function () { if (!document.hidden && !asking && performance.now() - askedAt > 2000) ask(); });
})();
`;
