// Every address that is read, asked by every role of the real binary, and its answers held against the description of the interface: what
// is sent is described, what is promised is sent, and nobody gets anything but an answer, 403 or 404.
import assert from 'node:assert/strict';
import { Visitor } from './http.mjs';
import { step } from './report.mjs';

const ROLES = ['supervisor', 'auditor', 'reviewer', 'expert', 'legal', 'director', 'rule_author', 'finance', 'institution', 'overseer', 'sysadmin', 'secadmin', 'auditadmin'];
/** The way out of and back from the identity provider, walked elsewhere. */
const NOT_HERE = ['/session/oidc', '/session/oidc/back'];
const REASON = encodeURIComponent('核对接口说明');

export default async function described(place) {
  const visitors = await Promise.all(ROLES.map((account) => Visitor.enter(place.url, account)));
  const of = (role) => visitors[ROLES.indexOf(role)];
  const document = await of('supervisor').read('/openapi.json');
  const ids = {};
  await step('取各类编号：线索、疑点、附件、机构、医师、参保人、规则、知识表、活动、导出、任务', async () => void Object.assign(ids, await named(of)), { needed: true });
  const paths = Object.entries(document.paths).filter(([path, verbs]) => verbs.get && !NOT_HERE.includes(path.replace('/api/v1', '')));
  await step(`接口说明里的 ${paths.length} 个读取地址，各角色都问一遍`, async () => {
    const wrong = [];
    let answers = 0;
    for (const [template, { get }] of paths) {
      const path = template.replace('/api/v1', '').replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(value(ids, template, name)));
      const asked = get.parameters?.some((one) => one.name === 'reason') ? `${path}?reason=${REASON}` : path;
      let good = 0;
      for (const visitor of visitors) {
        const answer = await visitor.get(asked);
        answers += 1;
        if (answer.status === 200) {
          good += 1;
          const schema = get.responses['200']?.content?.['application/json']?.schema;
          // A file that happens to be JSON is no body of fields.
          const why = schema && schema.type !== 'string' && fits(document, schema, answer.body, '');
          if (why) wrong.push(`${visitor.account} GET ${asked}: ${why}`);
        } else if (answer.status !== 403 && answer.status !== 404) {
          wrong.push(`${visitor.account} GET ${asked}: ${answer.status} ${answer.words}`);
        }
      }
      if (good === 0) wrong.push(`GET ${asked}: nobody is answered`);
    }
    assert.deepEqual(wrong, []);
    return `${answers} 次`;
  });
}

/** One thing of each kind that is there. */
async function named(of) {
  const head = of('supervisor');
  const ids = {};
  for (const { id, person, institution } of (await head.read('/leads?limit=200')).items) {
    const lead = await head.read(`/leads/${id}`);
    const doctor = lead.finding_list.find((finding) => finding.practitioner)?.practitioner.code;
    for (const [name, found] of Object.entries({ lead: id, finding: lead.finding_list[0].id, rule: lead.finding_list[0].rule.id, person: person?.no, institution: institution?.code, doctor })) ids[name] ??= found;
    if (Object.values(ids).every(Boolean) && Object.keys(ids).length === 6) break;
  }
  const form = new FormData();
  const { id: open } = (await head.read('/leads?limit=1&status=new')).items[0];
  form.set('file', new Blob(['%PDF-1.7 made up'], { type: 'application/pdf' }), '说明.pdf');
  ids.file = (await made(head, `/leads/${open}/attachments`, form)).id;
  ids.table = (await head.read('/knowledge')).items[0].table;
  const wanted = { kind: 'leads', form: 'csv', clear: true, filter: { q: ids.lead }, reason: '核对接口说明' };
  ids.export = (await made(head, '/exports', wanted)).id;
  await made(of('director'), `/exports/${ids.export}/approve`, { version: 1, reason: '同意，仅限核对' });
  const due = { title: '接口说明核对', text: '请自查', rules: [ids.rule], due_day: '2099-12-31', institutions: [ids.institution] };
  const campaign = await made(head, '/campaigns', due);
  ids.campaign = (await made(head, `/campaigns/${campaign.id}/publish`, { version: campaign.version })).id;
  ids.job = (await made(head, '/jobs', { kind: 'update_leads' })).id;
  for (const [name, id] of Object.entries(ids)) assert.ok(id, `no ${name} to ask for`);
  return ids;
}

async function made(who, path, body) {
  const answer = await who.post(path, body);
  assert.equal(answer.status, 200, `${path}: ${answer.words}`);
  return answer.body;
}

/** What a part of an address is filled with. */
function value(ids, template, name) {
  if (name === 'table') return ids.table;
  const kinds = [
    ['/campaigns/{id}', { id: ids.campaign, code: ids.institution }],
    ['/attachments', { id: ids.file }],
    ['/doctors', { code: ids.doctor }],
    ['/institutions', { code: ids.institution }],
    ['/persons', { code: ids.person }],
    ['/exports', { id: ids.export }],
    ['/findings', { id: ids.finding }],
    ['/leads', { id: ids.lead }],
    ['/rules', { id: ids.rule }],
    ['/jobs', { id: ids.job }],
  ];
  const found = kinds.find(([begin]) => template.startsWith(`/api/v1${begin}`))?.[1][name];
  assert.ok(found, `nothing to fill {${name}} of ${template} with: name it here`);
  return found;
}

/** Why a value is not of the shape that is promised; nothing where it is. */
function fits(document, schema, value, at) {
  if (schema.$ref) return fits(document, component(document, schema.$ref), value, at);
  const any = schema.oneOf ?? schema.anyOf;
  if (any) {
    const wrong = any.map((one) => fits(document, one, value, at));
    return wrong.every(Boolean) ? wrong.join(' | ') : undefined;
  }
  if (schema.enum) return schema.enum.includes(value) ? undefined : `${at}: ${JSON.stringify(value)} is none of ${schema.enum}`;
  const kinds = [schema.type ?? (schema.allOf ? 'object' : [])].flat();
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
  if (kinds.length > 0 && !kinds.includes(kind) && !(kind === 'integer' && kinds.includes('number'))) return `${at}: ${kind} where ${kinds} is promised`;
  if (kind === 'array') return value.map((one, i) => fits(document, schema.items ?? {}, one, `${at}[${i}]`)).find(Boolean);
  if (kind !== 'object' || !(schema.properties || schema.allOf)) return undefined;
  const { properties, required, open } = flat(document, schema);
  const lacks = required.find((name) => !(name in value));
  if (lacks) return `${at}.${lacks} is promised and not sent`;
  for (const [name, field] of Object.entries(value)) {
    if (properties[name]) {
      const why = fits(document, properties[name], field, `${at}.${name}`);
      if (why) return why;
    } else if (!open) return `${at}.${name} is sent and not described`;
  }
  return undefined;
}

function component(document, ref) {
  return document.components.schemas[ref.split('/').at(-1)];
}

/** Properties and required names of an object, those of all its parts together. */
function flat(document, schema) {
  if (schema.$ref) return flat(document, component(document, schema.$ref));
  const parts = (schema.allOf ?? []).map((part) => flat(document, part));
  return {
    properties: Object.assign({}, ...parts.map((part) => part.properties), schema.properties),
    required: [...parts.flatMap((part) => part.required), ...(schema.required ?? [])],
    open: parts.some((part) => part.open) || typeof schema.additionalProperties === 'object',
  };
}
