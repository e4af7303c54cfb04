// SPDX-License-Identifier: MIT
// Puts the page together, and keeps it up to date while a run goes on.

const content = JSON.parse(document.getElementById("runs").textContent);
const places = {curves: "Curves", steps: "Steps", standings: "Figures", confusion: "Confusion",
  predictions: "Predictions", filters: "Filters", tensors: "Tensors", resources: "Time and memory", kernels: "Kernels",
  facts: "Facts", options: "Options", model: "Model", epochs: "Epochs"};

// A page of a run that goes on loads itself again: it works from a file, where nothing can be
// fetched. What the reader has opened, chosen and scrolled to stays.
const watch = () => {
  const running = content.runs.filter(run => run.status === "running");
  if (running.length === 0 || !(content.refresh_s > 0)) return null;
  const updated = Math.max(...running.map(run => run.updated_s));
  const label = make("small", {});
  const since = () => Date.now() / 1000 - updated;
  const say = () => { label.textContent = "written " + ago(since()); };
  say();
  setInterval(say, 1000);
  // A run that was killed says nothing more: look less often.
  const wait = since() > 600 ? 60 : content.refresh_s;
  let held = false;
  addEventListener("pointerdown", () => { held = true; });
  addEventListener("pointerup", () => { held = false; });
  setInterval(() => {
    if (!chosen.get("watch", true) || held || document.hidden || String(getSelection())) return;
    chosen.set("scroll", scrollY);
    location.reload();
  }, 1000 * wait);
  if (chosen.get("watch") === undefined) chosen.set("watch", true);
  return [label, toggle("watch", "follow", () => {})];
};

(() => {
  const draws = [];
  setTheme(chosen.get("theme", "auto"));
  const live = watch();
  const parts = content.runs.length === 1 ? runPage(content.runs[0], draws) : comparePage(content.runs, draws);
  const shown = parts.flat().filter(Boolean);
  const links = Object.entries(places).filter(([id]) => shown.some(e => e.id === id))
    .map(([id, text]) => make("a", {href: "#" + id, text}));
  document.body.append(make("main", {}, make("div", {class: "bar"}, make("nav", {}, links), live || [], themeButton()),
    shown, make("footer", {text: "Made by ingot. Charts: uPlot. Drag in a chart to look closer, double-click to go back."})));
  for (const details of document.querySelectorAll("details[data-keep]")) {
    details.open = chosen.get("open." + details.dataset.keep, false);
    details.addEventListener("toggle", () => chosen.set("open." + details.dataset.keep, details.open));
  }
  draws.forEach(draw => draw());
  if (chosen.get("scroll") !== undefined) scrollTo(0, chosen.get("scroll"));
  chosen.set("scroll", undefined);
  document.documentElement.dataset.ready = draws.length;
  document.documentElement.dataset.loaded = performance.getEntriesByType("navigation")[0].type;

  // For tests: how many pixels of each drawing are not empty.
  if (location.hash === "#ink") requestAnimationFrame(() => {
    for (const canvas of document.querySelectorAll("canvas")) {
      const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let ink = 0;
      for (let i = 3; i < data.length; i += 4) ink += data[i] > 0;
      canvas.dataset.ink = ink;
    }
  });
})();
