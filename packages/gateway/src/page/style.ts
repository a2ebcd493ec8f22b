export const pageStyle = `
:root { color-scheme: light; font-family: system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; line-height: 1.5; color: #1d2733; background: #f3f5f7; }
* { box-sizing: border-box; }
body { margin: 0; }
.stripe { background: repeating-linear-gradient(45deg, #fff3c4, #fff3c4 12px, #ffe89a 12px, #ffe89a 24px); padding: 4px 16px; font-size: 13px; }
header { background: #fff; border-bottom: 1px solid #d5dbe1; padding: 12px 16px; display: flex; justify-content: space-between; align-items: baseline; gap: 12px; }
h1 { font-size: 18px; margin: 0; } h2 { font-size: 16px; margin: 0 0 4px; }
main { max-width: 720px; margin: 0 auto; padding: 16px; display: grid; gap: 12px; }
article { background: #fff; border: 1px solid #d5dbe1; border-radius: 8px; padding: 16px; }
.patient { font-weight: 600; } .quiet { color: #5b6875; font-size: 13px; }
ul { margin: 4px 0 8px; padding-left: 20px; } dl { margin: 8px 0; }
blockquote { margin: 4px 0; padding: 6px 10px; border-left: 3px solid #9fb3c8; background: #f6f8fa; font-size: 13px; }
button, select, textarea, input { font: inherit; }
button { min-height: 40px; padding: 6px 18px; border-radius: 6px; border: 1px solid #b8c2cc; background: #fff; cursor: pointer; }
button.primary { background: #0b5cad; border-color: #0b5cad; color: #fff; font-weight: 600; }
button:focus-visible, select:focus-visible, textarea:focus-visible { outline: 3px solid #f5a623; outline-offset: 2px; }
label { display: block; margin-top: 10px; font-size: 14px; color: #3c4854; } textarea, select { width: 100%; padding: 8px; border: 1px solid #b8c2cc; border-radius: 6px; }
.three { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 0 12px; } .acts { margin-top: 16px; display: flex; gap: 12px; flex-wrap: wrap; }
.advice { background: #eef6ee; border-radius: 6px; padding: 8px 12px; font-size: 14px; margin-top: 12px; }
.headline { font-size: 18px; font-weight: 700; } .lines { list-style: none; padding: 0; } .lines li { padding: 6px 0; border-top: 1px solid #e6eaee; display: flex; justify-content: space-between; gap: 12px; font-variant-numeric: tabular-nums; }
`;
