// SPDX-License-Identifier: MIT
// The style sheet of pages without a script: no fonts, no files, light and dark by the reader's
// preference.
#pragma once

namespace ingot::io {

inline constexpr const char* kReportStyle = R"css(
:root { color-scheme: light dark; --page: #f6f7f9; --card: #ffffff; --text: #1c2430; --soft: #5c6878;
  --edge: #dfe3e9; --train: #2463c9; --validation: #c2600a; --wrong: #c22f3d; --right: #1f7a4d; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171c; --card: #1d2229; --text: #e4e8ee; --soft: #97a3b4; --edge: #313944;
    --train: #74a8ff; --validation: #f2a65a; --wrong: #ff7d87; --right: #64c896; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 36px 24px 48px; }
h1 { font-size: 27px; line-height: 1.25; margin: 0; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 0 0 12px; }
.summary { color: var(--soft); margin: 4px 0 0; }
.figures { display: flex; flex-wrap: wrap; gap: 14px; margin: 24px 0 0; }
.figure, .card { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; }
.figure { padding: 12px 18px; flex: 1 1 150px; }
.figure b { display: block; font-size: 25px; font-weight: 650; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.figure span { color: var(--soft); font-size: 13px; }
.figure.main b { color: var(--train); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr));
  gap: 14px; }
.card { padding: 18px 20px; margin-top: 14px; min-width: 0; }
.columns .card { margin-top: 0; }
.columns { margin-top: 14px; }
.head { display: flex; flex-wrap: wrap; gap: 4px 18px; justify-content: space-between; }
.legend { color: var(--soft); font-size: 13px; display: flex; gap: 14px; }
.legend i { display: inline-block; width: 16px; height: 3px; border-radius: 2px; margin-right: 6px;
  vertical-align: middle; background: currentColor; }
.train { color: var(--train); } .validation { color: var(--validation); }
.chart { display: block; width: 100%; height: auto; }
.line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round;
  stroke-linecap: round; }
.line.faint { stroke-width: 1; opacity: 0.28; }
.dot { fill: currentColor; stroke: var(--card); stroke-width: 1.5; }
.grid { stroke: var(--edge); stroke-width: 1; }
.tick { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.end { text-anchor: end; } .middle { text-anchor: middle; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 6px 16px 6px 0;
  border-top: 1px solid var(--edge); }
tr:first-child th, tr:first-child td { border-top: 0; }
.facts th { color: var(--soft); font-weight: 500; white-space: nowrap; width: 1%; }
.facts td { white-space: pre-wrap; overflow-wrap: anywhere; }
.epochs { font-variant-numeric: tabular-nums; }
.epochs th { color: var(--soft); font-weight: 500; }
summary { cursor: pointer; font-weight: 600; }
details table { margin-top: 10px; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(118px, 1fr)); gap: 12px; }
.sample { margin: 0; padding: 10px; border: 1px solid var(--edge); border-radius: 8px; font-size: 13px;
  line-height: 1.35; overflow-wrap: anywhere; }
.sample img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; margin-bottom: 8px;
  border-radius: 4px; background: #000; image-rendering: pixelated; }
.sample small { color: var(--soft); display: block; }
.sample b { font-weight: 600; color: var(--right); }
.sample.wrong { border-color: var(--wrong); box-shadow: 0 0 0 1px var(--wrong); }
.sample.wrong b { color: var(--wrong); }
@media print { body { background: none; } .card, .figure, .sample { break-inside: avoid; } }
)css";

}  // namespace ingot::io
