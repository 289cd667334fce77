// What pages do beyond forms and links; without it everything still works, with one page more.
(() => {
  const root = document.documentElement;

  // Moments on the viewer's clock: the cookie tells the server, what it did not know is rewritten.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const local = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" });
  const tellTime = (part) => {
    if (zone === root.dataset.zone) return;
    for (const each of part.querySelectorAll("time[datetime]")) {
      each.textContent = local.format(new Date(each.dateTime));
    }
  };
  if (zone !== root.dataset.zone) {
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `relaybook-zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
  }
  tellTime(document);

  // Where nothing comes back, the page says so and stays as it is.
  document.addEventListener("htmx:error", () => {
    const place = document.getElementById("refusal");
    const told = document.createElement("div");
    told.className = "alert alert-danger";
    told.setAttribute("role", "alert");
    told.textContent = place.dataset.away;
    place.replaceChildren(told);
    told.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("htmx:before:request", () => {
    document.getElementById("refusal").replaceChildren();
  });

  // A page that is put in place of another one keeps what was typed into fields for secrets: the
  // server never sends it back.
  let secrets = new Map();
  const fields = () => document.querySelectorAll("input[type=password][id]");
  document.addEventListener("htmx:before:swap", () => {
    secrets = new Map([...fields()].filter((one) => one.value).map((one) => [one.id, one.value]));
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const field of fields()) {
      if (!field.value && secrets.has(field.id)) field.value = secrets.get(field.id);
    }
    tellTime(document);
    const focused = document.querySelector("[data-focus]");
    if (focused) {
      focused.removeAttribute("data-focus");
      focused.focus({ preventScroll: true });
      focused.scrollIntoView({ block: "start" });
    }
  });
})();
