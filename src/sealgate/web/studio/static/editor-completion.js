// Members and values of the connector's JSON schema, proposed at the place of the cursor.
import { EditorState, syntaxTree } from "./vendor/codemirror.js";

/** The schemas that a schema stands for: references followed, alternatives side by side. */
function* alternatives(root, schema) {
  if (!schema) return;
  if (schema.$ref) return yield* alternatives(root, root.$defs[schema.$ref.split("/").at(-1)]);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) for (const choice of choices) yield* alternatives(root, choice);
  else yield schema;
}

const textOf = (state, node) => state.sliceDoc(node.from, node.to);
const nameOf = (state, property) => JSON.parse(textOf(state, property.firstChild));

/** Names and `[]` from the document to the object or value that a node stands in. */
function pathOf(state, node) {
  const path = [];
  for (let at = node; at; at = at.parent) {
    if (at.name === "Property" && at !== node) path.unshift(nameOf(state, at));
    if (at.name === "Array" && at !== node) path.unshift("[]");
  }
  return path;
}

/** The `type` that stands in the object which a node is in, for alternatives that differ by it. */
function typeAround(state, node) {
  for (let at = node; at; at = at.parent) {
    const found = at.name === "Object" && /"type"\s*:\s*"(\w+)"/.exec(textOf(state, at));
    if (found) return found[1];
  }
  return null;
}

function schemasAt(root, path, type) {
  let schemas = [...alternatives(root, { anyOf: [root.$defs.Connector, root.$defs.Composite] })];
  for (const name of path) {
    schemas = schemas.flatMap((schema) => [...alternatives(root, name === "[]" ? schema.items : schema.properties?.[name])]);
    const typed = schemas.filter((schema) => schema.properties?.type?.const === type);
    if (typed.length) schemas = typed;
  }
  return schemas;
}

function unique(options) {
  return [...new Map(options.map((option) => [option.label, option])).values()];
}

/** Writes `"label"` and what follows it over what was typed, with its quotes or without; the cursor ends inside. */
function quoted(label, after) {
  return (view, _, typedFrom, typedTo) => {
    const { doc } = view.state;
    const from = doc.sliceString(typedFrom - 1, typedFrom) === '"' ? typedFrom - 1 : typedFrom;
    const to = doc.sliceString(typedTo, typedTo + 1) === '"' ? typedTo + 1 : typedTo;
    const rest = /^\s*:/.test(doc.sliceString(to, to + 20)) ? "" : after;
    const insert = JSON.stringify(label) + rest;
    const inside = /["\]}]$/.test(rest) ? 1 : 0;
    view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length - inside }, userEvent: "input.complete" });
  };
}

const EMPTY = { string: ': ""', array: ": []", object: ": {}" };

function members(schemas) {
  return unique(schemas.flatMap((schema) => Object.entries(schema.properties ?? {}).map(([name, { description, type }]) => ({
    label: name,
    info: description,
    type: "property",
    apply: quoted(name, EMPTY[type] ?? ": "),
  }))));
}

function values(schemas) {
  const known = schemas.flatMap((schema) => schema.enum ?? schema.examples ?? (schema.const ? [schema.const] : []));
  return unique(known.map((value) => ({ label: value, type: "enum", apply: quoted(value, "") })));
}

/** An extension of an editor of the language JSON. */
export function memberCompletion(root) {
  function complete(context) {
    const { state, pos } = context;
    const word = context.matchBefore(/"?[\w-]*/);
    const node = syntaxTree(state).resolveInner(pos, -1);
    const type = typeAround(state, node);
    const from = word.text.startsWith('"') ? word.from + 1 : word.from;
    const before = state.sliceDoc(0, word.from).trimEnd().at(-1);
    if (before === ":") {
      const property = node.name === "Property" ? node : node.parent?.name === "Property" ? node.parent : null;
      if (!property) return null;
      const path = [...pathOf(state, property), nameOf(state, property)];
      const schemas = path.at(-1) === "type" ? schemasAt(root, path, null) : schemasAt(root, path, type);
      return { from, options: values(schemas) };
    }
    if (!["{", ","].includes(before) || (!context.explicit && word.from === word.to)) return null;
    let object = node;
    while (object && !["Object", "Array"].includes(object.name)) object = object.parent;
    if (object?.name !== "Object") return null;
    return { from, options: members(schemasAt(root, pathOf(state, object), type)) };
  }
  return EditorState.languageData.of(() => [{ autocomplete: complete }]);
}
