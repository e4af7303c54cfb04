// SPDX-License-Identifier: MIT
// The style sheet of pages without a script: no fonts, no files, light and dark by the reader's
// preference.
#pragma once

namespace ingot::io {

inline constexpr const char* kPageStyle = R"css(
:root { color-scheme: light dark; --page: #f5f6f8; --card: #ffffff; --text: #18202b; --soft: #5b6675;
  --edge: #dde2e9; --train: #2563c9; --validation: #c65d07; --wrong: #c22f3d; --right: #1d7a4b; }
@media (prefers-color-scheme: dark) {
  :root { --page: #12151a; --card: #1a1f27; --text: #e5e9ef; --soft: #98a4b5; --edge: #2d3541;
    --train: #74a8ff; --validation: #f5a455; --wrong: #ff7d87; --right: #63c998; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 32px 24px 56px; }
h1 { font-size: 27px; line-height: 1.25; margin: 0; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 0 0 12px; }
.summary { color: var(--soft); margin: 4px 0 0; }
.card { background: var(--card); border: 1px solid var(--edge); border-radius: 11px;
  padding: 16px 18px; margin-top: 14px; min-width: 0; }
.columns { display: grid; gap: 14px; margin-top: 14px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)); }
.columns .card { margin-top: 0; }
.head { display: flex; flex-wrap: wrap; gap: 4px 18px; justify-content: space-between; }
.legend { color: var(--soft); font-size: 13px; }
svg.plot { display: block; width: 100%; max-width: 760px; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 6px 16px 6px 0;
  border-top: 1px solid var(--edge); }
tr:first-child th, tr:first-child td { border-top: 0; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(118px, 1fr)); gap: 12px; }
.sample { margin: 0; padding: 10px; border: 1px solid var(--edge); border-radius: 8px; font-size: 13px;
  line-height: 1.35; overflow-wrap: anywhere; }
.sample img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; margin-bottom: 8px;
  border-radius: 4px; background: #000; image-rendering: pixelated; }
.sample small { color: var(--soft); display: block; }
.sample b { font-weight: 600; color: var(--right); }
.sample.wrong { border-color: var(--wrong); box-shadow: 0 0 0 1px var(--wrong); }
.sample.wrong b { color: var(--wrong); }
@media print { body { background: none; } .card, .sample { break-inside: avoid; } }
)css";

}  // namespace ingot::io
