// The form of a setting: the port follows the security unless it was typed, and rows are added in
// place. Without script the server does both.
(() => {
  const numberedCopy = (row, place) => {
    const copy = row.cloneNode(true);
    copy.querySelectorAll(".field-error").forEach((one) => one.remove());
    const [name, value] = copy.querySelectorAll("input");
    for (const input of [name, value]) {
      for (const each of ["aria-invalid", "aria-describedby", "placeholder", "value"]) input.removeAttribute(each);
      input.classList.remove("is-wrong");
      input.value = "";
      input.ariaLabel = input.ariaLabel.replace(/\d+/, String(place + 1));
    }
    name.id = `property-${place}`;
    value.id = `property-${place}-value`;
    value.type = "text";
    return copy;
  };

  const addRow = () => {
    const rows = document.querySelectorAll("[data-property]");
    const last = rows[rows.length - 1];
    const empty = [...last.querySelectorAll("input")].every((input) => !input.value);
    if (!empty) last.after(numberedCopy(last, rows.length));
    const target = empty ? last : last.nextElementSibling;
    target.querySelector("input").focus();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("#setting-form button[name=do][value=row]");
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    addRow();
  }, true);

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.id === "port") field.dataset.typed = "yes";
    if (field.name === "property.name") {
      const value = document.getElementById(`${field.id}-value`);
      value.type = /password$/i.test(field.value) ? "password" : "text";
    }
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("#setting-form");
    if (!form || event.target.name !== "security") return;
    const ports = JSON.parse(form.dataset.ports);
    const port = form.elements.port;
    port.placeholder = ports[event.target.value];
    const follows = !port.dataset.typed && Object.values(ports).map(String).includes(port.value);
    if (follows) port.value = ports[event.target.value];
  }, true);
})();
