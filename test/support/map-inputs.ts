/**
 * Inputs of a resource with some values in place of others.
 *
 * @param visit gives what stands for a value, by its path as Pulumi writes it; `undefined` goes on into it.
 */
export function mapInputs(value: unknown, visit: (value: unknown, path: string) => unknown, path = ''): unknown {
  const found = visit(value, path);
  if (found !== undefined) return found;
  if (Array.isArray(value)) return value.map((inner, index) => mapInputs(inner, visit, `${path}[${index}]`));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      mapInputs(inner, visit, path === '' ? name : `${path}.${name}`),
    ]),
  );
}
