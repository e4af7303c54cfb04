// SPDX-License-Identifier: MIT
// Several runs side by side: figures, the options in which they differ, curves over one another.

const difference = runs => {
  const names = [...new Set(runs.flatMap(run => (run.options || []).map(([name]) => name)))];
  const value = (run, name) => ((run.options || []).find(([n]) => n === name) || [])[1] ?? "–";
  return names.map(name => [name, runs.map(run => value(run, name))])
    .filter(([, values]) => values.some(v => v !== values[0]));
};

const swatch = i => make("span", {class: "swatch", style: `background: var(--run${i % 10})`});

const standings = runs => {
  const names = [...new Set(runs.flatMap(run => namesOf(run.epochs)))];
  const columns = [];
  for (const name of names) {
    const more = name !== "loss" && !runs.some(run => (run.minimized || []).includes(name));
    columns.push({title: "best validation " + spoken(name), name, more,
      value: run => (best_of(run, name) || {}).value});
    columns.push({title: "final train " + spoken(name), name, more,
      value: run => (run.epochs[run.epochs.length - 1] || {})["train_" + name]});
    columns.push({title: "test " + spoken(name), name, more, value: run => (run.test || {})[name]});
  }
  const shown = columns.filter(c => runs.some(run => known(c.value(run))));
  const rows = runs.map((run, i) => make("tr", {"data-run": run.name},
    make("td", {}, swatch(i), run.name), make("td", {text: run.status}),
    shown.map(c => {
      const all = runs.map(c.value).filter(known), value = c.value(run);
      const best = all.length > 1 && value === (c.more ? Math.max(...all) : Math.min(...all));
      return cell(c.name, value, best);
    }),
    make("td", {text: run.epochs.length}), make("td", {text: duration(run.time_s)}),
    make("td", {text: known(run.parameters) ? grouped(run.parameters) : "–"})));
  return card("standings", "Figures", make("div", {class: "scroll"}, make("table", {class: "number wide"},
    make("thead", {}, make("tr", {}, ["run", "state", ...shown.map(c => c.title), "epochs", "time", "parameters"]
      .map(t => make("th", {text: t})))), make("tbody", {}, rows))));
};

const differences = runs => {
  const rows = difference(runs);
  return card("options", "Options that differ", rows.length === 0
    ? make("p", {class: "soft", text: "None: these runs were given the same."})
    : make("div", {class: "scroll"}, make("table", {class: "wide"},
      make("thead", {}, make("tr", {}, make("th", {text: "option"}), runs.map((run, i) =>
        make("th", {}, swatch(i), run.name)))),
      make("tbody", {}, rows.map(([name, values]) => make("tr", {"data-option": name},
        make("th", {text: name}), values.map(v => make("td", {text: v}))))))));
};

const overlaid = (runs, draws) => {
  const names = [...new Set(runs.flatMap(run => namesOf(run.epochs)))];
  const sections = [], byTime = () => chosen.get("time", false);
  for (const name of names) for (const part of ["validation", "train"]) {
    const key = part + "_" + name;
    const has = runs.map((run, i) => [run, i]).filter(([run]) => run.epochs.some(e => known(e[key])));
    if (has.length === 0) continue;
    const holder = make("div", {class: "chart", "data-chart": key});
    const drawing = () => {
      let time = 0;
      const series = has.map(([run, i]) => {
        time = 0;
        return {name: run.name, colour: "run" + i % 10, dots: true, dash: i >= 10,
          x: run.epochs.map((e, n) => byTime() ? (time += e.time_s || 0) : n + 1),
          y: run.epochs.map(e => known(e[key]) ? e[key] : null)};
      });
      const before = redraws.length;
      lines(holder, series, {share: isShare(name), sync: byTime() ? "time" : "epochs",
        x: byTime() ? "time" : "epoch", log: () => name === "loss" && chosen.get("log", false)})();
      redraws.length = before;  // this drawing makes a new one each time
    };
    redraws.push(drawing);
    draws.push(drawing);
    sections.push(card("curve-" + key, titled(key), holder));
  }
  return sections;
};

const comparePage = (runs, draws) => {
  document.title = runs.length + " runs";
  const curves = overlaid(runs, draws);
  return [
    make("h1", {text: runs.length + " runs side by side"}),
    make("p", {class: "summary", text: runs.map(run => run.title).filter((t, i, all) => all.indexOf(t) === i).join(" · ")}),
    standings(runs), differences(runs),
    curves.length > 0 && make("div", {class: "tools", style: "margin-top: 18px"},
      toggle("time", "by time", redraw), toggle("log", "log scale", redraw)),
    make("div", {class: "columns", id: "curves"}, curves)];
};
