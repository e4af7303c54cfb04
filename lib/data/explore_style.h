// SPDX-License-Identifier: MIT
// What the page about data adds to io/page_style.h.
#pragma once

namespace ingot::data {

inline constexpr const char* kExploreStyle = R"css(
h3 { font-size: 14px; margin: 16px 0 6px; overflow-wrap: anywhere; }
p { margin: 0 0 8px; }
.soft { color: var(--soft); font-size: 13px; }
.figures { display: grid; gap: 12px; margin-top: 20px;
  grid-template-columns: repeat(auto-fit, minmax(148px, 1fr)); }
.figure { background: var(--card); border: 1px solid var(--edge); border-radius: 11px;
  padding: 12px 16px; }
.figure b { display: block; font-size: 23px; font-weight: 650; line-height: 1.25;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.figure span { color: var(--soft); font-size: 13px; }
table { font-size: 14px; }
th, td { text-align: right; padding: 5px 14px 5px 0; white-space: nowrap; }
th { color: var(--soft); font-weight: 500; }
th:first-child, td:first-child, .left { text-align: left; }
td.words { white-space: normal; text-align: left; min-width: 220px; }
.bar { display: block; height: 9px; border-radius: 3px; background: var(--train); min-width: 2px; }
.share { width: 34%; }
.findings { list-style: none; margin: 0; padding: 0; }
.findings li { display: grid; grid-template-columns: 78px minmax(0, 1fr); gap: 10px;
  padding: 8px 0; border-top: 1px solid var(--edge); }
.findings li:first-child { border-top: 0; }
.findings b { font-size: 13px; }
.problem { color: var(--wrong); } .warning { color: var(--validation); }
.note { color: var(--soft); } .good { color: var(--right); }
.names { overflow-wrap: anywhere; }
.stages { display: grid; grid-template-columns: 84px minmax(0, 1fr); gap: 3px 10px;
  align-items: center; }
.strip { display: grid; gap: 4px; grid-template-columns: repeat(var(--count), minmax(0, 1fr)); }
.strip img { display: block; width: 100%; aspect-ratio: var(--ratio); image-rendering: pixelated;
  border-radius: 4px; background: #000; }
@media (max-width: 700px) { main { padding: 16px 12px 40px; }
  .stages { grid-template-columns: minmax(0, 1fr); }
  .findings li { grid-template-columns: minmax(0, 1fr); gap: 0; } }
@media print { .figure { break-inside: avoid; } }
)css";

}  // namespace ingot::data
