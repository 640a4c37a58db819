// Puts new alerts on top of the list as they come. Without it the page shows what was there.
"use strict";

const list = document.getElementById("alerts");
const live = document.getElementById("live");
const form = document.getElementById("alert");
const shown = new Set(Array.from(list.children, (each) => each.dataset.alert));

// Everything in an alert is foreign text: it becomes text, never markup.
function put(row, selector, text) {
  const place = row.querySelector(selector);
  if (text) place.textContent = text;
  else place.remove();
}

function webAddress(text) {
  try {
    const url = new URL(text);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function rowOf(alert) {
  const content = alert.content ?? { reasons: [] };
  const row = form.content.firstElementChild.cloneNode(true);
  const source = content.publisher || content.source_id || "an unknown source";
  const title = content.title || `an article of ${source}`;
  const address = webAddress(content.url);
  row.dataset.alert = alert.alert_id;
  put(row, ".kind", alert.trigger === "match" ? "" : alert.trigger.replaceAll("_", " "));
  put(row, ".link", address ? title : "");
  put(row, ".title", address ? "" : title);
  if (address) row.querySelector(".link").href = address;
  put(row, "time", new Date(alert.created_at).toUTCString());
  row.querySelector("time").dateTime = alert.created_at;
  row.querySelector(".more").href = `/alerts/${encodeURIComponent(alert.alert_id)}`;
  put(row, ".watch", content.watch_name || alert.watch_id);
  row.querySelector(".watch").href = `/alerts?watch=${encodeURIComponent(alert.watch_id)}`;
  put(row, ".source", source);
  put(row, ".note", content.note);
  put(row, "blockquote", content.sentence);
  put(row, ".withheld", content.withheld_reason && `Text withheld by its licence: ${content.withheld_reason}`);
  put(row, ".rights", content.attribution_text);
  put(row, ".why", content.reasons.length ? `Why: ${content.reasons.join("; ")}` : "");
  return row;
}

function follow() {
  const query = new URLSearchParams({ since: list.dataset.since });
  if (list.dataset.watch) query.set("watch", list.dataset.watch);
  const source = new EventSource(`/v1/alerts/stream?${query}`);
  let count = 0;
  source.addEventListener("alert", (event) => {
    if (shown.has(event.lastEventId)) return;
    shown.add(event.lastEventId);
    list.prepend(rowOf(JSON.parse(event.data)));
    document.getElementById("none")?.remove();
    count += 1;
    live.textContent = count === 1 ? "1 new alert" : `${count} new alerts`;
  });
  source.addEventListener("reload", () => {
    live.textContent = "Many alerts were missed: reload the page to see the latest.";
  });
}

if ("live" in list.dataset) follow();
