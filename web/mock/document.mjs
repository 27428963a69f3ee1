// Holds the mock's answers against openapi.json, as the tests of the platform hold the platform's: every field that is sent is described, every
// field that is promised is sent. A mock that answers anything else answers 500, so that no page is built on what the platform does not say.
import { readFileSync } from 'node:fs';

const document = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'));
const shapes = document.components.schemas;
const resolve = (schema) => (schema.$ref ? shapes[schema.$ref.split('/').pop()] : schema);

/** Properties and required names of an object, those of all its parts together. */
function flat(schema) {
  const whole = resolve(schema);
  const parts = (whole.allOf ?? []).map(flat);
  return {
    properties: Object.assign({}, ...parts.map((part) => part.properties), whole.properties),
    required: [...parts.flatMap((part) => part.required), ...(whole.required ?? [])],
    closed: (whole.properties !== undefined || parts.length > 0) && whole.additionalProperties === undefined && parts.every((part) => part.closed),
  };
}

function kindOf(value) {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** What is wrong with the value, or nothing. A field that is undefined is not sent. */
function wrong(schema, value, at) {
  const one = resolve(schema);
  if (one.oneOf) {
    const all = one.oneOf.map((choice) => wrong(choice, value, at));
    return all.includes(undefined) ? undefined : all.join(' | ');
  }
  if (one.enum) return one.enum.includes(value) ? undefined : `${at}: ${JSON.stringify(value)} is none of ${one.enum}`;
  if (value === null) return `${at}: null`;
  const kind = kindOf(value);
  if (one.type && kind !== one.type && !(kind === 'integer' && one.type === 'number')) return `${at}: ${kind} where ${one.type} is promised`;
  if (kind === 'array') {
    for (const [i, item] of value.entries()) {
      const reason = one.items ? wrong(one.items, item, `${at}[${i}]`) : undefined;
      if (reason) return reason;
    }
  }
  if (kind === 'object') {
    const { properties, required, closed } = flat(one);
    for (const name of required) if (value[name] === undefined) return `${at}.${name} is promised and not sent`;
    for (const [name, field] of Object.entries(value)) {
      if (field === undefined) continue;
      if (!properties[name] && closed) return `${at}.${name} is sent and not described`;
      const reason = properties[name] ? wrong(properties[name], field, `${at}.${name}`) : undefined;
      if (reason) return reason;
    }
  }
  return undefined;
}

/** Throws where the answer is not what the platform's description of `method path` promises. */
export function hold(method, path, answer) {
  const operation = Object.entries(document.paths).find(([name, item]) => item[method.toLowerCase()] && new RegExp(`^/api/v1${path.replace(/:\w+/g, '\\{\\w+\\}')}$`).test(name))?.[1][method.toLowerCase()];
  if (!operation) throw new Error(`${method} ${path} is not in openapi.json`);
  const schema = operation.responses[200]?.content?.['application/json']?.schema;
  if (!schema !== (answer === undefined)) throw new Error(`${method} ${path}: ${schema ? 'an answer is promised' : 'no answer is promised'}`);
  const reason = schema ? wrong(schema, answer, '') : undefined;
  if (reason) throw new Error(`${method} ${path}: ${reason}`);
}
