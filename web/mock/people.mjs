// Made-up people of a made-up bureau. The password of every account is `demo`.

import { ACTS } from './rights.mjs';

export const ROLE_TITLES = {
  auditor: '稽核员', reviewer: '复审员', expert: '合议专家', supervisor: '基金监管科长', legal: '法制审核', director: '局领导', rule_author: '规则管理员',
  finance: '财务', institution: '机构医保办', outside: '第三方', overseer: '纪检审计', sysadmin: '系统管理员', secadmin: '安全管理员', auditadmin: '审计管理员',
};

const row = (account, name, roles, more = {}) => ({
  account, name, roles, region: '330900', institutions: [], state: 'active', totp: false, linked: false, version: 1, last_login: '2026-04-14 08:31:00', ...more,
});

export const users = [
  row('chen', '陈晓岚', ['auditor']),
  row('lu', '陆一鸣', ['auditor'], { linked: true }),
  row('he', '何思源', ['auditor']),
  row('zhou', '周立', ['reviewer'], { totp: true }),
  row('sun', '孙明远', ['supervisor']),
  row('fang', '方琴', ['expert']),
  row('gu', '顾远山', ['expert']),
  row('tan', '谭静宜', ['expert'], { expires: '2026-12-31' }),
  row('cai', '蔡文', ['finance']),
  row('lin', '林局', ['director'], { region: '3309' }),
  row('luo', '罗法', ['legal']),
  row('ou', '欧阳清', ['outside']),
  row('renji', '赵敏', ['institution'], { institutions: ['H33090200101'] }),
  row('hean', '钱进', ['institution'], { institutions: ['H33090200115'] }),
  row('ji', '季正', ['overseer'], { region: '' }),
  row('xi', '席工', ['sysadmin'], { region: '' }),
  row('an', '安宁', ['secadmin'], { region: '', totp: true }),
  row('shen', '沈鉴', ['auditadmin'], { region: '' }),
  row('wang', '王编', ['rule_author'], { region: '' }),
  row('xin', '辛然', ['auditor'], { must_change: true, last_login: undefined }),
  row('suo', '锁文', ['auditor'], { state: 'locked' }),
  row('old', '旧人', ['auditor'], { state: 'disabled', last_login: '2025-09-02 17:20:00' }),
];

export function rights(user) {
  return [...ACTS.filter((act) => act.roles.some((role) => user.roles.includes(role))).map((act) => act.id), 'self'];
}

export function titles(user) {
  return user.roles.map((role) => ROLE_TITLES[role]);
}

export function named(account) {
  const user = users.find((one) => one.account === account);
  return { account, name: user?.name ?? account };
}
