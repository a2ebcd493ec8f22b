/** The bar tells nothing: same grey, same size, whatever the level. Old engines know no flex gap, so margins keep things apart. */
export const style = `
:host{position:fixed;right:16px;bottom:16px;z-index:2147483000;font-family:system-ui,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;font-size:15px;line-height:1.5;color:#1d2733;color-scheme:light;text-align:left;overflow-wrap:anywhere}
*{box-sizing:border-box}
.dock{display:flex;justify-content:flex-end}
.bar,.plus{height:36px;min-height:0;padding:0 12px;border:1px solid #b8c0c8;border-radius:6px;background:#e8ebee;color:#3c4854;font-size:14px}
.bar{width:280px;text-align:left}
.plus{min-width:36px;margin-left:6px}
.window{display:flex;flex-direction:column;width:480px;height:600px;max-width:calc(100vw - 16px);max-height:calc(100vh - 16px);background:#fff;border:1px solid #9aa5b1;border-radius:8px;box-shadow:0 8px 32px rgba(20,30,40,0.28);overflow:hidden}
header{display:flex;flex:none;align-items:center;justify-content:space-between;padding:4px 6px 4px 14px;border-bottom:1px solid #dde2e7;background:#f4f6f8}
header h1{margin:0;font-size:15px;font-weight:600}
.stripe{flex:none;padding:1px 14px;background:#fff0b8;font-size:12px}
.page{flex:1;min-height:0;overflow-y:auto;padding:10px 14px 14px}
h2{margin:0 0 6px;font-size:17px}
h2.small,h3,legend,.field{margin:8px 0 2px;padding:0;font-size:13px;font-weight:600;color:#51606e}
p{margin:4px 0}
.who{font-weight:600;word-break:keep-all}
.quiet{color:#51606e;font-size:13px;font-weight:400}
.notice{padding:6px 10px;border:1px solid #ecd28a;border-radius:6px;background:#fff7e2;font-size:14px}
.evidence,.lines,.calls{margin:0;padding:0;list-style:none}
.due p{margin:6px 0 0;font-size:16px;font-weight:600}
blockquote{margin:6px 0;padding:4px 10px;border-left:3px solid #9fb3c8;background:#f6f8fa;font-size:13px}
summary{width:fit-content;padding:2px 0;color:#0b4f94;font-size:14px;font-weight:400;cursor:pointer}
details.who>summary,details.inline>summary{color:inherit;font-size:inherit;font-weight:inherit;list-style:none}
details.inline{margin-top:2px;font-size:13px}
button,input,textarea{font:inherit;color:inherit}
button{min-height:40px;padding:4px 14px;border:1px solid #aab5c0;border-radius:6px;background:#fff;cursor:pointer}
button:hover{background:#eef2f5}
button.primary{border-color:#0b5cad;background:#0b5cad;color:#fff;font-weight:600}
button.primary:hover{background:#094b8d}
button.link,.link{min-height:0;padding:0 2px;border:0;background:none;color:#0b4f94;font-size:13px;font-weight:400;text-decoration:underline}
:focus,.chip input:focus + span{outline:3px solid #f0a020;outline-offset:1px}
.page:focus{outline:0}
.acts{display:flex;flex-wrap:wrap;margin:8px -4px 0;align-items:center}
.acts>*{margin:4px}
.foot{position:sticky;bottom:-14px;margin:10px -14px -14px;padding:6px 10px;border-top:1px solid #dde2e7;background:#fff}
[data-testid='s1-panel'] .acts>button,[data-testid='s5-known'] .acts>button{flex:1 1 100%}
fieldset{margin:0;padding:0;border:0;min-width:0}
.chips{display:flex;flex-wrap:wrap;margin:0 -3px}
.chip{position:relative;margin:3px}
.chip input{position:absolute;opacity:0}
.chip span{display:inline-block;padding:5px 12px;border:1px solid #aab5c0;border-radius:16px;font-size:14px;cursor:pointer}
.chip input:checked + span{border-color:#0b5cad;background:#e3eefa;font-weight:600}
.field{display:block}
.field input,.field textarea{display:block;width:100%;min-height:36px;padding:5px 8px;border:1px solid #aab5c0;border-radius:6px;background:#fff;font-size:15px;font-weight:400;color:#1d2733;resize:vertical}
.three{display:flex;flex-wrap:wrap;margin:0 -6px}
.three>*{flex:1 1 130px;margin:0 6px}
.three .chip span{padding:4px 8px;font-size:13px}
.advice{margin:8px 0 0;padding:6px 10px;border-radius:6px;background:#eaf5ec;font-size:14px}
.headline{font-size:19px}
.headline.urgent{position:sticky;top:-10px;z-index:1;padding:8px 12px;border-radius:6px;background:#b3261e;color:#fff}
.lines li{display:flex;flex-wrap:wrap;justify-content:space-between;padding:4px 0;border-top:1px solid #e6eaee}
.number,.dial strong{font-size:19px;font-weight:700;font-variant-numeric:tabular-nums}
.card,.phone{margin-top:12px;padding:8px 12px;border:1px solid #dde2e7;border-radius:8px}
.phone{border:2px solid #0b5cad}
.dial{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between}
.script{font-size:18px;line-height:1.6}
.card h3{margin-top:0}
.tick{display:flex;align-items:baseline;padding:3px 0}
.tick span{margin-left:8px}
.tick .quiet{margin-left:auto}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0 0 0 0);white-space:nowrap}
@media (max-width:520px){.number{font-size:16px}:host{right:8px;bottom:8px;left:8px}.window{width:100%;max-width:none}.bar{flex:0 1 280px}}
`;
