"use strict";
// The API's own description, as a table, and one operation to try.

const $ = (id) => document.getElementById(id);

function field(name, about) {
  const line = document.createElement("p");
  const label = Object.assign(document.createElement("label"), { htmlFor: `option-${name}`, textContent: name });
  const input = document.createElement(about.enum ? "select" : "input");
  if (about.enum) input.append(new Option("", ""), ...about.enum.map((value) => new Option(value)));
  Object.assign(input, { id: `option-${name}`, name, title: about.description ?? "" });
  line.append(label, input);
  return line;
}

$("try").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new FormData();
  for (const [key, value] of new FormData($("try"))) if (value !== "") body.append(key, value);
  $("answer").textContent = "reading ...";
  const reply = await fetch("/api/read", { method: "POST", body });
  $("answer").textContent = `${reply.status}\n${JSON.stringify(await reply.json(), null, 2)}`;
});

(async () => {
  const told = await (await fetch("/api/openapi.json")).json();
  const options = told.paths["/api/read"].post.requestBody.content["multipart/form-data"].schema.properties;
  $("options").append(...Object.entries(options).filter(([name]) => name !== "file").map(([name, about]) => field(name, about)));
  for (const [path, methods] of Object.entries(told.paths)) {
    for (const [method, about] of Object.entries(methods)) {
      if (!about.summary) continue;
      const line = document.createElement("tr");
      line.append(...[method.toUpperCase(), path, about.summary].map((text) => Object.assign(document.createElement("td"), { textContent: text })));
      $("operations").append(line);
    }
  }
})();
