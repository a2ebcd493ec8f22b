import { createHash } from 'node:crypto';

/** The page's only style: no font, picture or script from anywhere. */
export const PAGE_STYLE = `
:root{--ink:#1b1f24;--quiet:#5c6670;--line:#d8dde2;--paper:#fff;--ground:#f3f5f7;--red:#b3261e;--orange:#b35309;--yellow:#7a6200;--none:#5c6670;
--red-wash:#fbe3e1;--orange-wash:#fdeccf;--yellow-wash:#fbf3c4}
*{box-sizing:border-box}
html{color-scheme:light;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.7 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif}
main{max-width:64rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.5rem;line-height:1.3;margin:0 0 .25rem}
h2{font-size:1.125rem;line-height:1.4;margin:0}
h3{font-size:.8125rem;font-weight:600;color:var(--quiet);margin:1.25rem 0 .5rem;letter-spacing:.04em}
h4{font-size:1rem;line-height:1.5;margin:0}
p{margin:0}
a{color:inherit}
.notice{color:var(--quiet);font-size:.9375rem;max-width:46rem}
.sum{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:1rem 0 1.5rem;padding:0;list-style:none;font-variant-numeric:tabular-nums}
.sum b{font-size:1.125rem}
article{background:var(--paper);border:1px solid var(--line);border-left:6px solid var(--level);border-radius:6px;padding:1rem 1.25rem 1.25rem;margin:0 0 1.25rem}
article.red,.reason.red,li.red{--level:var(--red);--wash:var(--red-wash)}
article.orange,.reason.orange,li.orange{--level:var(--orange);--wash:var(--orange-wash)}
article.yellow,.reason.yellow,li.yellow{--level:var(--yellow);--wash:var(--yellow-wash)}
article.none,.reason.none,li.none{--level:var(--none);--wash:#eceff2}
li .swatch{display:inline-block;width:.75em;height:.75em;border-radius:50%;background:var(--level);margin-right:.35em}
header.visit{display:flex;flex-wrap:wrap;align-items:baseline;gap:.1rem .9rem}
.level{color:var(--level);font-weight:700}
.quiet{color:var(--quiet);font-size:.9375rem}
dl{display:grid;grid-template-columns:minmax(4.5rem,max-content) 1fr;gap:.35rem 1rem;margin:0}
dt{color:var(--quiet);font-size:.9375rem}
dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
mark{color:inherit;background:var(--wash);border-bottom:2px solid var(--level);padding:.05em .1em;font-weight:600;print-color-adjust:exact;-webkit-print-color-adjust:exact}
mark.red{--level:var(--red);--wash:var(--red-wash)}mark.orange{--level:var(--orange);--wash:var(--orange-wash)}
mark.yellow{--level:var(--yellow);--wash:var(--yellow-wash)}mark.none{--level:var(--none);--wash:#eceff2}
.ref{text-decoration:none;font-weight:700;color:var(--level);padding:0 .1em}
.reason{border-top:1px solid var(--line);padding:.75rem 0}
.reason:first-of-type{border-top:0;padding-top:0}
.reason:target{outline:2px solid var(--level);outline-offset:4px;border-radius:4px}
.reason header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.1rem .75rem;margin-bottom:.35rem}
.number{color:var(--level);font-weight:700;font-size:1.125rem}
.sentences p+p{margin-top:.6rem}
.law{display:block;color:var(--quiet);font-size:.9375rem}
.trace{list-style:none;margin:0;padding:0}
.trace li{text-indent:-1.4em;padding-left:1.4em}.trace .d1{padding-left:2.8em}.trace .d2{padding-left:4.2em}.trace .d3{padding-left:5.6em}.trace .d4{padding-left:7.0em}.trace .d5{padding-left:8.4em}.trace .d6{padding-left:9.8em}
.remarks{margin:.75rem 0 0;padding:.6rem .8rem;background:var(--ground);border-radius:4px;font-size:.9375rem;color:var(--quiet)}
footer{color:var(--quiet);font-size:.875rem;overflow-wrap:anywhere}
@media (max-width:40rem){main{padding:1rem .75rem 2rem}article{padding:.85rem .9rem 1rem}dl{grid-template-columns:1fr;gap:0}dt{margin-top:.5rem}dt:first-of-type{margin-top:0}dl.facts dt{font-weight:600}}
@media print{body{background:#fff;font-size:10.5pt}main{max-width:none;padding:0}article{border-radius:0}.reason,header.visit,dl{break-inside:avoid}h3{break-after:avoid}.reason:target{outline:0}@page{margin:16mm}}
`.trim();

/** What a page of this style may load: the style and nothing else. */
export function policyOf(style: string): string {
  return `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;
}

export const PAGE_POLICY: string = policyOf(PAGE_STYLE);
