import { PAGE_STYLE, policyOf } from '../explanation/page-style.js';

/** What a back-test adds to the style of an explanation. */
export const BACKTEST_STYLE: string = `${PAGE_STYLE}
section{background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:1rem 1.25rem 1.25rem;margin:0 0 1.25rem}
section h2{margin-bottom:.35rem}
h1+p{font-size:1.125rem}
.promise{border-left:6px solid #1d5c8f;background:#e8f1f8;padding:.75rem 1rem;margin:1rem 0;border-radius:4px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.headline{font-size:1.25rem;line-height:1.6;font-weight:600;margin:0 0 .75rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.75rem;margin:.75rem 0}
.figures div{border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem}
.figures b{display:block;font-size:1.75rem;line-height:1.25;font-variant-numeric:tabular-nums}
.figures dt,.figures span{color:var(--quiet);font-size:.875rem;line-height:1.4}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9375rem;line-height:1.5}
th{font-weight:600;color:var(--quiet);text-align:left;font-size:.8125rem;border-bottom:2px solid var(--line);vertical-align:bottom}
th,td{padding:.35rem .6rem .35rem 0}
td{border-bottom:1px solid var(--line);vertical-align:top}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.bar{width:28%;min-width:5rem}
svg{display:block;width:100%;height:1.1em}
svg rect{fill:#1d5c8f}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr));gap:0 2.5rem}
.two>*{min-width:0}
.id{font-variant-numeric:tabular-nums;white-space:nowrap}
.rule{border-top:1px solid var(--line);padding:.75rem 0}
.rule p+p{margin-top:.35rem}
ol{margin:.25rem 0 0;padding-left:1.6em}
ol li{margin:.35rem 0}
.blank{min-width:8rem}
.signed{display:flex;flex-wrap:wrap;gap:.5rem 2.5rem;margin:.75rem 0}
.signed span{border-bottom:1px solid var(--ink);min-width:13rem;padding-right:6rem}
.tag{font-weight:700;white-space:nowrap}
.tag.red{color:var(--red)}.tag.orange{color:var(--orange)}
@media (max-width:40rem){section{padding:.85rem .9rem 1rem}.headline{font-size:1.125rem}.figures{grid-template-columns:1fr 1fr}td.bar,th.bar{display:none}.list .blank{display:none}}
@media print{.figures{grid-template-columns:repeat(4,1fr)}li .swatch,svg rect{print-color-adjust:exact;-webkit-print-color-adjust:exact}section{border:0;border-top:1px solid #888;border-radius:0;padding:.6rem 0}table{font-size:9.5pt}tr,.rule,.figures,.promise{break-inside:avoid}h2,h3{break-after:avoid}thead{display:table-header-group}.scroll{overflow:visible}.list td{height:2.4em}.two{grid-template-columns:1fr 1fr}}
`.trim();

export const BACKTEST_POLICY: string = policyOf(BACKTEST_STYLE);
