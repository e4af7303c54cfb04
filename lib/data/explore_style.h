// SPDX-License-Identifier: MIT
// The style sheet of the page about data: no fonts, no files, light and dark by the reader's
// preference.
#pragma once

namespace ingot::data {

inline constexpr const char* kExploreStyle = R"css(
:root { color-scheme: light dark; --page: #f5f6f8; --card: #ffffff; --text: #18202b;
  --soft: #5b6675; --edge: #dde2e9; --bar: #2563c9; --problem: #c22f3d; --warning: #b45309;
  --note: #5b6675; --good: #1d7a4b; }
@media (prefers-color-scheme: dark) {
  :root { --page: #12151a; --card: #1a1f27; --text: #e5e9ef; --soft: #98a4b5; --edge: #2d3541;
    --bar: #74a8ff; --problem: #ff7d87; --warning: #f5a455; --note: #98a4b5; --good: #63c998; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 32px 24px 56px; }
h1 { font-size: 27px; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 0 0 10px; }
h3 { font-size: 14px; margin: 16px 0 6px; overflow-wrap: anywhere; }
p { margin: 0 0 8px; }
.soft { color: var(--soft); font-size: 13px; }
.figures { display: grid; gap: 12px; margin-top: 20px;
  grid-template-columns: repeat(auto-fit, minmax(148px, 1fr)); }
.figure, .card { background: var(--card); border: 1px solid var(--edge); border-radius: 11px; }
.figure { padding: 12px 16px; }
.figure b { display: block; font-size: 23px; font-weight: 650; line-height: 1.25;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.figure span { color: var(--soft); font-size: 13px; }
.card { padding: 16px 18px; margin-top: 14px; min-width: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: right; vertical-align: top; padding: 5px 14px 5px 0; white-space: nowrap;
  border-top: 1px solid var(--edge); }
tr:first-child > * { border-top: 0; }
th { color: var(--soft); font-weight: 500; }
th:first-child, td:first-child, .left { text-align: left; }
td.words { white-space: normal; text-align: left; min-width: 220px; }
.bar { display: block; height: 9px; border-radius: 3px; background: var(--bar); min-width: 2px; }
.share { width: 34%; }
.findings { list-style: none; margin: 0; padding: 0; }
.findings li { display: grid; grid-template-columns: 78px minmax(0, 1fr); gap: 10px;
  padding: 8px 0; border-top: 1px solid var(--edge); }
.findings li:first-child { border-top: 0; }
.findings b { font-size: 13px; }
.problem { color: var(--problem); } .warning { color: var(--warning); } .note { color: var(--note); }
.good { color: var(--good); }
.names { overflow-wrap: anywhere; }
.stages { display: grid; grid-template-columns: 84px minmax(0, 1fr); gap: 3px 10px;
  align-items: center; }
.strip { display: grid; gap: 4px; grid-template-columns: repeat(var(--count), minmax(0, 1fr)); }
.strip img { display: block; width: 100%; aspect-ratio: var(--ratio); image-rendering: pixelated;
  border-radius: 4px; background: #000; }
@media (max-width: 700px) { main { padding: 16px 12px 40px; }
  .stages { grid-template-columns: minmax(0, 1fr); }
  .findings li { grid-template-columns: minmax(0, 1fr); gap: 0; } }
@media print { body { background: none; } .card, .figure { break-inside: avoid; } }
)css";

}  // namespace ingot::data
