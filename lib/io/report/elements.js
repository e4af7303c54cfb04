// SPDX-License-Identifier: MIT
// Elements, numbers, and what the reader has chosen. All text goes in as text, never as markup.
"use strict";

const make = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false)
      element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) if (child) element.append(child);
  return element;
};

const known = value => typeof value === "number" && isFinite(value);
const isShare = name => /accuracy/.test(name);
const percent = value => known(value) ? (100 * value).toFixed(2) + " %" : "–";
const plain = value => {
  if (!known(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(3);
  return value.toFixed(size >= 1000 ? 1 : 4);
};
const measured = (name, value) => isShare(name) ? percent(value) : plain(value);
const grouped = value => Math.round(value).toLocaleString("en-US");
const duration = seconds => {
  if (!known(seconds)) return "–";
  if (seconds < 60) return seconds.toFixed(1) + " s";
  const whole = Math.round(seconds), two = number => String(number).padStart(2, "0");
  if (whole < 3600) return Math.floor(whole / 60) + " min " + two(whole % 60) + " s";
  return Math.floor(whole / 3600) + " h " + two(Math.floor(whole / 60) % 60) + " min";
};
const spoken = name => name.replaceAll("_", " ");

// A cell that also carries the number as it was measured, for whoever reads the page by program.
const cell = (name, value, best) => make("td", {
  text: measured(name, value), "data-name": name, "data-value": known(value) ? String(value) : null,
  class: best ? "best" : null });

const card = (id, title, ...children) =>
  make("section", {class: "card", id}, make("div", {class: "head"}, make("h2", {text: title})),
       ...children);
const addTools = (section, ...tools) =>
  section.firstChild.append(make("div", {class: "tools"}, ...tools));

const table = (pairs, type) => make("table", {class: type || "facts wide"}, make("tbody", {},
  pairs.map(([name, value]) =>
    make("tr", {}, make("th", {scope: "row", text: name}), make("td", {text: value})))));

// What the reader has chosen outlives a reload. Without storage it does not, and all else works.
const chosen = {
  get(name, otherwise) {
    try { return JSON.parse(sessionStorage.getItem("ingot." + name)) ?? otherwise; }
    catch { return otherwise; }
  },
  set(name, value) {
    try { sessionStorage.setItem("ingot." + name, JSON.stringify(value)); } catch { /* no storage */ }
  }
};

const colour = name =>
  getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const redraws = [];  // what must be drawn again when the theme or the width changes
const redraw = () => redraws.forEach(draw => draw());

const dark = matchMedia("(prefers-color-scheme: dark)");
const themes = ["auto", "light", "dark"];
const setTheme = theme => {
  chosen.set("theme", theme);
  const actual = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
  document.documentElement.dataset.theme = actual;
  redraw();
};
dark.addEventListener("change", () => setTheme(chosen.get("theme", "auto")));
const themeButton = () => {
  const label = () => ({auto: "◐ auto", light: "☀ light", dark: "☾ dark"})[chosen.get("theme", "auto")];
  const button = make("button", {title: "Colours: as the system, light, dark", text: label(),
    onclick: () => {
      setTheme(themes[(themes.indexOf(chosen.get("theme", "auto")) + 1) % themes.length]);
      button.textContent = label();
    }});
  return button;
};

const slider = (name, title, otherwise, change) => {
  const input = make("input", {type: "range", min: 0, max: 100, "aria-label": title,
    oninput: () => { chosen.set(name, Number(input.value)); change(); }});
  input.value = chosen.get(name, otherwise);
  return make("label", {}, title, input);
};
const toggle = (name, title, change) => {
  const button = make("button", {text: title, "aria-pressed": String(chosen.get(name, false)),
    onclick: () => {
      chosen.set(name, !chosen.get(name, false));
      button.setAttribute("aria-pressed", String(chosen.get(name, false)));
      change();
    }});
  return button;
};
