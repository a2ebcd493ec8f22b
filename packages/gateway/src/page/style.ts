export const pageStyle = `
:root { color-scheme: light; font-family: system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; line-height: 1.55; color: #1d2733; background: #f1f4f7; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; font-size: 15px; overflow-wrap: anywhere; }
.stripe { background: repeating-linear-gradient(45deg, #fff3c4, #fff3c4 12px, #ffe89a 12px, #ffe89a 24px); padding: 4px 16px; font-size: 13px; }
header { background: #fff; border-bottom: 1px solid #d5dbe1; padding: 12px 16px; display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 4px 16px; }
h1 { font-size: 18px; margin: 0; } h2 { font-size: 17px; margin: 14px 0 2px; } h3 { font-size: 13px; font-weight: 600; color: #51606e; margin: 12px 0 2px; } p { margin: 6px 0; }
main { max-width: 760px; margin: 0 auto; padding: 16px; display: grid; gap: 10px; grid-template-columns: minmax(0, 1fr); }
article { background: #fff; border: 1px solid #d5dbe1; border-radius: 10px; overflow: hidden; }
article > .panel { padding: 4px 16px 16px; border-top: 1px solid #e6eaee; }
.bar { width: 100%; min-height: 44px; display: flex; flex-wrap: wrap; gap: 2px 12px; justify-content: space-between; align-items: center; border: 0; border-radius: 0; background: #fff; text-align: left; padding: 8px 16px; color: #3c4854; }
.bar:hover { background: #f6f8fa; } article.done .bar { color: #6b7885; }
.quiet { color: #51606e; font-size: 13px; } .notice { background: #fff6e0; border: 1px solid #f0d48a; border-radius: 8px; padding: 8px 12px; font-size: 14px; }
.patient { font-weight: 600; font-size: 16px; margin-top: 10px; } .facts { word-break: keep-all; }
ul { margin: 2px 0 6px; padding-left: 20px; } li + li { margin-top: 2px; }
blockquote { margin: 6px 0; padding: 6px 10px; border-left: 3px solid #9fb3c8; background: #f6f8fa; font-size: 13px; }
summary { cursor: pointer; width: fit-content; padding: 2px 0; }
button, select, textarea { font: inherit; color: inherit; }
button { min-height: 42px; padding: 6px 16px; border-radius: 8px; border: 1px solid #b8c2cc; background: #fff; cursor: pointer; }
button:hover:not(:disabled) { background: #f1f4f7; } button:disabled { color: #8a96a3; cursor: default; }
button.primary { background: #0b5cad; border-color: #0b5cad; color: #fff; font-weight: 600; } button.primary:hover:not(:disabled) { background: #094b8d; } button.primary:disabled { background: #7ea6cd; border-color: #7ea6cd; color: #fff; }
:focus-visible { outline: 3px solid #f5a623; outline-offset: 2px; } .bar:focus-visible { outline-offset: -3px; }
label { display: block; margin-top: 12px; font-size: 14px; color: #3c4854; }
textarea, select { display: block; width: 100%; margin-top: 3px; padding: 8px 10px; min-height: 42px; border: 1px solid #b8c2cc; border-radius: 8px; background: #fff; resize: vertical; }
.three { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 0 12px; }
.acts { margin-top: 16px; display: flex; gap: 10px; flex-wrap: wrap; }
.advice { background: #eaf5ec; border-radius: 8px; padding: 8px 12px; font-size: 14px; margin-top: 14px; }
.headline { font-size: 19px; font-weight: 700; margin-top: 12px; } .script { font-size: 17px; background: #f6f8fa; border-radius: 8px; padding: 10px 12px; margin-top: 12px; }
.lines { list-style: none; padding: 0; margin: 12px 0 0; } .lines li { margin: 0; padding: 8px 0; border-top: 1px solid #e6eaee; display: flex; flex-wrap: wrap; justify-content: space-between; gap: 2px 12px; font-variant-numeric: tabular-nums; }
@media (max-width: 480px) { main { padding: 10px; } article > .panel { padding: 2px 12px 12px; } .acts button { flex: 1 1 100%; } }
`;
