/** 统筹区 and 区划 by name: as the region's settings name them (`region_names` of /me). */

/** `330900` is the whole of `3309`: pairs of noughts at the end name nothing more. */
function short(code: string): string {
  return code.replace(/(00)+$/, '');
}

/** The name of a code; of a place inside a named region that region with the code; a code nobody named as it is. */
export function regionName(code: string, names: Record<string, string> | undefined): string {
  const around = Object.entries(names ?? {})
    .map(([key, name]) => ({ key: short(key), name }))
    .filter(({ key }) => key !== '' && short(code).startsWith(key))
    .sort((a, b) => b.key.length - a.key.length)[0];
  if (!around) return code;
  return around.key === short(code) ? around.name : `${around.name} ${code}`;
}
