// Rule pages and knowledge tables of the mock: a few rows of the shape the real ones have.
import { rules } from './data.mjs';

export function library(rule) {
  const logic = 'for lines where service\nper visit, item, day\nhit when sum(count) > point.per_day\namount price over point.per_day\nsay "“{item}”{day} 计 {sum(count)} 次，限 {point.per_day} 次"';
  const misfires = '- 双侧、多部位治疗按部位计数的，核对病程与部位后申辩。\n- 转科当日可各计半日。\n- 医院晚录的，以发生日为准。';
  return {
    plain: `${rule.plain}\n只算超出的部分；已经列入“超限价自费”的部分由个人付了，不重复算。`, logic, misfires,
    past: [{ at: '2026-04-15 02:30', version: 3, findings: 128, violations: 96, amount_fen: 5231800, current: true }, { at: '2026-03-15 02:31', version: 2, findings: 240, violations: 96, amount_fen: 9120000, current: false }, { at: '2026-02-15 02:29', version: 1, findings: 0, violations: 0, amount_fen: 0, current: false, not_run: '没有知识表 item_frequency' }],
    markdown: `+++\nid = "${rule.id}"\nversion = 3\nstatus = "live"\nresult = "${rule.verdict}"\nclass = "${rule.class}"\n+++\n# ${rule.title}\n${rule.plain}\n\n\`\`\`rule\n${logic}\n\`\`\`\n## 误报与申辩\n${misfires}\n`,
    params: [{ name: 'tolerance', value: '0.005', text: '单价容差（元）' }], basis: [rule.basis, '《临溪市医疗服务项目价格目录（2025 年版）》'],
    knowledge: rule.table ? [{ table: rule.table, title: knowledgeTables.find((one) => one.table === rule.table)?.title ?? rule.table, points: 312 }] : [],
    examples: [
      { title: '同日 6 次，限 2 次，超 4 次', hits: true, columns: ['item', 'fee_ocur_time', 'cnt', 'pric', 'expect'], rows: [['340100022000000', '2026-04-02 09:10', '6', '45.00', '180.00']] },
      { title: '两天各 2 次', hits: false, columns: ['item', 'fee_ocur_time', 'cnt', 'pric'], rows: [['340100022000000', '2026-04-02 09:10', '2', '45.00'], ['340100022000000', '2026-04-03 09:20', '2', '45.00']] },
    ],
  };
}

const ORIGIN = '国家医疗保障局公开的智能监管规则库、知识库知识点：第八批（2026-01-06）';
const table = (name, title, columns, row, count) => ({ table: name, title, origin: ORIGIN, points: count, rules: rules.filter((one) => one.table === name).map((one) => one.id), columns, rows: Array.from({ length: count }, (_, i) => row(i)) });

export const knowledgeTables = [
  table('item_frequency', '医疗服务项目限定频次', ['point', 'name', 'codes', 'per_day', 'unit', 'basis'], (i) => [`08-1-${String(i + 1).padStart(3, '0')}`, ['中频脉冲电治疗', '门急诊留观诊查费', '红外线治疗', '静脉输液'][i % 4], `3401000${String(22 + i).padStart(2, '0')}000000`, String(1 + (i % 3)), ['每部位', '日', '次'][i % 3], `一日内数量不超过 ${1 + (i % 3)}`], 312),
  table('item_pairs', '重复收费项目对', ['point', 'main', 'part', 'basis'], (i) => [`05-2-${String(i + 1).padStart(3, '0')}`, `主项 ${i + 1}`, `从项 ${i + 1}`, '项目内涵已包含'], 186),
  table('drug_sex', '药品限性别', ['point', 'name', 'codes', 'sex'], (i) => [`03-1-${String(i + 1).padStart(3, '0')}`, ['非那雄胺片', '炔诺酮片'][i % 2], `XG04C${String(i).padStart(10, '0')}`, ['男', '女'][i % 2]], 48),
  table('drug_level', '药品限医疗机构等级', ['point', 'name', 'codes', 'level'], (i) => [`03-4-${String(i + 1).padStart(3, '0')}`, `药品 ${i + 1}`, `XA0${String(i).padStart(10, '0')}`, '二级及以上'], 95),
  table('low_severity_dx', '可门诊处理的诊断', ['point', 'name', 'codes'], (i) => [`11-1-${String(i + 1).padStart(3, '0')}`, `诊断 ${i + 1}`, `M${i}`], 60),
  table('material_services', '耗材与操作对应', ['point', 'material', 'services', 'basis'], (i) => [`09-3-${String(i + 1).padStart(3, '0')}`, `耗材 ${i + 1}`, `操作 ${i + 1}`, '说明书用途'], 77),
  table('herb_conflicts', '中药饮片配伍禁忌', ['point', 'first', 'second', 'basis'], (i) => [`04-1-${String(i + 1).padStart(3, '0')}`, ['甘草', '乌头', '藜芦'][i % 3], ['海藻', '半夏', '人参'][i % 3], '十八反'], 54),
];
