/**
 * Names a visit by where it stands: `2:1043` for line 1043 of the second file, `1[3]` for the fourth item of a list, `1:12#2` for the second
 * visit of a record, `#7` for the seventh of rows that all files tell together. The name of a file is left out: it may say who it is about.
 */
export function createRefs(files: readonly string[]): (place: string, index: number, visits: number) => string {
  const byLength = files.map((name, index) => ({ name, number: index + 1 })).toSorted((a, b) => b.name.length - a.name.length);
  return (place, index, visits) => {
    const file = byLength.find(({ name }) => place.startsWith(name) && /^(?:$|[:[])/.test(place.slice(name.length)));
    const where = file === undefined ? '' : `${file.number}${place.slice(file.name.length)}`;
    return visits > 1 || where === '' ? `${where}#${index + 1}` : where;
  };
}
