export const pageStyle = `
:root { color-scheme: light; font-family: system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; line-height: 1.55; color: #1d2733; background: #f1f4f7; }
body { margin: 0; font-size: 15px; overflow-wrap: anywhere; }
.stripe { background: repeating-linear-gradient(45deg, #fff3c4, #fff3c4 12px, #ffe89a 12px, #ffe89a 24px); padding: 4px 16px; font-size: 13px; }
header { background: #fff; border-bottom: 1px solid #d5dbe1; padding: 12px 16px; }
h1 { font-size: 18px; margin: 0; }
main { max-width: 760px; margin: 0 auto; padding: 16px; color: #51606e; }
.notice { background: #fff6e0; border: 1px solid #f0d48a; border-radius: 8px; padding: 8px 12px; color: #1d2733; }
`;
